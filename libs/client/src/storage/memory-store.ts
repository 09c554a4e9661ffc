import { StoreError, tables, type Range, type Store, type Table, type Value, type Write } from './store.ts';

/** What a store in memory writes to: it outlives the store, as a disk outlives a process. */
export type MemoryDisk = { term: number; tables: Map<Table, Map<string, Value>> };

export function memoryDisk(): MemoryDisk {
  return { term: 0, tables: new Map(tables.map((table) => [table, new Map()])) };
}

/** A store in memory, for Node and tests. `take` fences all that were opened before; a term joins its owner (delivery.md D10). */
export function openMemoryStore(disk: MemoryDisk = memoryDisk(), owner: 'take' | number = 'take'): Store & { readonly term: number } {
  return new MemoryStore(disk, owner);
}

class MemoryStore implements Store {
  readonly disk: MemoryDisk;
  readonly term: number;
  #open = true;

  constructor(disk: MemoryDisk, owner: 'take' | number) {
    this.disk = disk;
    this.term = owner === 'take' ? ++disk.term : owner;
    this.#checkFence();
  }

  async get<T extends Value>(table: Table, key: string): Promise<T | undefined> {
    return structuredClone(this.#rows(table).get(key)) as T | undefined;
  }

  async range<T extends Value>(table: Table, range: Range): Promise<{ key: string; value: T }[]> {
    const rows = this.#rows(table);
    return select([...rows.keys()], range).map((key) => ({ key, value: structuredClone(rows.get(key)) as T }));
  }

  async write(writes: Write[]): Promise<void> {
    const copies = writes.map(({ table, key, value }) => ({ rows: this.#rows(table), key, value: copyOf(value) }));
    this.#checkFence();
    for (const { rows, key, value } of copies) {
      if (value === undefined) rows.delete(key);
      else rows.set(key, value);
    }
  }

  async close(): Promise<void> {
    this.#open = false;
  }

  async destroy(): Promise<void> {
    this.#checkOpen();
    this.#checkFence();
    this.#open = false;
    for (const rows of this.disk.tables.values()) rows.clear();
  }

  #rows(table: Table): Map<string, Value> {
    this.#checkOpen();
    return this.disk.tables.get(table)!;
  }

  #checkOpen(): void {
    if (!this.#open) throw new StoreError('closed', 'the store is closed');
  }

  #checkFence(): void {
    if (this.term !== this.disk.term) throw new StoreError('fenced', 'another owner has taken over');
  }
}

/** A copy without members that are undefined, and of bytes only what the view shows, not the buffer behind it. */
function copyOf(value: Value | undefined): Value | undefined {
  if (value instanceof Uint8Array) return value.slice();
  if (Array.isArray(value)) return value.map((item) => copyOf(item)!);
  if (value === null || typeof value !== 'object') return structuredClone(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, copyOf(member)!]));
}

/** The keys of a range, in its order. */
function select(keys: string[], { prefix, after, before, limit, reverse }: Range): string[] {
  const within = keys
    .filter((key) => key.startsWith(prefix) && (after === undefined || key > after) && (before === undefined || key < before))
    .sort((a, b) => (a < b ? -1 : 1));
  return (reverse ? within.reverse() : within).slice(0, limit);
}
