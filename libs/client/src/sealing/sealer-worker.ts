import { openIdbStore } from '../storage/idb-store.ts';
import { MlsSealer } from './mls-sealer.ts';
import { answerCalls, sendError, type OpenMessage, type Port } from './sealer-calls.ts';

/*
 * Entry of the sealer's worker: keys and plaintext of the groups are worked on here, beside the page. The first message names the database
 * and the owner's term; the worker joins it, so that it is fenced with the page that started it.
 */
const page = globalThis as unknown as Port;

globalThis.addEventListener('message', ({ data }: MessageEvent<OpenMessage>) => void open(data), { once: true });

async function open({ open: { name, term } }: OpenMessage): Promise<void> {
  try {
    answerCalls(page, new MlsSealer(await openIdbStore(name, term)));
    page.postMessage({ opened: true });
  } catch (error) {
    page.postMessage({ opened: false, error: sendError(error) });
  }
}
