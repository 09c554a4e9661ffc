import type { ConclaveClient } from '../../../libs/client/src/views.ts';

export function createClient(): ConclaveClient {
  throw new Error('The client core is not part of this build yet.');
}
