import { encodeContent, type DeviceId, type Mid } from '../../../protocol/src/index.ts';
import type { Roster, Sealed } from '../sealing/sealer.ts';
import type { RoomContext } from './context.ts';
import { union, without, type OutboxRows } from './outbox-rows.ts';
import type { OutboxRow } from './rows.ts';

type Place = { generation?: number; epoch?: number };

export type ResendingHooks = {
  roster: () => Roster | null;
  /** Somebody is there whom this person has not seen yet. */
  asks: (roster: Roster) => boolean;
  /** Null when that has to wait for the group. */
  seal: (content: Uint8Array, authenticated: Uint8Array) => Promise<Sealed | null>;
  dispatch: (row: OutboxRow) => void;
  /** States may have changed. */
  changed: () => void;
};

/**
 * What has left once, and has to leave again. A copy may have reached somebody, so nothing is sealed to the group a second time: whoever lacks it
 * gets it in a bundle, under the same mid and signature (delivery.md D1).
 */
export class Resending {
  /**
   * Entries of which a copy has to leave in a bundle, each with the epoch whose envelopes the relay refuses: at another one. Null: at any, since
   * what was sealed may never open; an epoch of the same number may be of another group.
   */
  readonly #stranded = new Map<Mid, Place | null>();
  /** The relay may have lost these: offered again once it is known that the server has not gone another way. */
  readonly #offering: OutboxRow[] = [];

  constructor(
    private readonly ctx: Pick<RoomContext, 'me' | 'delivery'>,
    private readonly rows: OutboxRows,
    private readonly hooks: ResendingHooks,
  ) {}

  /** The relay will never take these bytes for these devices. */
  async refused(row: OutboxRow, devices: DeviceId[]): Promise<void> {
    row.remaining = union(row.remaining, devices);
    row.held = without(row.held, devices);
    if (this.#stranded.get(row.mid) !== null) this.#stranded.set(row.mid, row.sealed);
    await this.flush();
  }

  /** What was refused leaves again, once it would be sealed at another epoch than the one refused: the same would be refused again. */
  async flush(): Promise<void> {
    for (const [mid, refusedAt] of this.#stranded) {
      const row = this.rows.of(mid);
      const roster = this.hooks.roster();
      if (refusedAt && roster?.generation === refusedAt.generation && roster?.epoch === refusedAt.epoch) continue;
      if (!row?.sealed || (await this.#bundle(row))) this.#stranded.delete(mid);
    }
  }

  /** Its author wants another try. */
  async retry(row: OutboxRow): Promise<void> {
    if (row.sealed && !(await this.#bundle(row))) this.#stranded.set(row.mid, null);
  }

  /** The relay may have lost what it held: whoever has not said that they have it is waited for again (delivery.md D11). */
  async serverChanged(): Promise<void> {
    const rows = this.rows.all.filter(({ held }) => held.length > 0);
    for (const row of rows) {
      row.remaining = union(row.remaining, row.held);
      row.held = [];
    }
    await this.rows.write(rows);
    this.#offering.push(...rows);
    this.hooks.changed();
  }

  /** The group is the server's: what it may have lost is offered again, under the same eids. */
  offerAgain(): void {
    for (const row of this.#offering.splice(0)) this.hooks.dispatch(row);
  }

  /** The group was founded anew: what was sealed in the one before opens nowhere any more. */
  async foundedAnew(generation: number): Promise<void> {
    for (const row of this.rows.all)
      if (row.sealed && (row.sealed.generation ?? generation) < generation && row.remaining.length > 0) this.#stranded.set(row.mid, null);
    await this.flush();
  }

  /** These put their old leaf out and came in anew: what was sealed to the old one may never open there. */
  async cameAnew(devices: DeviceId[]): Promise<void> {
    for (const row of this.rows.all) {
      const owed = devices.filter((device) => [row.remaining, row.held, row.acknowledged].some((list) => list.includes(device)));
      if (!row.sealed || row.failed || owed.length === 0) continue;
      row.remaining = union(row.remaining, owed);
      row.held = without(row.held, owed);
      row.acknowledged = without(row.acknowledged, owed);
      await this.rows.write([row]);
      this.#stranded.set(row.mid, null);
    }
  }

  /** A copy of it has to leave, and its author has not seen yet who would read it. */
  asks(mid: Mid): boolean {
    const row = this.rows.of(mid);
    const roster = this.hooks.roster();
    return this.#stranded.has(mid) && row !== undefined && roster !== null && this.#asks(row, roster);
  }

  #asks({ anyway }: OutboxRow, roster: Roster): boolean {
    return !anyway && this.hooks.asks(roster);
  }

  /** Seals a copy for the devices that still lack it. False when that has to wait for the group. */
  async #bundle(row: OutboxRow): Promise<boolean> {
    const roster = this.hooks.roster();
    if (!row.sealed || !roster || roster.removing.length > 0 || this.#asks(row, roster)) return false;
    const leaves = new Set(roster.leaves.map(({ device }) => device));
    row.remaining = row.remaining.filter((device) => leaves.has(device));
    if (row.remaining.length > 0) {
      const { order, signature, eid } = row.sealed;
      const messages = [{ author: this.ctx.me.device, message: { order, signature, statement: row.statement } }];
      const copy = await this.hooks.seal(encodeContent({ kind: 'bundle', messages }), new Uint8Array(0));
      if (!copy) return false;
      this.ctx.delivery.release(eid);
      row.sealed = { ...row.sealed, ...copy };
      row.earlier = [...(row.earlier ?? []), eid].slice(-8);
      this.rows.index(row);
    }
    await this.rows.settle([row]);
    this.hooks.dispatch(row);
    return true;
  }
}
