import { describe, expect, it } from 'vitest';
import { type Store, type Value, type Write } from './store.ts';

/** How a suite gets its stores: `open` takes the same place over and over, `join` shares the term of another. */
export type StorePlace = { open(): Promise<Store & { term: number }>; join(term: number): Promise<Store> };

const put = (key: string, value: Value): Write => ({ table: 'meta', key, value });
const drop = (key: string): Write => ({ table: 'meta', key, value: undefined });
const keys = (rows: { key: string }[]) => rows.map(({ key }) => key);

/** What every Store must do; adapters run it in their tests. */
export function storeContract(name: string, place: () => Promise<StorePlace>): void {
  describe(`${name} as a Store`, () => {
    it('gives back what was written, nested and in bytes', async () => {
      const store = await (await place()).open();
      const value = {
        text: 'ä🎉',
        bytes: Uint8Array.of(0, 255, 7),
        list: [1, -2.5, null, true, { deep: Uint8Array.of(9) }],
        at: 1_790_000_000_000,
      };
      await store.write([put('a', value)]);
      expect(await store.get('meta', 'a')).toEqual(value);
      expect(await store.get('meta', 'b')).toBeUndefined();
      expect(await store.get('rooms', 'a')).toBeUndefined();
    });

    it('leaves out members that are undefined', async () => {
      const store = await (await place()).open();
      await store.write([put('a', { here: 1, gone: undefined })]);
      expect(await store.get('meta', 'a')).toEqual({ here: 1 });
    });

    it('replaces and deletes', async () => {
      const store = await (await place()).open();
      await store.write([put('a', 1), put('b', 2)]);
      await store.write([put('a', 3), drop('b'), drop('never')]);
      expect([await store.get('meta', 'a'), await store.get('meta', 'b')]).toEqual([3, undefined]);
    });

    it('takes the last of two writes to one key in a batch', async () => {
      const store = await (await place()).open();
      await store.write([put('a', 1), put('a', 2), put('b', 1), drop('b')]);
      expect([await store.get('meta', 'a'), await store.get('meta', 'b')]).toEqual([2, undefined]);
    });

    it('writes in the order it was asked, however long a value takes', async () => {
      const store = await (await place()).open();
      await Promise.all([store.write([put('a', new Uint8Array(1_000_000))]), store.write([put('a', 'second')])]);
      expect(await store.get('meta', 'a')).toBe('second');
    });

    it('writes a batch whole or not at all', async () => {
      const store = await (await place()).open();
      const unclonable = (() => 1) as unknown as Value;
      await expect(store.write([put('a', 1), put('b', unclonable)])).rejects.toBeInstanceOf(Error);
      expect(await store.get('meta', 'a')).toBeUndefined();
    });

    it('lists a prefix in key order, with exclusive bounds, limits, and backwards', async () => {
      const store = await (await place()).open();
      await store.write(['r/1', 'r/10', 'r/2', 'r', 's/1', 'q', 'r/3'].map((key) => put(key, key)));
      expect(keys(await store.range('meta', { prefix: 'r/' }))).toEqual(['r/1', 'r/10', 'r/2', 'r/3']);
      expect(keys(await store.range('meta', { prefix: 'r/', after: 'r/1' }))).toEqual(['r/10', 'r/2', 'r/3']);
      expect(keys(await store.range('meta', { prefix: 'r/', before: 'r/2' }))).toEqual(['r/1', 'r/10']);
      expect(keys(await store.range('meta', { prefix: 'r/', after: 'r/1', before: 'r/3', limit: 1 }))).toEqual(['r/10']);
      expect(keys(await store.range('meta', { prefix: 'r/', reverse: true, limit: 2 }))).toEqual(['r/3', 'r/2']);
      expect(keys(await store.range('meta', { prefix: 'r/', after: 'a', before: 'z' }))).toEqual(['r/1', 'r/10', 'r/2', 'r/3']);
      expect(keys(await store.range('meta', { prefix: 'r/', after: 'r/9' }))).toEqual([]);
      expect(keys(await store.range('meta', { prefix: 'r/', after: 's' }))).toEqual([]);
      expect(keys(await store.range('meta', { prefix: 'r/', before: 'a' }))).toEqual([]);
      expect(keys(await store.range('meta', { prefix: '' }))).toHaveLength(7);
      expect(await store.range('meta', { prefix: 's' })).toEqual([{ key: 's/1', value: 's/1' }]);
    });

    it('keeps its own copy of what it was given and of what it gave', async () => {
      const store = await (await place()).open();
      const value = { bytes: Uint8Array.of(1) };
      const written = store.write([put('a', value)]);
      value.bytes[0] = 2;
      await written;
      const got = await store.get<typeof value>('meta', 'a');
      got!.bytes[0] = 3;
      expect(await store.get('meta', 'a')).toEqual({ bytes: Uint8Array.of(1) });
    });

    it('keeps all over closing and opening', async () => {
      const here = await place();
      const first = await here.open();
      await first.write([put('a', 'kept')]);
      await first.close();
      expect(await (await here.open()).get('meta', 'a')).toBe('kept');
    });

    it('refuses writes of an owner that was taken over from, and writes nothing of them', async () => {
      const here = await place();
      const old = await here.open();
      const owner = await here.open();
      await expect(old.write([put('a', 1)])).rejects.toMatchObject({ name: 'StoreError', code: 'fenced' });
      await expect(old.destroy()).rejects.toMatchObject({ code: 'fenced' });
      await owner.write([put('b', 2)]);
      expect([await owner.get('meta', 'a'), await owner.get('meta', 'b')]).toEqual([undefined, 2]);
    });

    it('lets another store share the owner’s term, until the owner changes', async () => {
      const here = await place();
      const owner = await here.open();
      const beside = await here.join(owner.term);
      await beside.write([put('a', 1)]);
      await owner.write([put('b', 2)]);
      expect(await owner.get('meta', 'a')).toBe(1);
      await here.open();
      await expect(beside.write([put('a', 2)])).rejects.toMatchObject({ code: 'fenced' });
      await expect(here.join(owner.term)).rejects.toMatchObject({ code: 'fenced' });
    });

    it('is closed after closing', async () => {
      const store = await (await place()).open();
      await store.close();
      await expect(store.get('meta', 'a')).rejects.toMatchObject({ name: 'StoreError', code: 'closed' });
      await expect(store.write([put('a', 1)])).rejects.toMatchObject({ code: 'closed' });
      await expect(store.range('meta', { prefix: '' })).rejects.toMatchObject({ code: 'closed' });
    });

    it('forgets everything when destroyed', async () => {
      const here = await place();
      const store = await here.open();
      await store.write([put('a', 1)]);
      await store.destroy();
      expect(await (await here.open()).get('meta', 'a')).toBeUndefined();
    });
  });
}
