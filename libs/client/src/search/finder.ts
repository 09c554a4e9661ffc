import type { Question } from './question.ts';
import { SearchIndex, type Change, type Found } from './search-index.ts';
import type { PackedShard, ShardId } from './shard.ts';

/** Port: where the index is held in memory and scanned; in browsers a worker, so that typing never waits for it. */
export interface Finder {
  load(shards: PackedShard[]): Promise<void>;
  /** Answers with the shards that are different now. */
  change(changes: Change[]): Promise<ShardId[]>;
  /** What is to be stored under these ids; null: nothing any more. */
  pack(ids: ShardId[]): Promise<(PackedShard | null)[]>;
  find(question: Question): Promise<Found>;
  close(): void;
}

/** In this very thread: for programs and tests. */
export function localFinder(): Finder {
  const index = new SearchIndex();
  return {
    load: async (shards) => index.load(shards),
    change: async (changes) => index.change(changes),
    pack: async (ids) => index.pack(ids),
    find: async (question) => index.find(question),
    close: () => undefined,
  };
}
