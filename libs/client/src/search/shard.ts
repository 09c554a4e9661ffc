import type { RoomId, UserId } from '../../../protocol/src/index.ts';
import type { Cursor, Question } from './question.ts';

/*
 * A stretch of one room's messages as the index holds it: the folded words of all of them in one string, and beside it, in columns, whose they
 * are, when they were said, and where they are stored. What is shown is read from the store: the index only says where to look.
 */
export type ShardId = string;
/** What is known of one message. `key` is that in the store without its room: time.counter.device.number. */
export type Entry = { key: string; user: UserId; words: string; files: boolean; links: boolean };
/** A shard as it is stored. */
export type PackedShard = {
  id: ShardId;
  room: RoomId;
  words: string[];
  keys: string[];
  users: UserId[];
  /** Index into `users`, by message; and bits: 1 file, 2 link. */
  by: number[];
  marks: number[];
};
export type Hit = { room: RoomId; key: string; ms: number };

const END = '\n';

export class Shard {
  #keys: string[] = [];
  #users: UserId[] = [];
  #by: Uint16Array = new Uint16Array();
  #marks: Uint8Array = new Uint8Array();
  /** Where each message's words begin, and at last the whole length. */
  #starts: Uint32Array = new Uint32Array(1);
  #words = '';

  constructor(
    readonly id: ShardId,
    readonly room: RoomId,
    entries: Entry[],
  ) {
    this.#fill(entries);
  }

  static unpack({ id, room, words, keys, users, by, marks }: PackedShard): Shard {
    const entry = (key: string, i: number): Entry => ({
      key,
      user: users[by[i]!]!,
      words: words[i]!,
      files: (marks[i]! & 1) > 0,
      links: (marks[i]! & 2) > 0,
    });
    return new Shard(id, room, keys.map(entry));
  }

  pack(): PackedShard {
    const { id, room } = this;
    const words = this.#keys.map((_, i) => this.#wordsOf(i));
    return { id, room, words, keys: [...this.#keys], users: [...this.#users], by: [...this.#by], marks: [...this.#marks] };
  }

  get size(): number {
    return this.#keys.length;
  }
  get first(): string {
    return this.#keys[0] ?? '';
  }
  get newest(): number {
    return this.size === 0 ? -Infinity : msOf(this.#keys.at(-1)!);
  }

  /** Puts and takes out; `null` takes out. Answers with all entries, oldest first. */
  with(changes: ReadonlyMap<string, Entry | null>): Entry[] {
    const kept: Entry[] = [];
    for (let i = 0; i < this.size; i++) if (!changes.has(this.#keys[i]!)) kept.push(this.#entry(i));
    const put = [...changes.values()].filter((entry) => entry !== null);
    return put.length === 0 ? kept : [...kept, ...put].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Newest first. */
  *find(question: Question): Generator<Hit> {
    const [rarest = '', ...others] = [...question.words].sort((a, b) => b.length - a.length);
    if (question.words.some((word) => !this.#words.includes(word))) return;
    const users = question.users && new Set(question.users.map((user) => this.#users.indexOf(user)));
    for (let i = this.#before(rarest, this.size); i >= 0; i = this.#before(rarest, i))
      if (this.#fits(i, question, users) && others.every((word) => this.#wordsOf(i).includes(word)))
        yield { room: this.room, key: this.#keys[i]!, ms: msOf(this.#keys[i]!) };
  }

  /** The newest message before the `i`th that has this word; -1: none. */
  #before(word: string, i: number): number {
    if (word === '') return i - 1;
    const end = this.#starts[i]! - word.length;
    const found = end < 0 ? -1 : this.#words.lastIndexOf(word, end);
    return found < 0 ? -1 : this.#holding(found);
  }

  #holding(place: number): number {
    let [low, high] = [0, this.size - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #fits(i: number, { files, links, after, before, cursor }: Question, users: ReadonlySet<number> | null): boolean {
    const marks = this.#marks[i]!;
    if ((files && !(marks & 1)) || (links && !(marks & 2)) || (users && !users.has(this.#by[i]!))) return false;
    const ms = msOf(this.#keys[i]!);
    return (after === null || ms >= after) && (before === null || ms < before) && notGiven(cursor, ms);
  }

  #entry(i: number): Entry {
    const marks = this.#marks[i]!;
    return {
      key: this.#keys[i]!,
      user: this.#users[this.#by[i]!]!,
      words: this.#wordsOf(i),
      files: (marks & 1) > 0,
      links: (marks & 2) > 0,
    };
  }

  #wordsOf(i: number): string {
    return this.#words.slice(this.#starts[i], this.#starts[i + 1]! - END.length);
  }

  #fill(entries: Entry[]): void {
    this.#keys = entries.map(({ key }) => key);
    this.#users = [...new Set(entries.map(({ user }) => user))];
    const place = new Map(this.#users.map((user, i) => [user, i]));
    this.#by = Uint16Array.from(entries, ({ user }) => place.get(user)!);
    this.#marks = Uint8Array.from(entries, ({ files, links }) => (files ? 1 : 0) + (links ? 2 : 0));
    this.#starts = new Uint32Array(entries.length + 1);
    entries.forEach(({ words }, i) => (this.#starts[i + 1] = this.#starts[i]! + words.length + END.length));
    this.#words = entries.map(({ words }) => words + END).join('');
  }
}

export const msOf = (key: string): number => Number(key.slice(0, 15));

/** Those of exactly the cursor's time are counted off by whoever merges shards. */
function notGiven(cursor: Cursor | null, ms: number): boolean {
  return cursor === null || ms <= cursor.ms;
}
