/**
 * Port: what the client keeps on this device. Tables of string keys (ordered by code unit) to values, written in atomic batches.
 * A value is plain data: null, boolean, number, string, Uint8Array, arrays and plain objects of these. Values are encrypted at rest
 * by adapters that touch a disk (E2E7); keys are ids and order keys, never words.
 */
export const tables = [
  'meta', // singletons: ids, fences, settings
  'identity', // account and device keys
  'keyPackages', // private halves of published key packages
  'groups', // MLS state by room
  'epochs', // what is kept of past epochs: room/epoch
  'journal', // opened, but not yet persisted as a message: room/eid
  'envelopes', // eids that were opened or given up: room/eid
  'messages', // what was said: room/order key
  'mids', // where a message is: room/mid → order key
  'operations', // edits, deletes, reactions whose target has not come: room/target/mid
  'authors', // head of each author's sequence: room/device
  'outbox', // words that have not reached everybody: room/aseq
  'notices', // joins, leaves, gaps, key changes: room/order key
  'pins', // account keys at first use: user
  'people', // names last seen: user
  'files', // what is here of files: id
  'rooms', // rooms last seen, read marks, drafts: room
  'shards', // the search's: shards, and marks of what they lack
] as const;
export type Table = (typeof tables)[number];

export type Value = null | boolean | number | string | Uint8Array | Value[] | { [key: string]: Value | undefined };

/** `value: undefined` deletes. */
export type Write = { table: Table; key: string; value: Value | undefined };

export type Range = {
  /** Only keys that begin with this. */
  prefix: string;
  /** Exclusive bounds within the prefix, as whole keys. */
  after?: string;
  before?: string;
  limit?: number;
  /** Highest key first. */
  reverse?: boolean;
};

export type StoreErrorCode =
  | 'fenced' // another tab has taken over: nothing was written, nothing may leave
  | 'full' // quota exceeded: nothing was written
  | 'closed'
  | 'locked'; // the key that opens the values is not there

export class StoreError extends Error {
  override name = 'StoreError';
  constructor(
    readonly code: StoreErrorCode,
    text: string,
    options?: ErrorOptions,
  ) {
    super(text, options);
  }
}

export interface Store {
  get<T extends Value>(table: Table, key: string): Promise<T | undefined>;
  /** In key order; with `reverse` from the highest down. */
  range<T extends Value>(table: Table, range: Range): Promise<{ key: string; value: T }[]>;
  /** All or nothing; resolves only when it would survive a crash of the process. Throws StoreError. */
  write(writes: Write[]): Promise<void>;
  close(): Promise<void>;
  /** Removes everything, the key included ("log out and forget"). */
  destroy(): Promise<void>;
}
