import type { Mid, RoomId } from '../../../protocol/src/index.ts';
import type { Write } from '../storage/store.ts';
import type { RoomContext } from './context.ts';
import { keys, type EntryRow } from './rows.ts';

const DAY_MS = 86_400_000;
const batch = 200;
/** A timer of the browser reaches no further than 24 days; and clocks are set. */
const lookMs = 10 * 60_000;

/**
 * Messages that vanish (MSG5) and rooms that keep nothing older than so many days (ROOM10). What is gone is gone from the store: words, edits and
 * signature. Its id stays, so that a late copy is not shown again.
 */
export class Vanishing {
  #timer: ReturnType<typeof setTimeout> | null = null;
  #next = Infinity;
  #retentionDays: number | null = null;

  constructor(
    private readonly ctx: RoomContext,
    private readonly gone: (key: string, mid: Mid) => Promise<void>,
  ) {}

  /** Sweeps what is due, and waits for the next. */
  async load(retentionDays: number | null): Promise<void> {
    this.#retentionDays = retentionDays;
    this.#next = Infinity;
    const { store, room, clock } = this.ctx;
    const now = clock.now();
    for (;;) {
      const due = await store.range<Mid>('meta', { prefix: dues(room), before: dueKey(room, now, ''), limit: batch });
      for (const { key, value } of due) await this.#remove(value, key);
      if (due.length < batch) break;
    }
    if (retentionDays !== null) await this.#sweepOlder(now - retentionDays * DAY_MS);
    const [next] = await store.range<Mid>('meta', { prefix: dues(room), limit: 1 });
    this.#waitUntil(next ? Number(next.key.slice(dues(room).length).split('/')[0]) : now + lookMs);
  }

  /** An entry was stored. */
  async placed(row: EntryRow): Promise<void> {
    const at = vanishesAt(row);
    if (at === null || row.body.kind !== 'text') return;
    await this.ctx.store.write([{ table: 'meta', key: dueKey(this.ctx.room, at, row.mid), value: row.mid }]);
    this.#waitUntil(at);
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #waitUntil(at: number): void {
    if (at >= this.#next) return;
    this.#next = at;
    this.stop();
    const wait = Math.min(Math.max(0, at - this.ctx.clock.now()) + 50, lookMs);
    this.#timer = setTimeout(() => this.ctx.soon(() => this.load(this.#retentionDays)), wait);
  }

  async #sweepOlder(before: number): Promise<void> {
    const { store, room } = this.ctx;
    const edge = keys.notice(room, Math.max(0, before), '');
    for (;;) {
      const old = await store.range<EntryRow>('messages', { prefix: keys.room(room), before: edge, limit: batch });
      for (const { key, value } of old) await this.#erase('messages', key, value.private ?? room, value.mid, []);
      if (old.length < batch) return;
    }
  }

  async #remove(mid: Mid, due: string): Promise<void> {
    const { store, room } = this.ctx;
    const place = await store.get<{ table: 'messages'; key: string }>('mids', keys.mid(room, mid));
    const done: Write[] = [{ table: 'meta', key: due, value: undefined }];
    if (place) await this.#erase(place.table, place.key, room, mid, done);
    else await store.write(done);
  }

  /** The entry where it stands, and what was done to it; `said`: where, which for a private conversation shown here is another id. */
  async #erase(table: 'messages', key: string, said: RoomId, mid: Mid, more: Write[]): Promise<void> {
    const { store, room } = this.ctx;
    const writes: Write[] = [...more, { table, key, value: undefined }];
    for (const where of new Set([room, said]))
      for (const { key: operation } of await store.range('operations', { prefix: keys.operations(where, mid) }))
        writes.push({ table: 'operations', key: operation, value: undefined });
    await store.write(writes);
    await this.gone(key, mid);
  }
}

/** When an entry vanishes, ms since 1970; null: never. */
export function vanishesAt({ ttl, order }: Pick<EntryRow, 'ttl' | 'order'>): number | null {
  return ttl === undefined ? null : order.ms + ttl;
}

const dues = (room: string) => `due/${room}/`;
const dueKey = (room: string, at: number, mid: string) => `${dues(room)}${String(Math.floor(at)).padStart(15, '0')}/${mid}`;
