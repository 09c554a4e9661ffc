import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openMemoryStore } from '../storage/memory-store.ts';
import type { RoomContext } from './context.ts';
import { keys, type EntryRow } from './rows.ts';
import { Vanishing } from './vanishing.ts';

const DAY = 86_400_000;
const room = crypto.randomUUID();
const start = 1_800_000_000_000;

beforeEach(() => vi.useFakeTimers({ now: start }));
afterEach(() => vi.useRealTimers());

function world() {
  const store = openMemoryStore();
  const gone: string[] = [];
  const steps: Promise<void>[] = [];
  const ctx = { store, room, clock: { now: () => Date.now() }, soon: (step: () => Promise<void>) => void steps.push(step()) };
  const vanishing = new Vanishing(ctx as unknown as RoomContext, async (key) => void gone.push(key));
  let aseq = 0;
  const put = async (mid: string, ms: number, ttl?: number) => {
    const row = {
      mid,
      device: 'd',
      aseq: ++aseq,
      order: { ms, counter: 0 },
      body: { kind: 'text', text: 'words' },
      ...(ttl ? { ttl } : {}),
    } as unknown as EntryRow;
    const key = keys.message(room, row);
    await store.write([
      { table: 'messages', key, value: row },
      { table: 'mids', key: keys.mid(room, mid), value: { table: 'messages', key } },
      { table: 'operations', key: keys.operation(room, mid, `${mid}-edit`), value: 'an edit' },
    ]);
    await vanishing.placed(row);
  };
  const left = async (table: 'messages' | 'operations' | 'mids') => (await store.range(table, { prefix: '' })).length;
  const pass = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms);
    await Promise.all(steps);
  };
  return { vanishing, put, left, gone, pass };
}

describe('messages that vanish (MSG5)', () => {
  it('go when their time is over, with what was done to them; their id stays, and others do', async () => {
    const { vanishing, put, left, gone, pass } = world();
    await vanishing.load(null);
    await put('short', start, 60_000);
    await put('long', start, 3_600_000);
    await put('for good', start);
    await pass(59_000);
    expect(gone).toEqual([]);
    await pass(2_000);
    expect([gone.length, await left('messages'), await left('operations'), await left('mids')]).toEqual([1, 2, 2, 3]);
    await pass(3_600_000);
    expect([gone.length, await left('messages')]).toEqual([2, 1]);
    vanishing.stop();
  });

  it('are gone also when nobody was there at the time', async () => {
    const { vanishing, put, left } = world();
    await put('old', start - 120_000, 60_000);
    vanishing.stop();
    await vanishing.load(null);
    expect([await left('messages'), await left('operations')]).toEqual([0, 0]);
    vanishing.stop();
  });
});

describe('a room that keeps so many days (ROOM10)', () => {
  it('keeps nothing older, and everything younger', async () => {
    const { vanishing, put, left, gone } = world();
    await put('eight', start - 8 * DAY);
    await put('six', start - 6 * DAY);
    await vanishing.load(7);
    expect([gone.length, await left('messages')]).toEqual([1, 1]);
    await vanishing.load(null);
    expect(await left('messages')).toBe(1);
    vanishing.stop();
  });
});
