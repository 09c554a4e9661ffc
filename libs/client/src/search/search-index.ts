import type { RoomId } from '../../../protocol/src/index.ts';
import type { Cursor, Question } from './question.ts';
import { Shard, type Entry, type Hit, type PackedShard, type ShardId } from './shard.ts';

/** One message is different now: put, or (null) taken out. */
export type Change = { room: RoomId; key: string; entry: Entry | null };
export type Found = { hits: Hit[]; next: Cursor | null };

const shardSize = 5_000;

/** All shards in memory. Found is by scanning, newest first (ux.md): quick enough for 100,000 messages, exact in every language. */
export class SearchIndex {
  /** By room, oldest shard first. */
  readonly #rooms = new Map<RoomId, Shard[]>();
  #last = 0;

  load(shards: PackedShard[]): void {
    for (const packed of shards) {
      this.#last = Math.max(this.#last, Number(packed.id));
      this.#rooms.set(packed.room, [...(this.#rooms.get(packed.room) ?? []), Shard.unpack(packed)]);
    }
    for (const list of this.#rooms.values()) list.sort(byFirst);
  }

  /** Answers with the shards that are different now. */
  change(changes: Change[]): ShardId[] {
    const touched = new Set<ShardId>();
    for (const [room, ofRoom] of Map.groupBy(changes, ({ room: of }) => of)) {
      const list = this.#rooms.get(room) ?? [];
      const changed = new Map<number, Shard[]>();
      for (const [at, ofShard] of Map.groupBy(ofRoom, ({ key }) => placeOf(list, key))) {
        const pieces = this.#changed(list[at], at === list.length - 1, room, new Map(ofShard.map(({ key, entry }) => [key, entry])));
        for (const { id } of [list[at], ...pieces].filter((shard) => shard !== undefined)) touched.add(id);
        changed.set(at, pieces);
      }
      const shards = Array.from({ length: Math.max(1, list.length) }, (_, at) => changed.get(at) ?? [list[at]!]).flat();
      if (shards.length > 0) this.#rooms.set(room, shards);
      else this.#rooms.delete(room);
    }
    return [...touched];
  }

  /** What is to be stored under these ids; null: nothing any more. */
  pack(ids: ShardId[]): (PackedShard | null)[] {
    const all = new Map([...this.#rooms.values()].flat().map((shard) => [shard.id, shard]));
    return ids.map((id) => all.get(id)?.pack() ?? null);
  }

  find(question: Question): Found {
    const wanted = question.rooms ?? [...this.#rooms.keys()];
    const sources = wanted.map((room) => this.#inRoom(room, question)).map((source) => ({ source, hit: source.next().value }));
    const hits: Hit[] = [];
    let skip = question.cursor?.given ?? 0;
    while (hits.length < question.limit) {
      const newest = sources.reduce(
        (best, each) => (each.hit && (!best.hit || each.hit.ms > best.hit.ms) ? each : best),
        sources[0] ?? none,
      );
      if (!newest.hit) return { hits, next: null };
      const { hit } = newest;
      newest.hit = newest.source?.next().value;
      if (hit.ms === question.cursor?.ms && skip-- > 0) continue;
      hits.push(hit);
    }
    return { hits, next: cursorAfter(hits, question.cursor) };
  }

  get size(): number {
    return [...this.#rooms.values()].flat().reduce((sum, shard) => sum + shard.size, 0);
  }

  *#inRoom(room: RoomId, question: Question): Generator<Hit, undefined> {
    for (const shard of [...(this.#rooms.get(room) ?? [])].reverse())
      if (shard.newest >= (question.after ?? 0)) yield* shard.find(question);
    return undefined;
  }

  /** What a shard becomes. One that is too long is shared out evenly; the last of a room, which grows at its end, is left full. */
  #changed(shard: Shard | undefined, last: boolean, room: RoomId, changes: ReadonlyMap<string, Entry | null>): Shard[] {
    const entries = (shard ?? new Shard('', room, [])).with(changes);
    const grown = !shard || (last && entries[0]?.key === shard.first);
    const size = grown ? shardSize : Math.ceil(entries.length / Math.ceil(entries.length / shardSize));
    const pieces: Shard[] = [];
    for (let from = 0; from < entries.length; from += size) {
      const id = pieces.length === 0 && shard ? shard.id : String(++this.#last);
      pieces.push(new Shard(id, room, entries.slice(from, from + size)));
    }
    return pieces;
  }
}

const none: { source: Generator<Hit, undefined> | null; hit: Hit | undefined } = { source: null, hit: undefined };
const byFirst = (a: Shard, b: Shard) => (a.first < b.first ? -1 : 1);

/** Which shard a key belongs to: the last that begins before it. */
function placeOf(list: Shard[], key: string): number {
  const after = list.findIndex(({ first }) => first > key);
  return Math.max(0, after < 0 ? list.length - 1 : after - 1);
}

function cursorAfter(hits: Hit[], before: Cursor | null): Cursor | null {
  const ms = hits.at(-1)?.ms;
  if (ms === undefined) return null;
  const given = hits.filter((hit) => hit.ms === ms).length;
  return { ms, given: given + (before?.ms === ms ? before.given : 0) };
}
