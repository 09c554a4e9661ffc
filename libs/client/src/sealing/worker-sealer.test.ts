import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { StoreError } from '../storage/store.ts';
import { memoryDisk, openMemoryStore } from '../storage/memory-store.ts';
import { MlsSealer } from './mls-sealer.ts';
import { answerCalls } from './sealer-calls.ts';
import { SealError, type Sealer } from './sealer.ts';
import { sealerOver, openWorkerSealer, type WorkerLike } from './worker-sealer.ts';

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

/** A real message channel between the two sides: everything is cloned, as it is between threads. */
function across(sealer: Sealer) {
  const { port1, port2 } = new MessageChannel();
  answerCalls(port2, sealer);
  port2.start();
  const remote = sealerOver(port1, () => port1.close());
  port1.start();
  ends.push(() => port1.close());
  return remote;
}

const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
const place = { name: 'name', term: 1, key };
const withSealer = (part: Partial<Sealer>) => across(part as Sealer);

describe('a sealer behind a port', () => {
  it('answers like the one it stands for', async () => {
    const remote = across(new MlsSealer(openMemoryStore(memoryDisk())));
    const user = crypto.randomUUID();
    expect(await remote.identity()).toBeNull();
    expect(await remote.enroll(user)).toMatchObject({ user });
    expect((await remote.keyPackages(2, true)).packages).toHaveLength(2);
  });

  it('gives answers to their own calls, in whatever order they come', async () => {
    let first: (roster: null) => void = () => undefined;
    const remote = withSealer({
      roster: () => new Promise((resolve) => (first = resolve)),
      sign: async (bytes) => bytes,
    });
    const waits = remote.roster('room');
    expect(await remote.sign(Uint8Array.of(7))).toEqual(Uint8Array.of(7));
    first(null);
    expect(await waits).toBeNull();
  });

  it('keeps kind and code of errors, and nothing of what is inside them', async () => {
    const remote = withSealer({
      open: () => Promise.reject(new SealError('own', 'mine', { cause: { key: 'secret' } })),
      forget: () => Promise.reject(new StoreError('full', 'no space')),
      discard: () => Promise.reject(new RangeError('too long')),
      roster: () => Promise.reject(new TypeError('bug')),
    });
    const error: unknown = await remote.open('room', new Uint8Array()).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SealError);
    expect(error).toMatchObject({ code: 'own', message: 'mine' });
    expect((error as Error).cause).toBeUndefined();
    await expect(remote.forget('room')).rejects.toBeInstanceOf(StoreError);
    await expect(remote.forget('room')).rejects.toMatchObject({ code: 'full' });
    await expect(remote.discard('room')).rejects.toBeInstanceOf(RangeError);
    await expect(remote.roster('room')).rejects.toThrow('bug');
  });

  it('reaches nothing but the methods of the port', async () => {
    const { port1, port2 } = new MessageChannel();
    ends.push(() => port1.close());
    answerCalls(port2, { roster: async () => null } as unknown as Sealer);
    port2.start();
    const answer = new Promise((resolve) => port1.once('message', resolve));
    port1.postMessage({ id: 1, method: 'constructor', args: [] });
    expect(await answer).toMatchObject({ id: 1, error: { kind: 'range' } });
  });

  it('refuses more calls than it can keep waiting', async () => {
    const remote = withSealer({ roster: () => new Promise(() => undefined) });
    const calls = Array.from({ length: 1000 }, () => remote.roster('room'));
    const settled = Promise.allSettled(calls);
    await expect(remote.roster('room')).rejects.toThrow('too many');
    remote.close();
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true);
  });

  it('refuses calls that wait, and later ones, when it ends', async () => {
    const remote = withSealer({ roster: () => new Promise(() => undefined) });
    const waits = remote.roster('room');
    remote.close();
    await expect(waits).rejects.toThrow('ended');
    await expect(remote.roster('room')).rejects.toThrow('ended');
  });
});

/** A worker that does as it is told, and remembers that it was ended. */
function fakeWorker(answer: unknown): WorkerLike & { ended: boolean; emit(type: string, event: unknown): void } {
  const listeners = new Map<string, ((event: never) => void)[]>();
  const emit = (type: string, event: unknown) => listeners.get(type)?.forEach((listener) => listener(event as never));
  return {
    ended: false,
    emit,
    postMessage: () => answer !== undefined && queueMicrotask(() => emit('message', { data: answer })),
    addEventListener: (type: string, listener: (event: never) => void) => listeners.set(type, [...(listeners.get(type) ?? []), listener]),
    terminate() {
      this.ended = true;
    },
  };
}

describe('starting the worker', () => {
  it('says that another tab has taken over, and leaves no worker behind', async () => {
    const worker = fakeWorker({ opened: false, error: { kind: 'store', code: 'fenced', text: 'over' } });
    await expect(openWorkerSealer(worker, place)).rejects.toMatchObject({ name: 'StoreError', code: 'fenced' });
    expect(worker.ended).toBe(true);
  });

  it('says that the worker cannot be started', async () => {
    const worker = fakeWorker(undefined);
    const starting = openWorkerSealer(worker, place);
    worker.emit('error', {});
    await expect(starting).rejects.toThrow('could not be started');
    expect(worker.ended).toBe(true);
  });

  it('refuses what waits when the worker dies', async () => {
    const worker = fakeWorker({ opened: true });
    const remote = await openWorkerSealer(worker, place);
    const waits = remote.roster('room');
    worker.emit('error', {});
    await expect(waits).rejects.toThrow('ended');
  });
});
