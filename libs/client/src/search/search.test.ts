import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryDisk, openMemoryStore } from '../storage/memory-store.ts';
import { localFinder } from './finder.ts';
import { NotedStore } from './noted-store.ts';
import { Search, type Known } from './search.ts';
import { entry, stored } from './test-rows.ts';

afterEach(() => vi.useRealTimers());

const said = (text: string) => ({ kind: 'text', text }) as const;
const known: Known = {
  rooms: () => [
    { id: 'r1', name: 'The Hall' },
    { id: 'r2', name: 'Nook' },
  ],
  people: () => [{ user: 'ann', name: 'Ann Lee', username: 'ann.lee' }],
  nameOf: (user) => user,
  shunned: (user) => user === 'mallory',
  me: 'ann',
};
const unexpected = (error: unknown) => {
  throw error;
};

/** A device; `again` is its next start on the same disk. */
function device(disk = memoryDisk()) {
  const store = new NotedStore(openMemoryStore(disk));
  const search = new Search(store, localFinder, known, unexpected);
  const texts = async (text: string, room: string | null = null) => (await search.find(text, room)).hits.map((hit) => hit.text);
  const shards = () => [...disk.tables.get('shards')!].filter(([key]) => key.startsWith('s/')).map(([, value]) => JSON.stringify(value));
  const marks = () => [...disk.tables.get('shards')!.keys()].filter((key) => key.startsWith('n/'));
  const again = () => {
    search.stop();
    return device(disk);
  };
  return { disk, store, search, texts, shards, marks, again };
}

describe('searching what is stored (FIND1)', () => {
  it('finds what is written after it began, and before', async () => {
    const { store, texts } = device();
    await store.write(stored('r1', entry(said('before'))));
    expect(await texts('before')).toEqual(['before']);
    await store.write(stored('r1', entry(said('after, too'))));
    expect(await texts('after')).toEqual(['after, too']);
  });
  it('builds what there is none of, from messages written before there was a search', async () => {
    const disk = memoryDisk();
    const plain = openMemoryStore(disk);
    const message = entry(said('old words'));
    await plain.write([...stored('r1', message), ...stored('r1', entry({ kind: 'edit', target: message.mid, text: 'new words' }))]);
    const { texts } = device(disk);
    expect(await texts('words')).toEqual(['new words']);
    expect(await texts('old')).toEqual([]);
  });
  it('follows edits and deletes of the author, and nobody else’s', async () => {
    const { store, texts } = device();
    const [kept, edited, deleted] = [entry(said('kept kite')), entry(said('first kite')), entry(said('gone kite'))];
    for (const row of [kept, edited, deleted]) await store.write(stored('r1', row));
    await texts('kite');
    await store.write(stored('r1', entry({ kind: 'edit', target: edited.mid, text: 'second kite' })));
    await store.write(stored('r1', entry({ kind: 'delete', target: deleted.mid })));
    await store.write(stored('r1', entry({ kind: 'delete', target: kept.mid }, { user: 'bob' })));
    expect(await texts('kite')).toEqual(['second kite', 'kept kite']);
    expect([await texts('first'), await texts('gone')]).toEqual([[], []]);
  });
  it('follows an edit of what was said in private', async () => {
    const { store, texts } = device();
    const message = entry(said('whisper'), { private: 'p1' });
    await store.write(stored('r1', message));
    await texts('whisper');
    await store.write(stored('r1', entry({ kind: 'edit', target: message.mid, text: 'silence' }, { private: 'p1' })));
    expect([await texts('whisper'), await texts('silence')]).toEqual([[], ['silence']]);
  });
  it('looks in the room that is asked for, at people and rooms by name, and past those one has blocked', async () => {
    const { store, search, texts } = device();
    await store.write([
      ...stored('r1', entry(said('kite one'))),
      ...stored('r2', entry(said('kite two'), { user: 'bob' })),
      ...stored('r2', entry(said('kite three'), { user: 'mallory' })),
      ...stored('r3', entry(said('kite of a room that was left'))),
    ]);
    expect(await texts('kite')).toEqual(['kite two', 'kite one']);
    expect(await texts('kite', 'r1')).toEqual(['kite one']);
    expect(await texts('kite in:nook')).toEqual(['kite two']);
    expect(await texts('from:lee')).toEqual(['kite one']);
    expect(await search.find('from:nobody')).toMatchObject({ hits: [], nobody: true, nowhere: false });
    expect(await search.find('in:nowhere')).toMatchObject({ hits: [], nobody: false, nowhere: true });
  });

  it('finds what vanished never again, in memory nor in what is stored', async () => {
    vi.useFakeTimers();
    const here = device();
    const [secret, plain] = [entry(said('secret kite')), entry(said('plain kite'))];
    await here.store.write([...stored('r1', secret), ...stored('r1', plain)]);
    await here.texts('kite');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(here.shards().join()).toContain('secret kite'); // stored, sealed by the store like all else
    await here.store.write([{ ...stored('r1', secret)[0]!, value: undefined }]);
    await vi.advanceTimersByTimeAsync(1);
    expect(here.shards().join()).not.toContain('secret');
    expect(here.shards().join()).toContain('plain kite');
    expect(await here.texts('kite')).toEqual(['plain kite']);
  });
  it('stores what it has learned, and needs no mark of it any more', async () => {
    vi.useFakeTimers();
    const here = device();
    await here.search.start();
    await here.store.write(stored('r1', entry(said('kite'))));
    expect(here.marks()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(here.marks()).toHaveLength(0);
    expect(here.shards()).toHaveLength(1);
    expect(await here.again().texts('kite')).toEqual(['kite']);
  });
  it('loses nothing when it ends before that', async () => {
    const here = device();
    const message = entry(said('kite'));
    await here.store.write(stored('r1', message));
    await here.search.start();
    await here.store.write(stored('r1', entry(said('late kite'))));
    const next = here.again();
    expect(await next.texts('kite')).toEqual(['late kite', 'kite']);
    await next.store.write([{ ...stored('r1', message)[0]!, value: undefined }]);
    expect(await next.again().texts('kite')).toEqual(['late kite']);
  });
  it('builds anew what an older version left', async () => {
    vi.useFakeTimers();
    const here = device();
    await here.store.write(stored('r1', entry(said('kite'))));
    await here.search.start();
    await vi.advanceTimersByTimeAsync(60_000);
    const shards = here.disk.tables.get('shards')!;
    for (const key of shards.keys()) shards.set(key, key === 'version' ? 0 : { not: 'what is read' });
    expect(await here.again().texts('kite')).toEqual(['kite']);
  });
});
