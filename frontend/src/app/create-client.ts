import { browserPlatform, createConclave, type ConclaveClient } from '../../../libs/client/src/index.ts';

/** The client core on this browser. Only the bundler knows where the sealer's worker is. */
export function createClient(): ConclaveClient {
  return createConclave(browserPlatform({ startSealer }));
}

function startSealer(): Worker {
  return new Worker(new URL('./sealer.worker', import.meta.url), { type: 'module' });
}
