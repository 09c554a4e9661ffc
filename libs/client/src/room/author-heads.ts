import type { DeviceId, UserId } from '../../../protocol/src/index.ts';
import type { RoomContext } from './context.ts';
import { keys, type AuthorRow, type EntryRow } from './rows.ts';

export type Author = { device: DeviceId; user: UserId; deviceKey: Uint8Array };

/** How far each author's sequence is here: everything from `first` to `aseq`, and whether something beyond it came (delivery.md D4). */
export class AuthorHeads {
  readonly rows = new Map<DeviceId, AuthorRow>();

  constructor(private readonly ctx: RoomContext) {}

  async load(): Promise<void> {
    const prefix = keys.authors(this.ctx.room);
    for (const { key, value } of await this.ctx.store.range<AuthorRow>('authors', { prefix }))
      this.rows.set(key.slice(prefix.length), value);
  }

  /** The author's head after this entry, and whether it contradicts the past that was told here before. */
  async after(by: Author, row: EntryRow, prev: string): Promise<{ head: AuthorRow; contradicts: boolean }> {
    const { user, deviceKey, device } = by;
    const head = this.rows.get(device);
    // The first entry ever seen of an author is where its sequence begins for this device, until an earlier one comes.
    if (!head)
      return {
        head: { user, deviceKey, first: row.aseq, aseq: row.aseq, mid: row.mid, highest: row.aseq, read: 0 },
        contradicts: false,
      };
    const next: AuthorRow = { ...head, deviceKey, highest: Math.max(head.highest, row.aseq) };
    if (row.aseq === head.first - 1) await this.#absorbEarlier(device, next);
    if (row.aseq !== head.aseq + 1) return { head: next, contradicts: false };
    next.aseq = row.aseq;
    next.mid = row.mid;
    if (next.highest > next.aseq) await this.#absorbLater(device, next);
    return { head: next, contradicts: prev !== head.mid };
  }

  /** A hole was filled: later entries that are here already count now. */
  async #absorbLater(device: DeviceId, head: AuthorRow): Promise<void> {
    const { store, room } = this.ctx;
    const range = { prefix: keys.sequences(room, device), after: keys.sequence(room, device, head.aseq) };
    for (const { key, value } of await store.range<string>('authors', range)) {
      if (key !== keys.sequence(room, device, head.aseq + 1)) return;
      head.aseq++;
      head.mid = value;
    }
  }

  async #absorbEarlier(device: DeviceId, head: AuthorRow): Promise<void> {
    const { store, room } = this.ctx;
    do head.first--;
    while (head.first > 1 && (await store.get('authors', keys.sequence(room, device, head.first - 1))) !== undefined);
  }
}
