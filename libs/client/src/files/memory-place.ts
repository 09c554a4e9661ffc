import type { FilePlace } from './place.ts';

/** What outlives a reload, as a disk does. */
export type MemoryFiles = Map<string, Uint8Array>;

/** Files in memory, for Node and tests. */
export function memoryPlace(files: MemoryFiles = new Map()): FilePlace {
  return {
    size: async (id) => files.get(id)?.length ?? 0,
    read: async (id, from, to) => (files.get(id) ?? new Uint8Array()).slice(from, to),
    write: async (id, at, bytes) => {
      const old = files.get(id) ?? new Uint8Array();
      const grown = new Uint8Array(Math.max(old.length, at + bytes.length));
      grown.set(old);
      grown.set(bytes, at);
      files.set(id, grown);
    },
    remove: async (id) => void files.delete(id),
    all: async () => [...files.keys()],
    beginPlain: async () => {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      return { write: async (bytes) => void parts.push(new Uint8Array(bytes)), done: async () => new Blob(parts) };
    },
    removePlain: async () => undefined,
  };
}
