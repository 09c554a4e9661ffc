import type { RoomId, UserId } from '../../../protocol/src/index.ts';
import { keys, type EntryRow } from '../room/rows.ts';
import { fold as shown } from '../room/timeline.ts';
import type { Finder } from './finder.ts';
import { fold } from './fold.ts';
import { Indexer } from './indexer.ts';
import type { NotedStore } from './noted-store.ts';
import { asksNothing, readQuestion, type Cursor, type Question, type SearchHit, type SearchPage, type Typed } from './question.ts';
import type { Hit } from './shard.ts';

/** What the search has to know of the rest. */
export type Known = {
  /** Rooms one may look into, with their names. */
  rooms: () => { id: RoomId; name: string }[];
  people: () => { user: UserId; name: string; username: string }[];
  nameOf: (user: UserId) => string;
  /** Their words are not shown. */
  shunned: (user: UserId) => boolean;
  me: UserId;
};

const pageSize = 30;

/** Finds what was said, on this device alone (FIND1): works without any server, and tells nobody what was looked for. */
export class Search {
  #ready: Promise<{ indexer: Indexer; finder: Finder }> | null = null;
  #stopped = false;

  constructor(
    private readonly store: NotedStore,
    private readonly makeFinder: () => Finder,
    private readonly known: Known,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Loads the index; the first question does it, too. */
  async start(): Promise<void> {
    await this.#started();
  }

  stop(): void {
    this.#stopped = true;
    void this.#ready?.then(({ indexer, finder }) => {
      indexer.stop();
      finder.close();
    });
  }

  /** One page of what `text` asks for; `room`: only there. What vanished a moment ago is not in it. */
  async find(text: string, room: RoomId | null = null, cursor: Cursor | null = null): Promise<SearchPage> {
    const typed = readQuestion(text);
    const page: SearchPage = { hits: [], words: typed.words, next: null, nobody: false, nowhere: false };
    if (asksNothing(typed)) return page;
    const question = this.#question(typed, room, cursor);
    const [nobody, nowhere] = [question.users?.length === 0, question.rooms?.length === 0];
    if (nobody || nowhere) return { ...page, nobody, nowhere };
    const { indexer, finder } = await this.#started();
    await indexer.settled();
    const { hits, next } = await finder.find(question);
    const read = await Promise.all(hits.map((hit) => this.#read(hit)));
    return { ...page, hits: read.filter((hit) => hit !== null), next };
  }

  #started(): Promise<{ indexer: Indexer; finder: Finder }> {
    this.#ready ??= this.#begin();
    // A failure is for whoever asked; the next question tries again.
    this.#ready.catch(() => (this.#ready = null));
    return this.#ready;
  }

  async #begin(): Promise<{ indexer: Indexer; finder: Finder }> {
    const finder = this.makeFinder();
    const indexer = new Indexer(this.store, finder, this.failed);
    try {
      if (this.#stopped) throw new Error('the search has ended');
      await indexer.start();
      return { indexer, finder };
    } catch (error) {
      indexer.stop();
      finder.close();
      throw error;
    }
  }

  #question(typed: Typed, room: RoomId | null, cursor: Cursor | null): Question {
    const { words, files, links, after, before } = typed;
    const within = this.known.rooms().filter(({ id, name }) => (room === null || id === room) && named(typed.in, [name]));
    const users = typed.from.length > 0 ? this.known.people().filter(({ name, username }) => named(typed.from, [name, username])) : null;
    return {
      words,
      files,
      links,
      after,
      before,
      cursor,
      limit: pageSize,
      rooms: within.map(({ id }) => id),
      users: users && users.map(({ user }) => user),
    };
  }

  /** Null when it is not to be shown: it has vanished, or one wants nothing of who said it. */
  async #read({ room, key }: Hit): Promise<SearchHit | null> {
    const row = await this.store.get<EntryRow>('messages', `${room}/${key}`);
    if (!row || this.known.shunned(row.user)) return null;
    const operations = await this.store.range<EntryRow>('operations', { prefix: keys.operations(room, row.mid) });
    const item = shown(`${room}/${key}`, row, operations.map(({ value }) => value), { user: this.known.me }, this.known.nameOf); // prettier-ignore
    if (!item || item.deleted) return null;
    const { mid, author, orderedAt: at, text, files } = item;
    return { room, key: item.key, mid, author: { user: author.user, name: author.name }, at, text, files: files.map(({ name }) => name) };
  }
}

/** Any of the beginnings of any word of these names, folded; no beginnings: all. */
function named(beginnings: string[], names: string[]): boolean {
  const folded = names.map((name) => fold(name));
  return beginnings.length === 0 || beginnings.some((each) => folded.some((name) => name.startsWith(each) || name.includes(` ${each}`)));
}
