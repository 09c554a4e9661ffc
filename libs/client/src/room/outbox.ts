import {
  ConclaveError,
  encodeContent,
  type Body,
  type DeviceId,
  type Eid,
  type ErrorCode,
  type Mid,
  type Receipt,
} from '../../../protocol/src/index.ts';
import { SealError, type Roster } from '../sealing/sealer.ts';
import type { Table } from '../storage/store.ts';
import type { RoomContext } from './context.ts';
import { checkWords, frozenAnew, frozenRow, type Head } from './freezing.ts';
import { OutboxRows, union, without } from './outbox-rows.ts';
import { accountsOf, blockOf, mendable, recipientsOf, whyRefused, type Blocked } from './leaving.ts';
import { ownEntry } from './own-entry.ts';
import { Reached, saidOf } from './reached.ts';
import { Resending } from './resending.ts';
import { keys, type AuthorRow, type EntryRow, type OutboxRow } from './rows.ts';
import { commitmentOf, signable } from './statement.ts';

export type OutboxHooks = {
  /** The group as of now, or null while there is none to seal to. */
  roster: () => Roster | null;
  /** A member has another group under the same epoch: nothing may leave (delivery.md D5). */
  split: () => boolean;
  /** Somebody was put out, and is in the group still: nothing is sealed to them (MOD1). */
  shunning: () => boolean;
  /** Somebody is there whom this person has not seen yet: they are asked first (e2ee.md). */
  asks: (roster: Roster) => boolean;
  /** They have seen who is there, and say it anyway. */
  acknowledged: () => Promise<void>;
  /** How long what is said now stays, ms; undefined: for good (MSG5). */
  ttl: () => number | undefined;
  /** The room shows its words to who comes later. */
  later: () => boolean;
  /** Something waits for the group to be ready. */
  wanted: () => void;
  /** An entry was sealed and has its place in the order. */
  placed: (key: string, row: EntryRow) => Promise<void>;
  /** States may have changed. */
  changed: () => void;
};

/**
 * Words on their way out (MSG1, MSG8). Persisted before the composer clears, sealed at departure, kept until every recipient device
 * has said in a sealed receipt that it has them. Entries leave in the order they were said; one that waits makes later ones wait,
 * one that has left never does.
 */
export class Outbox {
  readonly rows: OutboxRows;
  readonly reached: Reached;
  readonly again: Resending;
  #head: Head = { aseq: 0, mid: '' };
  #left = 0;
  blocked: Blocked = null;

  constructor(
    private readonly ctx: RoomContext,
    private readonly hooks: OutboxHooks,
  ) {
    this.rows = new OutboxRows(ctx);
    this.reached = new Reached(ctx, this.rows);
    this.again = new Resending(ctx, this.rows, {
      roster: hooks.roster,
      asks: hooks.asks,
      seal: (content, authenticated) => this.#sealed(content, authenticated),
      dispatch: (row) => this.#dispatch(row),
      changed: hooks.changed,
    });
  }

  /** Number of the last word that has left this device. */
  get left(): number {
    return this.#left;
  }

  async load(): Promise<void> {
    const sealed = await this.#sealedHead();
    this.#left = sealed.aseq;
    await this.#resumeClock(sealed.mid);
    await this.rows.load();
    const last = this.rows.all.at(-1);
    this.#head = last && last.aseq > sealed.aseq ? last : sealed;
    await this.reached.load();
    for (const row of this.rows.all) this.#dispatch(row);
  }

  /** Freezes and persists; resolves when a crash could not lose it any more. Throws ConclaveError `too-large` or `bad-request`. */
  async say(body: Body): Promise<Mid> {
    checkWords(body);
    const roster = this.hooks.roster();
    const row = await frozenRow(
      this.ctx,
      {
        body,
        at: this.ctx.clock.now(),
        accounts: roster && accountsOf(roster),
        ttl: this.hooks.ttl(),
        ...(this.hooks.later() ? { later: true } : {}),
      },
      this.#head,
    );
    await this.rows.add(row);
    this.#head = row;
    this.hooks.changed();
    return row.mid;
  }

  /** Seals and sends what waits, oldest first, until something has to wait. */
  async flush(): Promise<void> {
    for (const row of this.rows.unsealed) {
      const roster = this.hooks.roster();
      this.blocked = this.#blockOf(row, roster);
      if (this.blocked) {
        if (this.blocked !== 'audience-grew') this.hooks.wanted();
        return this.hooks.changed();
      }
      if (!(await this.#seal(row, roster!))) return;
    }
    this.blocked = null;
  }

  #blockOf(row: OutboxRow, roster: Roster | null): Blocked {
    if (this.hooks.split()) return 'split';
    const blocked = blockOf(row, roster) ?? (this.hooks.shunning() ? 'removal' : null);
    return blocked ?? (roster && !row.anyway && this.hooks.asks(roster) ? 'audience-grew' : null);
  }

  /** A direct link says that the device has persisted it. Only steers the way; the states people see come from receipts. */
  async acknowledged(eid: Eid, devices: DeviceId[]): Promise<void> {
    const row = this.rows.in(eid);
    const fresh = devices.filter((device) => row?.remaining.includes(device) || row?.held.includes(device));
    if (!row || fresh.length === 0) return;
    row.remaining = without(row.remaining, fresh);
    row.held = without(row.held, fresh);
    row.acknowledged = union(row.acknowledged, fresh);
    await this.rows.write([row]);
    this.hooks.changed();
  }

  async held(eid: Eid, devices: DeviceId[]): Promise<void> {
    const row = this.rows.in(eid);
    const fresh = devices.filter((device) => row?.remaining.includes(device));
    if (!row || fresh.length === 0) return;
    row.remaining = without(row.remaining, fresh);
    row.held = union(row.held, fresh);
    await this.rows.write([row]);
    this.hooks.changed();
  }

  /** The relay will never take these bytes. False when the envelope was none of these. */
  async refused(eid: Eid, devices: DeviceId[], code: ErrorCode): Promise<boolean> {
    const row = this.rows.in(eid);
    if (!row?.sealed) return false;
    if (row.sealed.eid !== eid) return true; // a later copy is on its way already
    if (!mendable.has(code)) await this.#fail(row, whyRefused(code));
    else {
      this.hooks.wanted();
      await this.again.refused(row, devices);
    }
    return true;
  }

  /** A sealed receipt: this device has everything of ours from and up to these numbers. */
  async receipt(device: DeviceId, user: string, receipt: Receipt): Promise<void> {
    await this.reached.receipt(device, user, saidOf(this.ctx.me.device, receipt), this.#head.aseq);
    this.hooks.changed();
  }

  /** These leaves are gone: nobody waits for them any more. */
  async removed(devices: DeviceId[]): Promise<void> {
    await this.reached.removed(devices);
    this.hooks.changed();
  }

  async sendAnyway(mid: Mid): Promise<void> {
    const row = this.rows.of(mid);
    if (!row || (row.sealed && !this.again.asks(mid))) return;
    const waiting = this.rows.unsealed;
    for (const each of waiting) each.anyway = true;
    await this.rows.write(waiting);
    await this.hooks.acknowledged();
    await this.again.flush();
  }

  async retry(mid: Mid): Promise<void> {
    const row = this.rows.of(mid);
    if (!row?.failed) return;
    row.failed = null;
    row.remaining = union(row.remaining, row.held);
    row.held = [];
    await this.rows.write([row]);
    await this.again.retry(row);
    this.hooks.changed();
  }

  /** Takes words back that never left; what was said after them is frozen anew, since it named them as predecessor. */
  async cancel(mid: Mid): Promise<void> {
    const index = this.rows.all.findIndex((row) => row.mid === mid);
    const row = this.rows.all[index];
    if (!row) return;
    if (row.sealed) throw new ConclaveError('conflict', 'This message has left already. Delete it for everyone instead.');
    const before = this.rows.all[index - 1];
    const from: Head = before && !before.sealed ? before : await this.#sealedHead();
    const { rows, head } = await frozenAnew(this.ctx, mid, this.rows.all.slice(index + 1), from);
    await this.rows.replaceFrom(index, rows);
    this.#head = head;
    this.hooks.changed();
  }

  /** The relay dropped an envelope after its days were over (delivery.md D7); one that was no entry of ours needs no word. */
  async expired(eid: Eid, names: string): Promise<void> {
    const row = this.rows.in(eid);
    if (row) await this.#fail(row, `Not delivered to ${names} within 30 days.`);
  }

  /** The last of ours that has left. */
  async #sealedHead(): Promise<Head> {
    const own = await this.ctx.store.get<AuthorRow>('authors', keys.author(this.ctx.room, this.ctx.me.device));
    return { aseq: own?.aseq ?? 0, mid: own?.mid ?? '' };
  }

  async #resumeClock(mid: Mid | ''): Promise<void> {
    const { store, room, clock } = this.ctx;
    const place = mid && (await store.get<{ table: Table; key: string }>('mids', keys.mid(room, mid)));
    const entry = place && (await store.get<EntryRow>(place.table, place.key));
    if (entry) clock.resume(entry.order);
  }

  async #seal(row: OutboxRow, roster: Roster): Promise<boolean> {
    const { ctx } = this;
    const order = ctx.clock.tick();
    const signature = await ctx.sealer.sign(await signable(ctx.room, row.statement, order));
    const content = encodeContent({ kind: 'message', order, signature, statement: row.statement });
    const copy = await this.#sealed(content, await commitmentOf(row.statement));
    if (!copy) return false;
    const others = roster.leaves.filter(({ device }) => device !== ctx.me.device);
    row.sealed = { ...copy, order, signature };
    row.remaining = others.map(({ device }) => device);
    // One write makes it a message of the timeline and an envelope to send.
    const { key, entry, writes } = ownEntry(ctx, row, recipientsOf(others));
    await ctx.store.write([this.rows.put(row), ...writes]);
    this.rows.index(row);
    this.#left = row.aseq;
    this.#dispatch(row); // stored: nobody has to wait until it stands in the list of rooms, too
    await this.hooks.placed(key, entry);
    if (others.length === 0) await this.rows.settle([row]);
    return true;
  }

  async #sealed(content: Uint8Array, authenticated: Uint8Array) {
    try {
      return await this.ctx.sealer.seal(this.ctx.room, content, authenticated);
    } catch (error) {
      if (!(error instanceof SealError) || (error.code !== 'removal-pending' && error.code !== 'no-group')) throw error;
      this.blocked = error.code === 'removal-pending' ? 'removal' : 'joining';
      this.hooks.wanted();
      this.hooks.changed();
      return null;
    }
  }

  #dispatch(row: OutboxRow): void {
    if (!row.sealed || row.failed || row.remaining.length === 0) return;
    this.ctx.delivery.dispatch({ room: this.ctx.room, eid: row.sealed.eid, ciphertext: row.sealed.ciphertext }, row.remaining);
  }

  async #fail(row: OutboxRow, reason: string): Promise<void> {
    row.failed = reason;
    if (row.sealed) this.ctx.delivery.release(row.sealed.eid);
    await this.rows.write([row]);
    this.hooks.changed();
    this.ctx.heard({ kind: 'failed', room: this.ctx.room });
  }
}
