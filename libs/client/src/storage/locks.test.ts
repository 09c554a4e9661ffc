// oxlint-disable-next-line import/no-unassigned-import -- it puts IndexedDB where browsers have it
import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { changeLocks, locksOf, openIdbStore } from './idb-store.ts';
import { newSalt, type Unlock } from './locks.ts';

const words = { passphrase: 'rivers under walnut' };
const passkey = (): { credential: string; secret: Uint8Array } => ({
  credential: 'key-1',
  secret: crypto.getRandomValues(new Uint8Array(32)),
});

async function written(): Promise<string> {
  const name = crypto.randomUUID();
  const store = await openIdbStore(name, 'take');
  await store.write([{ table: 'meta', key: 'a', value: 'kept' }]);
  await store.close();
  return name;
}
const read = async (name: string, unlock?: Unlock) => {
  const store = await openIdbStore(name, 'take', unlock);
  const value = await store.get('meta', 'a');
  await store.close();
  return value;
};
const kinds = async (name: string) => (await locksOf(name)).map(({ by }) => by);

describe('locks of one’s own (ACC16)', () => {
  it('closes to everybody without the passphrase, and opens with it', async () => {
    const name = await written();
    await changeLocks(name, undefined, { add: { by: 'passphrase', ...words } });
    expect(await kinds(name)).toEqual(['passphrase']);
    for (const unlock of [undefined, { passphrase: 'rivers under walnuts' }, passkey()])
      await expect(read(name, unlock)).rejects.toMatchObject({ name: 'StoreError', code: 'locked' });
    expect(await read(name, words)).toBe('kept');
  });

  it('opens by either of two, and is changed only by who can open', async () => {
    const name = await written();
    const key = passkey();
    await changeLocks(name, undefined, { add: { by: 'passphrase', ...words } });
    const add = { by: 'passkey', salt: newSalt(), ...key } as const;
    await expect(changeLocks(name, undefined, { add })).rejects.toMatchObject({ code: 'locked' });
    await changeLocks(name, words, { add });
    expect([await read(name, words), await read(name, key)]).toEqual(['kept', 'kept']);
    await expect(read(name, { ...key, credential: 'key-2' })).rejects.toMatchObject({ code: 'locked' });
    await changeLocks(name, key, { drop: 'passphrase' });
    await expect(read(name, words)).rejects.toMatchObject({ code: 'locked' });
    await changeLocks(name, key, { drop: 'passkey' });
    expect([await kinds(name), await read(name)]).toEqual([['browser'], 'kept']);
  });

  it('replaces a passphrase: the old one opens nothing more', async () => {
    const name = await written();
    await changeLocks(name, undefined, { add: { by: 'passphrase', ...words } });
    await changeLocks(name, words, { add: { by: 'passphrase', passphrase: 'seven other rivers' } });
    await expect(read(name, words)).rejects.toMatchObject({ code: 'locked' });
    expect(await read(name, { passphrase: ' seven other rivers ' })).toBe('kept');
  });

  it('lets the open store and its worker go on while the locks change', async () => {
    const name = await written();
    const store = await openIdbStore(name, 'take');
    const worker = await openIdbStore(name, store.term, store.dataKey);
    await changeLocks(name, undefined, { add: { by: 'passphrase', ...words } });
    await store.write([{ table: 'meta', key: 'b', value: 'later' }]);
    expect(await worker.get('meta', 'b')).toBe('later');
    await expect(crypto.subtle.exportKey('raw', store.dataKey)).rejects.toBeInstanceOf(Error);
  });

  it('has none where nothing is stored', async () => {
    expect(await locksOf(crypto.randomUUID())).toEqual([]);
  });
});
