import type { ConclaveClient } from '../../../libs/client/src/index.ts';
import { PreviewClient } from './preview-client.ts';

/** Development only: the `preview` build puts this in the place of the real core, to look at the screens. `?state=` and `?link=` choose what is shown. */
export function createClient(): ConclaveClient {
  return new PreviewClient(new URLSearchParams(location.search));
}
