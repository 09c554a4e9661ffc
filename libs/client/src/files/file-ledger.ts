import type { Mid } from '../../../protocol/src/index.ts';
import type { Store } from '../storage/store.ts';
import type { FileRow } from './rows.ts';

/** The table `files`, held in memory: there are hundreds, not millions. */
export class FileLedger {
  readonly #rows = new Map<string, FileRow>();

  constructor(private readonly store: Store) {}

  async load(): Promise<void> {
    for (const { key, value } of await this.store.range<FileRow>('files', { prefix: '' })) this.#rows.set(key, value);
  }

  get(id: string): FileRow | undefined {
    return this.#rows.get(id);
  }
  all(): [string, FileRow][] {
    return [...this.#rows];
  }
  of(mid: Mid): [string, FileRow][] {
    return this.all().filter(([, row]) => row.mid === mid);
  }

  async put(id: string, row: FileRow): Promise<void> {
    this.#rows.set(id, row);
    await this.store.write([{ table: 'files', key: id, value: row }]);
  }

  /** Nothing where it has gone meanwhile. */
  async change(id: string, change: Partial<FileRow>): Promise<void> {
    const row = this.#rows.get(id);
    if (row) await this.put(id, { ...row, ...change });
  }

  async remove(id: string): Promise<void> {
    if (!this.#rows.delete(id)) return;
    await this.store.write([{ table: 'files', key: id, value: undefined }]);
  }
}
