import { openIdbStore } from '../storage/idb-store.ts';
import { MlsSealer } from './mls-sealer.ts';
import { answerCalls, sendError, type OpenedMessage, type OpenMessage, type Port } from './sealer-calls.ts';

/*
 * Entry of the sealer's worker: keys and plaintext of the groups are worked on here, beside the page. The first message names the database
 * and the owner's term; the worker joins it, so that it is fenced with the page that started it.
 */
const page = globalThis as unknown as Port;

globalThis.addEventListener('message', ({ data }: MessageEvent<OpenMessage>) => void open(data), { once: true });

async function open({ open: { name, term, key } }: OpenMessage): Promise<void> {
  try {
    answerCalls(page, new MlsSealer(await openIdbStore(name, term, key)));
    tell({ opened: true });
  } catch (error) {
    tell({ opened: false, error: sendError(error) });
  }
}

function tell(message: OpenedMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- between threads there is no origin
  page.postMessage(message);
}
