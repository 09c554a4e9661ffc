import { openMemoryStore, type MemoryDisk } from '../../../libs/client/src/storage/memory-store.ts';
import { StoreError, type Range, type Store, type Table, type Value, type Write } from '../../../libs/client/src/storage/store.ts';

/** Where a device dies: `writes` more succeed; the one after is lost, or kept but never confirmed. */
export type Crash = { writes: number; kept: boolean; died: () => void };

const never = new Promise<never>(() => undefined);

/** The memory store on a disk that may be full, and of a device that may die at any write: what was complete is on the disk, nothing else. */
export class FaultyStore implements Store {
  readonly #inner: Store;
  #crash: Crash | null = null;
  #dead = false;
  full = false;

  constructor(disk: MemoryDisk) {
    this.#inner = openMemoryStore(disk);
  }

  dieAt(crash: Crash): void {
    this.#crash = crash;
  }
  /** From here on nothing is answered: its device is gone. */
  die(): void {
    this.#dead = true;
  }

  async get<T extends Value>(table: Table, key: string): Promise<T | undefined> {
    return this.#dead ? never : this.#inner.get<T>(table, key);
  }
  async range<T extends Value>(table: Table, range: Range): Promise<{ key: string; value: T }[]> {
    return this.#dead ? never : this.#inner.range<T>(table, range);
  }

  async write(writes: Write[]): Promise<void> {
    if (this.#dead) return never;
    if (this.full) throw new StoreError('full', 'no room is left');
    const crash = this.#crash;
    if (!crash || crash.writes-- > 0) return this.#inner.write(writes);
    this.#dead = true;
    if (crash.kept) await this.#inner.write(writes);
    crash.died();
    return never;
  }

  async close(): Promise<void> {
    if (!this.#dead) await this.#inner.close();
  }
  async destroy(): Promise<void> {
    if (!this.#dead) await this.#inner.destroy();
  }
}
