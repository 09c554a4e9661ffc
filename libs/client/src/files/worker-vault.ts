import {
  receiveFault,
  vaultMethods,
  type VaultAnswer,
  type VaultCall,
  type VaultMethod,
  type VaultOpen,
  type VaultTools,
} from './vault-calls.ts';

/** As much of a Worker as is used. */
export type FilesWorker = Pick<Worker, 'terminate'> & {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: 'message' | 'error' | 'messageerror', listener: (event: MessageEvent) => void): void;
};
type Waiting = { resolve: (value: unknown) => void; reject: (error: Error) => void; tell?: (done: number) => void };

/** The files of this device, kept by a worker in the folder of this name. */
export function openWorkerVault(worker: FilesWorker, name: string): { tools: VaultTools; close: () => void } {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let closed = false;
  const close = () => {
    closed = true;
    for (const { reject } of waiting.values()) reject(new Error('the files’ worker has ended'));
    waiting.clear();
    worker.terminate();
  };
  worker.addEventListener('message', ({ data }: MessageEvent<VaultAnswer>) => {
    const call = waiting.get(data.id);
    if ('tell' in data) return call?.tell?.(data.tell);
    waiting.delete(data.id);
    if ('error' in data) call?.reject(receiveFault(data.error));
    else call?.resolve(data.value);
  });
  for (const type of ['error', 'messageerror'] as const) worker.addEventListener(type, close);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- between threads there is no origin
  worker.postMessage({ open: name } satisfies VaultOpen);
  const call = (method: VaultMethod, given: unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      if (closed) throw new Error('the files’ worker has ended');
      const tell = given.find((arg) => typeof arg === 'function') as ((done: number) => void) | undefined;
      const args = given.filter((arg) => typeof arg !== 'function');
      const message: VaultCall = { id: ++last, method, args };
      waiting.set(message.id, { resolve, reject, ...(tell ? { tell } : {}) });
      worker.postMessage(message, method === 'append' ? wholeBuffers(args) : []);
    });
  const names = Object.keys(vaultMethods) as VaultMethod[];
  const tools = Object.fromEntries(names.map((method) => [method, (...args: unknown[]) => call(method, args)])) as unknown as VaultTools;
  return { tools, close };
}

/** Bytes that are on their way to the disk are handed over, not copied: nobody here looks at them again. */
function wholeBuffers(args: unknown[]): Transferable[] {
  return args.flatMap((arg) => (arg instanceof Uint8Array ? [arg.buffer as ArrayBuffer] : []));
}
