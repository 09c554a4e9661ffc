import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeContent, timing, type Ask } from '../../../protocol/src/index.ts';
import { openMemoryStore } from '../storage/memory-store.ts';
import type { RoomContext } from './context.ts';
import { Repair } from './repair.ts';
import { keys, type AuthorRow } from './rows.ts';

const room = 'room';
const ann = '11111111-1111-4111-8111-111111111111';

describe('holes in what an author said', () => {
  let asked: Ask[];
  let shown: number[];
  let row: AuthorRow;
  let repair: Repair;

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    [asked, shown] = [[], []];
    const store = openMemoryStore();
    for (const aseq of [1, 3, 5]) await store.write([{ table: 'authors', key: keys.sequence(room, ann, aseq), value: `mid ${aseq}` }]);
    row = { user: 'ann', deviceKey: new Uint8Array(), first: 1, aseq: 1, mid: 'mid 1', highest: 5, read: 0 };
    const send = async (content: Uint8Array) => {
      const decoded = decodeContent(content);
      if (decoded.kind === 'ask') asked.push(decoded.ask);
      return true;
    };
    const hooks = {
      send,
      gap: async (_: string, __: AuthorRow, from: number) => void shown.push(from),
      mended: async () => undefined,
      online: () => [],
    };
    const ctx = { room, store, soon: (step: () => Promise<void>) => void step() };
    repair = new Repair(ctx as unknown as RoomContext, hooks, new Map([[ann, row]]));
  });
  afterEach(() => {
    repair.stop();
    vi.useRealTimers();
  });

  const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it('are asked for one after the other: a second one as soon as the first is mended', async () => {
    repair.judge(ann);
    await later(timing.gapWaitMs);
    expect(asked).toEqual([{ device: ann, from: 2, to: 2 }]);
    row.aseq = 3;
    repair.judge(ann);
    await later(timing.gapWaitMs);
    expect(asked.slice(1)).toEqual([{ device: ann, from: 4, to: 4 }]);
    expect(shown).toEqual([]);
  });

  it('are shown when a member has had later words than came here, and nobody brings them', async () => {
    Object.assign(row, { aseq: 5, highest: 5 });
    await repair.fetch(ann, 6, 7, 'bob');
    expect(asked).toEqual([{ device: ann, from: 6, to: 7 }]);
    await later(timing.gapWaitMs);
    expect(asked).toHaveLength(2); // now everybody
    await later(6_000);
    expect(shown).toEqual([6]);
    await repair.fetch('22222222-2222-4222-8222-222222222222', 1, 9, 'bob');
    await repair.fetch(ann, 1, 5, 'bob');
    await later(timing.gapWaitMs + 6_000);
    expect(shown).toEqual([6]);
  });

  it('are not shown when those words come after all', async () => {
    Object.assign(row, { aseq: 5, highest: 5 });
    await repair.fetch(ann, 6, 7, 'bob');
    Object.assign(row, { aseq: 7, highest: 7 });
    repair.judge(ann);
    await later(timing.gapWaitMs + 6_000);
    expect(shown).toEqual([]);
  });

  it('are asked for once while an answer may come, then shown, and asked for again when something moves', async () => {
    repair.judge(ann);
    await later(timing.gapWaitMs);
    repair.judge(ann);
    await later(timing.gapWaitMs);
    expect(asked).toHaveLength(1);
    await later(6_000);
    expect(shown).toEqual([2]);
    repair.judge(ann);
    await later(timing.gapWaitMs);
    expect(asked).toHaveLength(2);
  });
});
