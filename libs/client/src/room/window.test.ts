import { describe, expect, it } from 'vitest';
import { memoryDisk, openMemoryStore } from '../storage/memory-store.ts';
import type { RoomContext } from './context.ts';
import { keys, type EntryRow } from './rows.ts';
import { TimelineWindow } from './window.ts';

const room = '00000000-0000-4000-8000-000000000000';

function row(n: number): EntryRow {
  return {
    mid: `mid ${n}`,
    user: 'bob',
    device: 'bobs',
    aseq: n,
    order: { ms: n, counter: 0 },
    at: n,
    body: { kind: 'text', text: `${n}` },
  } as EntryRow;
}
const keyOf = (n: number) => keys.message(room, row(n));

/** A window over a store with messages 1 to `count`. */
async function over(count: number) {
  const store = openMemoryStore(memoryDisk());
  await store.write(Array.from({ length: count }, (_, i) => ({ table: 'messages' as const, key: keyOf(i + 1), value: row(i + 1) })));
  const ctx = { room, store, me: { user: 'ann', device: 'anns' }, people: { name: (user: string) => user } };
  const sources = { state: () => null, waiting: () => [], privateWith: () => [] };
  const window = new TimelineWindow(ctx as unknown as RoomContext, sources);
  const texts = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5)); // the view is rebuilt at most once a turn
    return window.view.value.items.map((item) => (item.type === 'message' ? Number(item.text) : 0));
  };
  return { window, texts };
}
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('the stretch of the timeline that is in memory', () => {
  it('never has a hole: what was placed before the page was read does not stand alone above it', async () => {
    const { window, texts } = await over(80);
    await window.placed(keyOf(3), row(3)); // from the journal of a crash
    await window.load(0);
    expect(await texts()).toEqual(numbers(21, 80));
    await window.older();
    expect(await texts()).toEqual(numbers(1, 80));
  });

  it('shows what comes above it as a count, and history as something to scroll to', async () => {
    const { window, texts } = await over(80);
    await window.load(0);
    await window.placed(keyOf(5), row(5));
    await window.placed(keyOf(6), row(6), true);
    expect(await texts()).toEqual(numbers(21, 80));
    expect(window.view.value.arrivedAbove).toBe(1);
  });
});
