import { StoreError, type StoreErrorCode } from '../storage/store.ts';
import { SealError, type Sealer, type SealErrorCode } from './sealer.ts';

/** As much of a Worker, of a worker's own scope, or of a MessagePort as calls need. */
export type Port = {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
};

export type Method = keyof Sealer;
/** The methods that may be called from the other side: nothing else of the object can be reached. */
export const methods: { readonly [M in Method]: true } = {
  identity: true,
  enroll: true,
  sign: true,
  answerLink: true,
  requestLink: true,
  acceptLink: true,
  backUp: true,
  recover: true,
  keyPackages: true,
  ownerOf: true,
  found: true,
  joinByCommit: true,
  joinByWelcome: true,
  commit: true,
  confirm: true,
  discard: true,
  apply: true,
  preview: true,
  propose: true,
  seal: true,
  open: true,
  authenticatedIn: true,
  setPassword: true,
  passwordVersion: true,
  forgetPasswords: true,
  roster: true,
  forget: true,
};

/** The first message to a worker: which database to open, under which owner's term, with which data key. */
export type OpenMessage = { open: { name: string; term: number; key: CryptoKey } };
export type OpenedMessage = { opened: true } | { opened: false; error: SentError };
export type Call = { id: number; method: Method; args: unknown[] };
export type Answer = { id: number; value: unknown } | { id: number; error: SentError };

/** An error on its way between threads: only code and text cross, so that nothing of the keys can. */
export type SentError =
  | { kind: 'seal'; code: SealErrorCode; text: string }
  | { kind: 'store'; code: StoreErrorCode; text: string }
  | { kind: 'range' | 'other'; text: string };

export function sendError(error: unknown): SentError {
  if (error instanceof SealError) return { kind: 'seal', code: error.code, text: error.message };
  if (error instanceof StoreError) return { kind: 'store', code: error.code, text: error.message };
  const text = error instanceof Error ? error.message : 'unknown error';
  return { kind: error instanceof RangeError ? 'range' : 'other', text };
}

export function receiveError(sent: SentError): Error {
  switch (sent.kind) {
    case 'seal':
      return new SealError(sent.code, sent.text);
    case 'store':
      return new StoreError(sent.code, sent.text);
    case 'range':
      return new RangeError(sent.text);
    case 'other':
      return new Error(sent.text);
  }
}

/** Answers calls that come through a port. The sealer keeps the calls of one room in order itself. */
export function answerCalls(port: Port, sealer: Sealer): void {
  port.addEventListener('message', ({ data }: MessageEvent<Call>) => {
    void answer(sealer, data).then((sent) => port.postMessage(sent));
  });
}

async function answer(sealer: Sealer, { id, method, args }: Call): Promise<Answer> {
  try {
    if (!Object.hasOwn(methods, method)) throw new RangeError('no such call');
    const call = sealer[method] as (...args: unknown[]) => Promise<unknown>;
    return { id, value: await call.apply(sealer, args) };
  } catch (error) {
    return { id, error: sendError(error) };
  }
}
