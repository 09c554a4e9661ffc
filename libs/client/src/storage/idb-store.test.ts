// oxlint-disable-next-line import/no-unassigned-import -- it puts IndexedDB where browsers have it
import 'fake-indexeddb/auto';
import { Dexie } from 'dexie';
import { describe, expect, it } from 'vitest';
import { changeLocks, openIdbStore, peekIdbStore } from './idb-store.ts';
import { makeKeyRow, openRow } from './locks.ts';
import { sealValue } from './sealed-values.ts';
import { tables } from './store.ts';
import { storeContract } from './store-contract.ts';

storeContract('IndexedDB', async () => {
  const name = `test ${crypto.randomUUID()}`;
  return { open: () => openIdbStore(name, 'take'), join: (term) => openIdbStore(name, term) };
});

/** Everything in a database as IndexedDB holds it. */
async function rawRows(name: string): Promise<{ store: string; row: unknown }[]> {
  const request = indexedDB.open(name);
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const found: { store: string; row: unknown }[] = [];
  for (const store of database.objectStoreNames) {
    const all = database.transaction(store).objectStore(store).getAll();
    await new Promise((resolve) => (all.onsuccess = resolve));
    found.push(...all.result.map((row: unknown) => ({ store, row })));
  }
  database.close();
  return found;
}

async function change(
  name: string,
  table: string,
  edit: (row: { key: string; sealed: Uint8Array }) => { key: string; sealed: Uint8Array },
) {
  const request = indexedDB.open(name);
  await new Promise((resolve) => (request.onsuccess = resolve));
  const rows = request.result.transaction(table, 'readwrite').objectStore(table);
  const all = rows.getAll();
  await new Promise((resolve) => (all.onsuccess = resolve));
  const done = all.result.map((row) => rows.put(edit(row)));
  await Promise.all(done.map((one) => new Promise((resolve) => (one.onsuccess = resolve))));
  request.result.close();
}

const bytesOf = (value: unknown): Uint8Array[] =>
  value instanceof Uint8Array
    ? [value]
    : value instanceof ArrayBuffer
      ? [new Uint8Array(value)]
      : typeof value === 'string'
        ? [new TextEncoder().encode(value)]
        : value !== null && typeof value === 'object'
          ? Object.values(value).flatMap(bytesOf)
          : [];

describe('a database of an earlier version', () => {
  it('opens with what it held, and takes what is new', async () => {
    const name = crypto.randomUUID();
    const earlier = new Dexie(name);
    const schema = Object.fromEntries(tables.filter((table) => table !== 'shards').map((table) => [table, 'key']));
    earlier.version(1).stores({ ...schema, $keys: 'id', $fence: 'id' });
    const row = await makeKeyRow();
    await earlier.table('$keys').put(row);
    await earlier.table('messages').put({ key: 'r/1', sealed: await sealValue(await openRow(row), 'messages', 'r/1', 'kept') });
    earlier.close();
    const again = await openIdbStore(name, 'take');
    await again.write([{ table: 'shards', key: 'a', value: 1 }]);
    expect([await again.get('messages', 'r/1'), await again.get('shards', 'a')]).toEqual(['kept', 1]);
  });
});

describe('IndexedDB at rest (E2E7)', () => {
  it('holds no word, name or byte of a value in the clear', async () => {
    const name = crypto.randomUUID();
    const store = await openIdbStore(name, 'take');
    await store.write([
      { table: 'messages', key: 'room/1', value: { text: 'canary-in-a-message', bytes: new TextEncoder().encode('canary-in-bytes') } },
      { table: 'identity', key: 'own', value: { 'canary-in-a-name': 'x' } },
    ]);
    await store.close();
    const rows = await rawRows(name);
    const raw = rows.flatMap(({ row }) => bytesOf(row)).map((bytes) => Buffer.from(bytes).toString('latin1'));
    expect(raw.join()).toContain('room/1'); // the search does find what lies open
    expect(raw.join()).not.toContain('canary');
  });

  it('keeps the wrapping key where it can be used but not read', async () => {
    const name = crypto.randomUUID();
    await (await openIdbStore(name, 'take')).close();
    const [held] = (await rawRows(name)).filter(({ store }) => store === '$keys');
    const { locks } = held!.row as { locks: [{ by: string; wrapping: CryptoKey }] };
    const [{ wrapping }] = locks;
    expect(wrapping.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('raw', wrapping)).rejects.toBeInstanceOf(Error);
  });

  it('seals the same value differently each time', async () => {
    const name = crypto.randomUUID();
    const store = await openIdbStore(name, 'take');
    await store.write(['a', 'b'].map((key) => ({ table: 'meta', key, value: 'same' })));
    const sealed = (await rawRows(name))
      .filter((row) => row.store === 'meta')
      .map(({ row }) => String((row as { sealed: Uint8Array }).sealed));
    expect(new Set(sealed).size).toBe(2);
  });

  it('refuses a value that was moved to another key, or changed', async () => {
    const name = crypto.randomUUID();
    const store = await openIdbStore(name, 'take');
    await store.write([{ table: 'meta', key: 'a', value: 'secret' }]);
    await change(name, 'meta', ({ sealed }) => ({ key: 'b', sealed }));
    expect(await store.get('meta', 'a')).toBe('secret');
    await expect(store.get('meta', 'b')).rejects.toMatchObject({ code: 'locked' });
    await change(name, 'meta', ({ key, sealed }) => ({ key, sealed: sealed.map((byte, i) => (i === 20 ? byte ^ 1 : byte)) }));
    await expect(store.get('meta', 'a')).rejects.toMatchObject({ code: 'locked' });
  });

  it('gives two that open at once the same key and different terms', async () => {
    const name = crypto.randomUUID();
    const [one, two] = await Promise.all([openIdbStore(name, 'take'), openIdbStore(name, 'take')]);
    expect(one.term).not.toBe(two.term);
    const owner = one.term > two.term ? one : two;
    await owner.write([{ table: 'meta', key: 'a', value: 1 }]);
    expect([await one.get('meta', 'a'), await two.get('meta', 'a')]).toEqual([1, 1]);
  });

  it('says that it is full, and has written nothing', async () => {
    const name = crypto.randomUUID();
    const store = await openIdbStore(name, 'take');
    // oxlint-disable-next-line typescript/unbound-method -- put back below, called with its own `this`
    const before = IDBObjectStore.prototype.put;
    let puts = 0;
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof before>) {
      if (++puts > 1) throw new DOMException('no more', 'QuotaExceededError');
      return before.apply(this, args);
    };
    try {
      const writes = ['a', 'b'].map((key) => ({ table: 'meta' as const, key, value: key }));
      await expect(store.write(writes)).rejects.toMatchObject({ name: 'StoreError', code: 'full' });
    } finally {
      IDBObjectStore.prototype.put = before;
    }
    expect(await store.range('meta', { prefix: '' })).toEqual([]);
  });
});

describe('a database that is read beside its owner (delivery.md D10)', () => {
  it('shows what is there, takes nothing from the owner, and cannot be written', async () => {
    const name = crypto.randomUUID();
    const owner = await openIdbStore(name, 'take');
    await owner.write([{ table: 'meta', key: 'a', value: 1 }]);
    const reader = (await peekIdbStore(name))!;
    expect(await reader.get('meta', 'a')).toBe(1);
    await expect(reader.write([{ table: 'meta', key: 'a', value: 2 }])).rejects.toMatchObject({ code: 'fenced' });
    await owner.write([{ table: 'meta', key: 'a', value: 3 }]);
    expect(await reader.get('meta', 'a')).toBe(3);
    await reader.close();
    await owner.close();
  });

  it('makes none where there is none, and opens none that is locked', async () => {
    const name = crypto.randomUUID();
    expect(await peekIdbStore(name)).toBeNull();
    expect(await Dexie.exists(name)).toBe(false);
    await (await openIdbStore(name, 'take')).close();
    await changeLocks(name, undefined, { add: { by: 'passphrase', passphrase: 'seven rivers' } });
    await expect(peekIdbStore(name)).rejects.toMatchObject({ code: 'locked' });
  });
});
