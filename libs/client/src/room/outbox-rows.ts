import type { DeviceId, Eid, Mid } from '../../../protocol/src/index.ts';
import type { Write } from '../storage/store.ts';
import type { RoomContext } from './context.ts';
import { keys, type OutboxRow } from './rows.ts';

/** The rows of the outbox in memory and in the store, oldest first, found by message or by any envelope they ever went in. */
export class OutboxRows {
  #rows: OutboxRow[] = [];
  readonly #byEid = new Map<Eid, OutboxRow>();

  constructor(private readonly ctx: RoomContext) {}

  get all(): readonly OutboxRow[] {
    return this.#rows;
  }
  get unsealed(): OutboxRow[] {
    return this.#rows.filter(({ sealed }) => !sealed);
  }

  async load(): Promise<void> {
    const { store, room } = this.ctx;
    this.#rows = (await store.range<OutboxRow>('outbox', { prefix: keys.room(room) })).map(({ value }) => value);
    for (const row of this.#rows) this.index(row);
  }

  of(mid: Mid): OutboxRow | undefined {
    return this.#rows.find((row) => row.mid === mid);
  }
  /** Only what was an envelope of ours: many events are about others. */
  in(eid: Eid): OutboxRow | undefined {
    return this.#byEid.get(eid);
  }
  /** Entries that some device of these has not got. */
  waitingFor(devices: DeviceId[]): number {
    return this.#rows.filter((row) => row.sealed && devices.some((device) => row.remaining.includes(device) || row.held.includes(device)))
      .length;
  }

  /** To be called when a row has been sealed (again). */
  index(row: OutboxRow): void {
    for (const eid of [...(row.earlier ?? []), ...(row.sealed ? [row.sealed.eid] : [])]) this.#byEid.set(eid, row);
  }

  async add(row: OutboxRow): Promise<void> {
    await this.write([row]);
    this.#rows.push(row);
  }

  put(row: OutboxRow): Write {
    return { table: 'outbox', key: keys.outbox(this.ctx.room, row.aseq), value: row };
  }
  write(rows: readonly OutboxRow[]): Promise<void> {
    return this.ctx.store.write(rows.map((row) => this.put(row)));
  }

  /** Everything from this row on makes way for these. */
  async replaceFrom(index: number, fresh: OutboxRow[]): Promise<void> {
    const gone = this.#rows.slice(index).map((row) => this.#without(row));
    await this.ctx.store.write([...gone, ...fresh.map((row) => this.put(row))]);
    this.#rows = [...this.#rows.slice(0, index), ...fresh];
  }

  /** Removes what needs no keeping any more, and persists the rest of what changed. */
  async settle(changed: readonly OutboxRow[]): Promise<void> {
    if (changed.length === 0) return;
    const done = new Set(changed.filter(isDone));
    await this.ctx.store.write(changed.map((row) => (done.has(row) ? this.#without(row) : this.put(row))));
    this.#rows = this.#rows.filter((row) => !done.has(row));
    for (const [eid, row] of this.#byEid) if (done.has(row)) this.#byEid.delete(eid);
  }

  #without({ aseq }: OutboxRow): Write {
    return { table: 'outbox', key: keys.outbox(this.ctx.room, aseq), value: undefined };
  }
}

/** `acknowledged` still counts: those devices have it, but have not said so under seal. */
function isDone({ sealed, remaining, held, acknowledged }: OutboxRow): boolean {
  return sealed !== null && remaining.length + held.length + acknowledged.length === 0;
}

export const without = (devices: DeviceId[], gone: DeviceId[]) => devices.filter((device) => !gone.includes(device));
export const union = (devices: DeviceId[], more: DeviceId[]) => [...new Set([...devices, ...more])];
