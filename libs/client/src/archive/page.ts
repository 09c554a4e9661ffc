import type { HistoryEntry, RoomId, UserId } from '../../../protocol/src/index.ts';
import { keys, type AuthorRow, type EntryRow } from '../room/rows.ts';
import type { Store } from '../storage/store.ts';

/** A piece of an archive. First `about`, then entries, room by room, newest messages first, each followed by what was done to it. */
export type Page =
  | {
      kind: 'about';
      rooms: { id: RoomId; name: string }[];
      people: { user: UserId; name: string; username: string }[];
      madeAt: number;
    }
  | { kind: 'entries'; room: RoomId; entries: HistoryEntry[] };

/** Whose history it is; needed where one's own words stand, whose author's key no table holds. */
export type Own = { device: string; deviceKey: Uint8Array };

const pageRows = 100;

/** What the store holds of these rooms. What vanishes by itself or was said in private is in no archive: it stays where it was said. */
export async function* pagesOf(store: Store, own: Own, about: Extract<Page, { kind: 'about' }>): AsyncGenerator<Page> {
  yield about;
  for (const { id: room } of about.rooms) {
    const keyOf = await authorKeys(store, room, own);
    for await (const rows of pagesBack(store, room)) {
      const lasting = rows.filter(({ private: said, ttl }) => said === undefined && ttl === undefined);
      const entries: HistoryEntry[] = [];
      for (const row of lasting) entries.push(...[row, ...(await operationsOn(store, room, row))].flatMap((each) => entryOf(each, keyOf)));
      if (entries.length > 0) yield { kind: 'entries', room, entries };
    }
  }
}

/** Messages of a room, a page at a time, newest first. */
export async function* pagesBack(store: Store, room: RoomId): AsyncGenerator<EntryRow[]> {
  for (let before: string | undefined; ;) {
    const range = { prefix: keys.room(room), limit: pageRows, reverse: true, ...(before === undefined ? {} : { before }) };
    const rows = await store.range<EntryRow>('messages', range);
    yield rows.map(({ value }) => value);
    if (rows.length < pageRows) return;
    before = rows.at(-1)!.key;
  }
}

export async function operationsOn(store: Store, room: RoomId, { mid }: EntryRow): Promise<EntryRow[]> {
  return (await store.range<EntryRow>('operations', { prefix: keys.operations(room, mid) })).map(({ value }) => value);
}

async function authorKeys(store: Store, room: RoomId, own: Own): Promise<(row: EntryRow) => Uint8Array | undefined> {
  const prefix = keys.authors(room);
  const heads = new Map((await store.range<AuthorRow>('authors', { prefix })).map(({ key, value }) => [key.slice(prefix.length), value]));
  // The head of one's own sequence is kept without a key: it is this device's.
  return ({ device, importedKey }) => importedKey ?? (device === own.device ? own.deviceKey : heads.get(device)?.deviceKey);
}

function entryOf(row: EntryRow, keyOf: (row: EntryRow) => Uint8Array | undefined): HistoryEntry[] {
  const deviceKey = keyOf(row);
  if (!deviceKey) return [];
  const { device: author, user, generation, epoch, order, signature, statement } = row;
  return [{ author, user, deviceKey, generation, epoch, message: { order, signature, statement } }];
}
