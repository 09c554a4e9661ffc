import { ConclaveError, filePart, partsOf, sealedSize, StoredFile, type FileStorage } from '../../../protocol/src/index.ts';
import type { RestClient } from '../server/rest-client.ts';
import type { FileLedger } from './file-ledger.ts';
import { Meter } from './meter.ts';
import type { FileRow } from './rows.ts';
import type { Vault } from './vault.ts';

export type StoringHooks = {
  vault: () => Promise<Vault>;
  online: () => boolean;
  limits: () => FileStorage | null;
  changed: (id: string) => void;
};

const RETRY_MS = 20_000;

/** Puts one's own files into the sealed storage, for members who are away: one after the other, and on with what a reload cut off. */
export class FileStoring {
  /** What is on its way now. */
  now: { id: string; at: number; rate: number } | null = null;
  #running = false;
  #cancel = new AbortController();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly rest: RestClient,
    private readonly ledger: FileLedger,
    private readonly hooks: StoringHooks,
  ) {}

  /** There may be something to do. */
  async resume(): Promise<void> {
    if (this.#running || !this.hooks.online()) return;
    this.#running = true;
    try {
      for (let next = this.#next(); next; next = this.#next()) if (!(await this.#store(...next))) break;
    } finally {
      this.#running = false;
      this.now = null;
    }
  }

  /** Not this one any more. */
  drop(id: string): void {
    if (this.now?.id !== id) return;
    this.#cancel.abort();
    this.#cancel = new AbortController();
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#cancel.abort();
  }

  #next(): [string, FileRow] | undefined {
    return this.ledger.all().find(([, row]) => row.stored === 'owed' && row.complete && row.mid !== null && !row.withheld);
  }

  /** False: later again. */
  async #store(id: string, row: FileRow): Promise<boolean> {
    try {
      const most = this.hooks.limits()?.maxBytes ?? 0;
      const stored = sealedSize(row.size) <= most && (await this.#send(id, row));
      await this.ledger.change(id, { stored: stored ? 'yes' : 'refused' });
    } catch (error) {
      if (this.ledger.get(id)?.withheld !== false) return true; // taken back meanwhile
      if (!(error instanceof ConclaveError)) throw error;
      if (error.shouldRetry() && error.code !== 'server-full') return this.#later(error.retryAfterMs);
      await this.ledger.change(id, { stored: 'refused' });
    } finally {
      this.now = null;
      this.hooks.changed(id);
    }
    return true;
  }

  async #send(id: string, row: FileRow): Promise<boolean> {
    const { signal } = this.#cancel;
    const size = sealedSize(row.size);
    const path = `/api/rooms/${row.room}/files`;
    const vault = await this.hooks.vault();
    const there = new Set((await this.rest.as('POST', path, StoredFile, { json: { id, size } })).parts);
    const meter = new Meter();
    const missing = Array.from({ length: partsOf(size) }, (_, n) => n).filter((n) => !there.has(n));
    let at = there.size * filePart;
    for (const n of missing) {
      this.now = { id, at, rate: meter.mark(at) };
      this.hooks.changed(id);
      const part = await vault.read(id, n * filePart, Math.min(size, (n + 1) * filePart));
      await this.rest.put(`${path}/${id}/parts/${n}`, StoredFile, part, signal);
      at = Math.min(size, at + part.length);
    }
    return true;
  }

  #later(ms = RETRY_MS): false {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.resume(), ms);
    return false;
  }
}
