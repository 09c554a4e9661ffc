import { encodeContent, timing, type DeviceId, type Receipt } from '../../../protocol/src/index.ts';
import type { RoomContext } from './context.ts';
import { keys, type AuthorRow } from './rows.ts';

export type ReceiptHooks = {
  authors: ReadonlyMap<DeviceId, AuthorRow>;
  /** False when nothing may be sealed now. */
  send: (content: Uint8Array, recipients: DeviceId[]) => Promise<boolean>;
};

/** Sealed receipts (delivery.md D6): cumulative vectors to the authors concerned, at most one every 2 s. */
export class Receipts {
  readonly #due = new Set<DeviceId>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #stopped = false;

  constructor(
    private readonly ctx: RoomContext,
    private readonly hooks: ReceiptHooks,
  ) {}

  /** This author's entries were persisted or seen. */
  owe(device: DeviceId): void {
    if (device === this.ctx.me.device) return;
    this.#due.add(device);
    this.resume();
  }

  /** After a start, or when one was refused on the way: it is said again. */
  oweAll(): void {
    for (const device of this.hooks.authors.keys()) this.owe(device);
  }

  /** The group may be sealed to again: what could not be said is said now. */
  resume(): void {
    if (this.#stopped || this.#due.size === 0) return;
    this.#timer ??= setTimeout(() => this.ctx.soon(() => this.#send()), timing.receiptMs);
  }

  /** Everything here was seen. Persisted, so that a restart does not forget it. */
  async read(): Promise<void> {
    const changed = [...this.hooks.authors].filter(([device, row]) => device !== this.ctx.me.device && row.read < row.aseq);
    if (changed.length === 0) return;
    for (const [device, row] of changed) {
      row.read = row.aseq;
      this.owe(device);
    }
    await this.ctx.store.write(changed.map(([device, row]) => ({ table: 'authors', key: keys.author(this.ctx.room, device), value: row })));
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #send(): Promise<void> {
    this.#timer = null;
    const devices = [...this.#due];
    const receipt: Receipt = { delivered: [], read: [] };
    for (const device of devices) {
      const row = this.hooks.authors.get(device);
      if (!row) continue;
      receipt.delivered.push({ device, from: row.first, aseq: row.aseq, mid: row.mid });
      if (row.read > 0 && this.ctx.tellsRead()) receipt.read.push({ device, aseq: row.read, mid: '' });
    }
    if (receipt.delivered.length && !(await this.hooks.send(encodeContent({ kind: 'receipt', receipt }), devices))) return; // still due
    for (const device of devices) this.#due.delete(device);
  }
}
