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
  const all = Array.from({ length: count }, (_, i) => i + 1);
  await store.write(all.map((n) => ({ table: 'messages' as const, key: keyOf(n), value: row(n) })));
  await store.write(
    all.map((n) => ({ table: 'mids' as const, key: keys.mid(room, `mid ${n}`), value: { table: 'messages', key: keyOf(n) } })),
  );
  const ctx = { room, store, me: { user: 'ann', device: 'anns' }, people: { name: (user: string) => user } };
  const sources = { state: () => null, hidden: () => null, waiting: () => [], privateWith: () => [] };
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

  it('moves to the surroundings of an old message, goes on from there without a hole, and comes back to the newest', async () => {
    const { window, texts } = await over(400);
    await window.load(0);
    expect(await window.jumpTo('mid 150')).toBe(true);
    expect(await texts()).toEqual(numbers(90, 210));
    expect(window.view.value).toMatchObject({ hasOlder: true, hasNewer: true });
    await window.placed(keyOf(401), row(401)); // arrives meanwhile: below what is shown
    await window.newer();
    expect(await texts()).toEqual(numbers(90, 270));
    await window.latest();
    expect(await texts()).toEqual(numbers(341, 400));
    expect(window.view.value.hasNewer).toBe(false);
  });

  it('reaches the newest by scrolling down, and lives on from there', async () => {
    const { window, texts } = await over(200);
    await window.load(0);
    await window.jumpTo('mid 100');
    await window.newer();
    expect(window.view.value.hasNewer).toBe(false);
    await window.placed(keyOf(201), row(201));
    expect(await texts()).toEqual(numbers(40, 201));
  });

  it('stays where it is for a message that is shown, and for one that is not here', async () => {
    const { window, texts } = await over(200);
    await window.load(0);
    expect(await window.jumpTo('mid 190')).toBe(true);
    expect(await window.jumpTo('mid 999')).toBe(false);
    expect(await texts()).toEqual(numbers(141, 200));
  });

  it('shows with an answer what it answers, as its author left it', async () => {
    const { window } = await over(100);
    const answer = { ...row(101), body: { kind: 'text', text: 'yes', replyTo: 'mid 3' } } as EntryRow;
    await window.load(0);
    await window.placed(keyOf(101), answer);
    const quote = () => {
      const item = window.view.value.items.at(-1);
      return item?.type === 'message' ? item.quote : undefined;
    };
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(quote()).toEqual({ author: 'bob', text: '3' });
  });
});
