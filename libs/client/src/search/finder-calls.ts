import type { Finder } from './finder.ts';

/* The finder behind a port: calls are numbered, answers come as they are done. */
type Method = Exclude<keyof Finder, 'close'>;
type Call = { id: number; method: Method; argument: unknown };
type Answer = { id: number; value: unknown } | { id: number; error: string };
/** As much of a Worker, or of a worker's own scope, as calls need. */
export type FinderPort = {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
};
export type FinderWorker = FinderPort & {
  addEventListener(type: 'error' | 'messageerror', listener: (event: Event) => void): void;
  terminate(): void;
};

const methods: { readonly [M in Method]: true } = { load: true, change: true, pack: true, find: true };

/** The worker's side. */
export function answerFinderCalls(port: FinderPort, finder: Finder): void {
  port.addEventListener('message', ({ data }: MessageEvent<Call>) => void answer(finder, data).then((sent) => port.postMessage(sent)));
}

async function answer(finder: Finder, { id, method, argument }: Call): Promise<Answer> {
  try {
    if (!Object.hasOwn(methods, method)) throw new RangeError('no such call');
    return { id, value: await (finder[method] as (argument: unknown) => Promise<unknown>)(argument) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : 'unknown error' };
  }
}

/** The page's side. When the worker fails, calls that wait are refused, and all later ones. */
export function workerFinder(worker: FinderWorker): Finder {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let [last, closed] = [0, false];
  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if ('error' in data) call?.reject(new Error(data.error));
    else call?.resolve(data.value);
  });
  const close = () => {
    closed = true;
    for (const { reject } of waiting.values()) reject(new Error('the search has ended'));
    waiting.clear();
    worker.terminate();
  };
  for (const type of ['error', 'messageerror'] as const) worker.addEventListener(type, close);
  const call = (method: Method) => (argument: unknown) =>
    new Promise<never>((resolve, reject) => {
      if (closed) return reject(new Error('the search has ended'));
      const message: Call = { id: ++last, method, argument };
      waiting.set(message.id, { resolve: resolve as (value: unknown) => void, reject });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- between threads there is no origin
      worker.postMessage(message);
    });
  return { load: call('load'), change: call('change'), pack: call('pack'), find: call('find'), close };
}
