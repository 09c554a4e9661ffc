import type { HistoryEntry, RoomId, UserId } from '../../../protocol/src/index.ts';
import { ConclaveError } from '../../../protocol/src/index.ts';
import type { Taken } from '../room/imported.ts';
import type { Store } from '../storage/store.ts';
import type { Own, Page } from './page.ts';
import type { HistoryFiles, ImportResult, ReadableFormat } from './contract.ts';

export type TransferPlace = {
  store: Store;
  own: Own;
  rooms: () => { id: RoomId; name: string }[];
  people: () => { user: UserId; name: string; username: string }[];
  nameOf: (user: UserId) => string;
  room: (id: RoomId) => { takeArchived(entries: HistoryEntry[], own: boolean): Promise<Taken[]> } | undefined;
};

export class Transfer implements HistoryFiles {
  constructor(private readonly place: () => TransferPlace | null) {}

  async *sealed(passphrase: string, rooms: RoomId[] | null): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const { sealPages } = await archives();
    yield* sealPages({ passphrase }, this.pages(rooms));
  }

  async *readable(format: ReadableFormat, rooms: RoomId[] | null): AsyncGenerator<string> {
    const place = this.#must();
    const { readable } = await import('./readable.ts');
    yield* readable(place.store, format, chosen(place, rooms), place.nameOf);
  }

  async take(file: Blob, passphrase: string): Promise<ImportResult> {
    const { ArchiveError, openPages } = await archives();
    try {
      return await this.takePages(openPages({ passphrase }, piecesOf(file)), false);
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      const code = error.fault === 'wrong-secret' ? 'bad-credentials' : 'bad-request';
      throw new ConclaveError(code, error.message, undefined, `archive-${error.fault}`);
    }
  }

  async *pages(rooms: RoomId[] | null): AsyncGenerator<Page> {
    const place = this.#must();
    const about = { kind: 'about', rooms: chosen(place, rooms), people: place.people(), madeAt: Date.now() } as const;
    const { pagesOf } = await import('./page.ts');
    yield* pagesOf(place.store, place.own, about);
  }

  /** `own`: made by this very account, as nobody else can. */
  async takePages(pages: AsyncIterable<Page>, own: boolean): Promise<ImportResult> {
    const result: ImportResult = { added: 0, known: 0, unproved: 0, refused: 0, elsewhere: 0 };
    for await (const page of pages) {
      if (page.kind !== 'entries') continue;
      const room = this.#must().room(page.room);
      if (!room) result.elsewhere += page.entries.length;
      else for (const taken of await room.takeArchived(page.entries, own)) result[taken]++;
    }
    return result;
  }

  #must(): TransferPlace {
    const place = this.place();
    if (!place) throw new ConclaveError('unauthenticated', 'Sign in first.');
    return place;
  }
}

/** Rarely needed: kept out of what loads first. */
const archives = () => import('./sealed-pages.ts');

function chosen(place: TransferPlace, rooms: RoomId[] | null): { id: RoomId; name: string }[] {
  return place.rooms().filter(({ id }) => rooms === null || rooms.includes(id));
}

async function* piecesOf(file: Blob): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}
