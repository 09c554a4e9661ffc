import type { RoomId } from '../../../protocol/src/index.ts';
import { keys, type EntryRow } from '../room/rows.ts';
import { Serial } from '../serial.ts';
import type { Store, Write } from '../storage/store.ts';
import type { Finder } from './finder.ts';
import { fold as shown } from '../room/timeline.ts';
import { fold } from './fold.ts';
import { markPrefix, type Note, type Noted, type NotedStore } from './noted-store.ts';
import type { Change } from './search-index.ts';
import type { Entry, PackedShard, ShardId } from './shard.ts';

/** Counted up when what a shard holds, or how words are folded, changes: then all is built anew from the messages. */
const version = 1;
const versionKey = 'version';
const shardPrefix = 's/';
const shardKey = (id: ShardId) => `${shardPrefix}${id.padStart(8, '0')}`;
const page = 500;
/** Rewriting a shard costs: what was only added may wait this long, since its mark is stored. What is gone is taken out at once. */
const lazyMs = 20_000;
const link = /https?:\/\//i;

/**
 * Keeps the shards as the messages are. They are stored sealed like everything else (E2E7); the finder gets them in the clear, in memory. What
 * happens is noted in the store first (NotedStore), so that after a crash the shards follow.
 */
export class Indexer {
  readonly #queue = new Serial();
  #pending: Noted[] = [];
  /** In the finder already, not yet in the stored shards. */
  #settled: string[] = [];
  readonly #touched = new Set<ShardId>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #stopped = false;
  readonly #deaf: () => void;

  constructor(
    private readonly store: NotedStore,
    private readonly finder: Finder,
    private readonly failed: (error: unknown) => void,
  ) {
    this.#deaf = store.onNoted((noted) => {
      this.#pending.push(...noted);
      this.#soon(noted.some(({ gone }) => gone) ? 0 : lazyMs);
    });
  }

  /** Loads what is stored, or builds it from the messages. Once, before anything is found. */
  start(): Promise<void> {
    return this.#queue.run(async () => {
      const marks = await this.store.range<Note>('shards', { prefix: markPrefix });
      const known = new Set(this.#pending.map(({ mark }) => mark));
      this.#pending.unshift(
        ...marks.filter(({ key }) => !known.has(key)).map(({ key, value }) => ({ mark: key, note: value, gone: false })),
      );
      const shards = await this.store.range<PackedShard>('shards', { prefix: shardPrefix });
      if ((await this.store.get<number>('shards', versionKey)) === version) await this.finder.load(shards.map(({ value }) => value));
      else await this.#build(shards.map(({ key }) => key));
      await this.#settle();
    });
  }

  /** Everything that was noted is in the finder. */
  settled(): Promise<void> {
    return this.#queue.run(() => this.#settle());
  }

  stop(): void {
    this.#stopped = true;
    this.#deaf();
    if (this.#timer) clearTimeout(this.#timer);
  }

  #soon(ms: number): void {
    if (this.#timer) {
      if (ms > 0) return;
      clearTimeout(this.#timer);
    }
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.#stopped) this.#queue.run(() => this.#keep()).catch((error: unknown) => this.#stopped || this.failed(error));
    }, ms);
  }

  /** The finder first, then the stored shards, and only then the marks are gone. */
  async #keep(): Promise<void> {
    await this.#settle();
    if (this.#settled.length === 0) return;
    const [marks, ids] = [this.#settled, [...this.#touched]];
    this.#settled = [];
    this.#touched.clear();
    const packed = await this.finder.pack(ids);
    const writes: Write[] = ids.map((id, i) => ({ table: 'shards', key: shardKey(id), value: packed[i] ?? undefined }));
    await this.store.write([...writes, ...marks.map((key) => ({ table: 'shards', key, value: undefined }) as const)]);
  }

  async #settle(): Promise<void> {
    const pending = this.#pending.splice(0);
    if (pending.length === 0) return;
    const changes: Change[] = [];
    for (const { note } of pending) changes.push(...(await this.#changeOf(note)));
    for (const id of await this.finder.change(changes)) this.#touched.add(id);
    this.#settled.push(...pending.map(({ mark }) => mark));
    if (changes.some(({ entry }) => entry === null)) this.#soon(0);
  }

  async #changeOf(note: Note): Promise<Change[]> {
    const { room } = note;
    const whole = 'key' in note ? `${room}/${note.key}` : await this.#placeOf(note);
    if (whole === null) return [];
    const key = whole.slice(room.length + 1);
    const row = await this.store.get<EntryRow>('messages', whole);
    const operations = row ? await this.store.range<EntryRow>('operations', { prefix: keys.operations(room, row.mid) }) : [];
    const entry = row ? entryOf(key, row, operations.map(({ value }) => value)) : null; // prettier-ignore
    return [{ room, key, entry }];
  }

  /** Null while the message has not come: it brings its own mark. */
  async #placeOf({ said, target }: { said: RoomId; target: string }): Promise<string | null> {
    const place = await this.store.get<{ table: string; key: string }>('mids', keys.mid(said, target));
    return place?.table === 'messages' ? place.key : null;
  }

  async #build(old: string[]): Promise<void> {
    await this.store.write([
      ...old.map((key) => ({ table: 'shards', key, value: undefined }) as const),
      { table: 'shards', key: versionKey, value: undefined },
    ]);
    let touched: ShardId[] = [];
    for await (const changes of everything(this.store)) touched = [...touched, ...(await this.finder.change(changes))];
    const ids = [...new Set(touched)];
    for (const id of ids) {
      const [packed] = await this.finder.pack([id]);
      if (packed) await this.store.write([{ table: 'shards', key: shardKey(id), value: packed }]);
    }
    await this.store.write([{ table: 'shards', key: versionKey, value: version }]);
  }
}

/** All messages of all rooms, as entries, page by page. */
async function* everything(store: Store): AsyncGenerator<Change[]> {
  let room = '';
  let operations = new Map<string, EntryRow[]>();
  for (let after: string | undefined; ;) {
    const rows = await store.range<EntryRow>('messages', { prefix: '', limit: page, ...(after === undefined ? {} : { after }) });
    const changes: Change[] = [];
    for (const { key: whole, value } of rows) {
      const [of = '', key = ''] = whole.split('/', 2);
      if (of !== room) [room, operations] = [of, await operationsIn(store, of)];
      changes.push({ room, key, entry: entryOf(key, value, operations.get(value.mid) ?? []) });
    }
    yield changes;
    if (rows.length < page) return;
    after = rows.at(-1)!.key;
  }
}

async function operationsIn(store: Store, room: RoomId): Promise<Map<string, EntryRow[]>> {
  const rows = (await store.range<EntryRow>('operations', { prefix: keys.room(room) })).map(({ value }) => value);
  return Map.groupBy(rows, ({ body }) => ('target' in body ? body.target : ''));
}

/** The words that are shown of it now; null: nothing is. */
function entryOf(key: string, row: EntryRow, operations: EntryRow[]): Entry | null {
  const item = shown(key, row, operations, { user: '' }, () => '');
  if (!item || item.deleted) return null;
  const words = fold([item.text, ...item.files.map(({ name }) => name)].join(' '));
  return { key, user: row.user, words, files: item.files.length > 0, links: link.test(item.text) };
}
