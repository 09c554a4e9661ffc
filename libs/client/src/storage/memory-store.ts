import { StoreError, tables, type Range, type Store, type Table, type Value } from './store.ts';

/** What a store in memory writes to: it outlives the store, as a disk outlives a process. */
export type MemoryDisk = { term: number; tables: Map<Table, Map<string, Value>> };

export function memoryDisk(): MemoryDisk {
  return { term: 0, tables: new Map(tables.map((table) => [table, new Map()])) };
}

/** A store in memory, for Node and tests. `take` fences all that were opened before; a term joins its owner (delivery.md D10). */
export function openMemoryStore(disk: MemoryDisk = memoryDisk(), owner: 'take' | number = 'take'): Store & { readonly term: number } {
  const term = owner === 'take' ? ++disk.term : owner;
  if (term !== disk.term) throw new StoreError('fenced', 'another owner has taken over');
  let open = true;
  const rows = (table: Table) => {
    if (!open) throw new StoreError('closed', 'the store is closed');
    return disk.tables.get(table)!;
  };
  const fence = () => {
    if (term !== disk.term) throw new StoreError('fenced', 'another owner has taken over');
  };
  return {
    term,
    get: async <T extends Value>(table: Table, key: string) => structuredClone(rows(table).get(key)) as T | undefined,
    range: async <T extends Value>(table: Table, range: Range) =>
      select([...rows(table).keys()], range).map((key) => ({ key, value: structuredClone(rows(table).get(key)) as T })),
    write: async (writes) => {
      const copies = writes.map((write) => ({ ...write, value: structuredClone(write.value), rows: rows(write.table) }));
      fence();
      for (const { rows: target, key, value } of copies) {
        if (value === undefined) target.delete(key);
        else target.set(key, value);
      }
    },
    close: async () => {
      open = false;
    },
    destroy: async () => {
      rows('meta');
      fence();
      open = false;
      for (const table of disk.tables.values()) table.clear();
    },
  };
}

/** The keys of a range, in its order. */
function select(keys: string[], { prefix, after, before, limit, reverse }: Range): string[] {
  const within = keys
    .filter((key) => key.startsWith(prefix) && (after === undefined || key > after) && (before === undefined || key < before))
    .sort((a, b) => (a < b ? -1 : 1));
  return (reverse ? within.reverse() : within).slice(0, limit);
}
