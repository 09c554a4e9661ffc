import { Dexie, type Table as DexieTable, type Transaction } from 'dexie';
import { Serial } from '../serial.ts';
import { keyRowOf, makeKeyRow, openRow, relocked, type KeyRow, type Lock, type LockChange, type OldKeyRow, type Unlock } from './locks.ts';
import { openValue, sealValue } from './sealed-values.ts';
import { StoreError, tables, type Range, type Store, type Table, type Value, type Write } from './store.ts';

type Row = { key: string; sealed: Uint8Array<ArrayBuffer> };
type FenceRow = { id: 'owner'; term: number };
/** A write whose value has been sealed; `sealed: null` deletes. */
type SealedWrite = { table: Table; key: string; sealed: Row['sealed'] | null };

/** Beside the store's tables: `$keys` holds the wrapped data key, `$fence` who may write. */
const KEYS = '$keys';
const FENCE = '$fence';

/**
 * Opens the database of one account in this browser. `take` makes the caller its owner: whoever had it before is fenced. A term joins the
 * owner that holds it, with the data key that owner has; the sealer's worker does that. Throws StoreError `fenced` when the term is over,
 * `locked` when what was brought does not open it.
 */
export async function openIdbStore(name: string, owner: 'take' | number, key?: Unlock | CryptoKey): Promise<IdbStore> {
  const database = databaseOf(name);
  return translated(async () => {
    try {
      await database.open();
      const dataKey = key instanceof CryptoKey ? key : await openRow(await keyRow(database), key);
      return new IdbStore(database, dataKey, await takeOrJoin(database, owner));
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** The database of an account in this browser. */
export const databaseName = (user: string): string => `conclave-${user}`;
/** Nobody's term: whoever has it may write nothing. */
const NO_TERM = -1;

/**
 * To read beside the owner, whoever that is: its term is not touched, and every write is refused as fenced. Null when there is no database.
 * Throws StoreError `locked`.
 */
export async function peekIdbStore(name: string): Promise<IdbStore | null> {
  if (!(await Dexie.exists(name))) return null;
  const database = databaseOf(name);
  return translated(async () => {
    try {
      await database.open();
      const row = await database.table<KeyRow | OldKeyRow, string>(KEYS).get('data');
      if (row === undefined) throw new StoreError('locked', 'there is no key yet');
      return new IdbStore(database, await openRow(keyRowOf(row)), NO_TERM);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** The locks of a database; none when there is no database yet. */
export async function locksOf(name: string): Promise<Lock[]> {
  if (!(await Dexie.exists(name))) return [];
  const database = databaseOf(name);
  try {
    return (await keyRow(database)).locks;
  } finally {
    database.close();
  }
}

/** Puts other locks on a database. Throws StoreError `locked` when `unlock` does not open it. */
export async function changeLocks(name: string, unlock: Unlock | undefined, change: LockChange): Promise<void> {
  const database = databaseOf(name);
  await translated(async () => {
    try {
      await database.table(KEYS).put(await relocked(await keyRow(database), unlock, change));
    } finally {
      database.close();
    }
  });
}

/** Deletes a database that nobody has open, without opening it. */
export function destroyIdbStore(name: string): Promise<void> {
  return translated(() => Dexie.delete(name));
}

function databaseOf(name: string): Dexie {
  const database = new Dexie(name, { chromeTransactionDurability: 'strict', cache: 'disabled' });
  const schema = Object.fromEntries(tables.map((table) => [table, 'key']));
  // Counted up with every table that is added.
  database.version(2).stores({ ...schema, [KEYS]: 'id', [FENCE]: 'id' });
  return database;
}

/** Made outside the transaction, since a transaction ends where one waits for WebCrypto; whoever comes second takes what is there. */
async function keyRow(database: Dexie): Promise<KeyRow> {
  const keys = database.table<KeyRow | OldKeyRow, string>(KEYS);
  const there = await keys.get('data');
  if (there !== undefined) return keyRowOf(there);
  const made = await makeKeyRow();
  return database.transaction('rw', keys, async () => {
    const first = await keys.get('data');
    if (first === undefined) await keys.add(made);
    return first ? keyRowOf(first) : made;
  });
}

function takeOrJoin(database: Dexie, owner: 'take' | number): Promise<number> {
  const fence = database.table<FenceRow, string>(FENCE);
  return database.transaction('rw', fence, async () => {
    const term = (await fence.get('owner'))?.term ?? 0;
    if (owner === 'take') await fence.put({ id: 'owner', term: term + 1 });
    else if (owner !== term) throw new StoreError('fenced', 'another tab has taken over');
    return owner === 'take' ? term + 1 : owner;
  });
}

/** Store over IndexedDB: values encrypted, every write fenced by the owner's term in its own transaction (delivery.md D10). */
export class IdbStore implements Store {
  readonly term: number;
  readonly #database: Dexie;
  /** Can be used, not read: goes to the sealer's worker, which works on the same database. */
  readonly dataKey: CryptoKey;
  readonly #writes = new Serial();

  constructor(database: Dexie, dataKey: CryptoKey, term: number) {
    this.#database = database;
    this.dataKey = dataKey;
    this.term = term;
  }

  get<T extends Value>(table: Table, key: string): Promise<T | undefined> {
    return translated(async () => {
      const row = await this.#rows(table).get(key);
      return row && ((await openValue(this.dataKey, table, key, row.sealed)) as T);
    });
  }

  range<T extends Value>(table: Table, { prefix, after, before, limit, reverse }: Range): Promise<{ key: string; value: T }[]> {
    const lower = after !== undefined && after >= prefix ? after : prefix;
    const end = `${prefix}\uffff`;
    const upper = before !== undefined && before < end ? before : end;
    return translated(async () => {
      if (lower > upper || limit === 0) return [];
      let rows = this.#rows(table)
        .where(':id')
        .between(lower, upper, lower !== after, upper !== before);
      if (reverse) rows = rows.reverse();
      if (limit !== undefined) rows = rows.limit(limit);
      const found = await rows.toArray();
      return Promise.all(found.map(async ({ key, sealed }) => ({ key, value: (await openValue(this.dataKey, table, key, sealed)) as T })));
    });
  }

  /** Batches are sealed side by side but written in the order they were asked for. */
  write(writes: Write[]): Promise<void> {
    const sealed = Promise.all(writes.map((write) => this.#seal(write)));
    sealed.catch(() => undefined); // heard of below
    return this.#writes.run(() => translated(async () => this.#put(await sealed)));
  }

  async close(): Promise<void> {
    await this.#writes.idle();
    this.#database.close();
  }

  destroy(): Promise<void> {
    return this.#writes.run(() =>
      translated(async () => {
        await this.#database.transaction('rw', FENCE, (inside) => this.#checkFence(inside));
        await this.#database.delete();
      }),
    );
  }

  #rows(table: Table): DexieTable<Row, string> {
    return this.#database.table(table);
  }

  async #seal({ table, key, value }: Write): Promise<SealedWrite> {
    return { table, key, sealed: value === undefined ? null : await sealValue(this.dataKey, table, key, value) };
  }

  async #put(writes: SealedWrite[]): Promise<void> {
    await this.#database.transaction('rw', [...new Set(writes.map(({ table }) => table)), FENCE], async (inside) => {
      // Asked for together, so that nobody waits for the fence first: a term that is over takes back all of them.
      const done = writes.map(({ table, key, sealed }) =>
        sealed === null ? this.#rows(table).delete(key) : this.#rows(table).put({ key, sealed }),
      );
      await Promise.all([this.#checkFence(inside), ...done]);
    });
  }

  async #checkFence(inside: Transaction): Promise<void> {
    const row = await inside.table<FenceRow, string>(FENCE).get('owner');
    if (row?.term !== this.term) throw new StoreError('fenced', 'another tab has taken over');
  }
}

/** What IndexedDB says, in the port's words; anything unexpected stays what it is. */
async function translated<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const names = namesOf(error);
    if (names.includes('QuotaExceededError')) throw new StoreError('full', 'the browser gives no more space', { cause: error });
    if (names.includes('DatabaseClosedError')) throw new StoreError('closed', 'the store is closed', { cause: error });
    throw error;
  }
}

/** Dexie wraps what the browser threw: the names of an error and of those inside it. */
function namesOf(error: unknown): string[] {
  const names: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 4; depth++) {
    names.push(at.name);
    at = (at as { inner?: unknown }).inner;
  }
  return names;
}
