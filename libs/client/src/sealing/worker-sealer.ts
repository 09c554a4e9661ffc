import {
  methods,
  receiveError,
  type Answer,
  type Call,
  type Method,
  type OpenedMessage,
  type OpenMessage,
  type Port,
} from './sealer-calls.ts';
import type { Sealer } from './sealer.ts';

/** Calls that may wait for the worker at once; a caller that asks for more has lost count. */
const WAITING = 1000;
const OPEN_MS = 20_000;

export type RemoteSealer = Sealer & {
  /** Ends the other side; calls that wait are refused. */
  close(): void;
};

/** As much of a Worker as starting one needs. */
export type WorkerLike = Port & {
  addEventListener(type: 'error' | 'messageerror', listener: (event: Event) => void): void;
  terminate(): void;
};

/** Starts the sealer in a worker on the database of this name and owner's term. Throws StoreError when it cannot be opened. */
export async function openWorkerSealer(worker: WorkerLike, place: OpenMessage['open']): Promise<RemoteSealer> {
  try {
    await opened(worker, place);
  } catch (error) {
    worker.terminate();
    throw error;
  }
  const remote = sealerOver(worker, () => worker.terminate());
  for (const type of ['error', 'messageerror'] as const) worker.addEventListener(type, () => remote.close());
  return remote;
}

function opened(worker: WorkerLike, open: OpenMessage['open']): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the sealer’s worker does not answer')), OPEN_MS);
    const settle = (then: () => void) => {
      clearTimeout(late);
      then();
    };
    worker.addEventListener('message', ({ data }: MessageEvent<OpenedMessage | Answer>) => {
      if (!('opened' in data)) return;
      settle(data.opened ? resolve : () => reject(receiveError(data.error)));
    });
    for (const type of ['error', 'messageerror'] as const)
      worker.addEventListener(type, () => settle(() => reject(new Error('the sealer’s worker could not be started'))));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- between threads there is no origin
    worker.postMessage({ open } satisfies OpenMessage);
  });
}

type Waiting = { resolve: (value: unknown) => void; reject: (error: Error) => void };

/** A Sealer whose calls go through a port to `answerCalls` on the other side. */
export function sealerOver(port: Port, end: () => void): RemoteSealer {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let closed = false;
  port.addEventListener('message', ({ data }: MessageEvent<Answer | OpenedMessage>) => {
    if (!('id' in data)) return;
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if ('error' in data) call?.reject(receiveError(data.error));
    else call?.resolve(data.value);
  });
  const call = (method: Method, args: unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      if (closed) throw new Error('the sealer has ended');
      if (waiting.size >= WAITING) throw new Error('too many calls wait for the sealer');
      const message: Call = { id: ++last, method, args };
      port.postMessage(message);
      waiting.set(message.id, { resolve, reject });
    });
  const close = () => {
    closed = true;
    for (const { reject } of waiting.values()) reject(new Error('the sealer has ended'));
    waiting.clear();
    end();
  };
  const names = Object.keys(methods) as Method[];
  const calls = Object.fromEntries(names.map((method) => [method, (...args: unknown[]) => call(method, args)]));
  return { ...(calls as unknown as Sealer), close };
}
