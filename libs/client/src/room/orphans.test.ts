import { describe, expect, it } from 'vitest';
import { memoryDisk, openMemoryStore } from '../storage/memory-store.ts';
import type { RoomContext } from './context.ts';
import { Orphans } from './orphans.ts';
import { keys, type EntryRow } from './rows.ts';

const room = '00000000-0000-4000-8000-000000000000';
const day = 86_400_000;

function kept() {
  const store = openMemoryStore(memoryDisk());
  let now = 0;
  const orphans = new Orphans({ room, store, clock: { now: () => now } } as unknown as RoomContext);
  /** An edit of this target, as the inbox stores it. */
  const take = async (target: string, at: number) => {
    now = at;
    const key = keys.operation(room, target, `edit-${target}`);
    const row = { body: { kind: 'edit', target, text: 'x' } } as EntryRow;
    const writes = await orphans.with({ table: 'operations', key }, row);
    await store.write([...writes, { table: 'operations', key, value: 1 }]);
  };
  const count = async () => (await store.range('operations', { prefix: keys.room(room) })).length;
  return { store, take, count };
}

describe('operations whose target has not come (delivery.md D9)', () => {
  it('are kept, a thousand of them; the oldest makes room', async () => {
    const { store, take, count } = kept();
    for (let i = 0; i < 1_002; i++) await take(`target-${i}`, i);
    expect(await count()).toBe(1_000);
    expect(await store.get('operations', keys.operation(room, 'target-1', 'edit-target-1'))).toBeUndefined();
    expect(await store.get('operations', keys.operation(room, 'target-2', 'edit-target-2'))).toBe(1);
  });

  it('are dropped after thirty days, unless their target has come meanwhile', async () => {
    const { store, take, count } = kept();
    await take('never', 0);
    await take('came', 0);
    await store.write([{ table: 'mids', key: keys.mid(room, 'came'), value: 'somewhere' }]);
    await take('later', 29 * day);
    expect(await count()).toBe(3);
    await take('last', 31 * day);
    expect(await count()).toBe(3);
    expect(await store.get('operations', keys.operation(room, 'came', 'edit-came'))).toBe(1);
    expect(await store.get('operations', keys.operation(room, 'never', 'edit-never'))).toBeUndefined();
  });
});
