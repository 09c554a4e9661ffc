import type { DeviceId, Receipt } from '../../../protocol/src/index.ts';
import type { RoomContext } from './context.ts';
import { without, type OutboxRows } from './outbox-rows.ts';
import { keys, type OutboxRow, type ReceiptRow } from './rows.ts';

/** What a receipt says of us: the first entry that reached the device, and how far it has them. */
export type Said = { from: number; delivered: number; read: number };

export function saidOf(own: DeviceId, { delivered, read }: Receipt): Said {
  const ours = (list: Receipt['read']) => list.find(({ device }) => device === own);
  const reached = ours(delivered);
  return { from: reached?.from ?? 1, delivered: reached?.aseq ?? 0, read: ours(read)?.aseq ?? 0 };
}

/** How far each device has what this one said, by its sealed receipts (delivery.md D6). What reached everybody leaves the outbox. */
export class Reached {
  readonly receipts = new Map<DeviceId, ReceiptRow>();

  constructor(
    private readonly ctx: RoomContext,
    private readonly rows: OutboxRows,
  ) {}

  /** After the rows: a crash may have come between a receipt and what follows from it. */
  async load(): Promise<void> {
    const { store, room } = this.ctx;
    const prefix = keys.receipts(room);
    for (const { key, value } of await store.range<ReceiptRow>('authors', { prefix })) this.receipts.set(key.slice(prefix.length), value);
    await this.rows.settle([...new Set([...this.receipts.keys()].flatMap((device) => this.#receipted(device)))]);
  }

  /** `head`: the last number there is. A receipt for more is worth what was said, not what will be. */
  async receipt(device: DeviceId, user: string, said: Said, head: number): Promise<void> {
    const known = this.receipts.get(device) ?? { user, delivered: 0, read: 0 };
    const most = (before: number, now: number) => Math.max(before, Math.min(now, head));
    const next: ReceiptRow = {
      user,
      from: Math.min(known.from ?? said.from, said.from),
      delivered: most(known.delivered, Math.max(said.delivered, said.read)),
      read: most(known.read, said.read),
    };
    this.receipts.set(device, next);
    if (next.from !== known.from || next.delivered !== known.delivered || next.read !== known.read)
      await this.ctx.store.write([{ table: 'authors', key: keys.receipt(this.ctx.room, device), value: next }]);
    await this.rows.settle(this.#receipted(device));
  }

  async removed(devices: DeviceId[]): Promise<void> {
    await this.rows.settle(this.rows.all.filter((row) => devices.filter((device) => this.#reached(row, device)).length > 0));
  }

  /** The rows that a device's receipts have moved. */
  #receipted(device: DeviceId): OutboxRow[] {
    const { from = 1, delivered } = this.receipts.get(device)!;
    return this.rows.all.filter((row) => row.aseq >= from && row.aseq <= delivered && this.#reached(row, device));
  }

  /** False when nobody waited for this device. */
  #reached(row: OutboxRow, device: DeviceId): boolean {
    if (!row.sealed || ![row.remaining, row.held, row.acknowledged].some((devices) => devices.includes(device))) return false;
    row.remaining = without(row.remaining, [device]);
    row.held = without(row.held, [device]);
    row.acknowledged = without(row.acknowledged, [device]);
    this.ctx.delivery.settle(row.sealed.eid, [device]);
    return true;
  }
}
