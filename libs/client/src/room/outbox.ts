import {
  ConclaveError,
  encodeContent,
  MessageText,
  toBase64url,
  type Body,
  type DeviceId,
  type Eid,
  type ErrorCode,
  type Mid,
} from '../../../protocol/src/index.ts';
import { SealError, type Leaf, type Roster } from '../sealing/sealer.ts';
import type { Write } from '../storage/store.ts';
import type { RoomContext } from './context.ts';
import { keys, placeOf, type AuthorRow, type EntryRow, type OutboxRow, type Recipient, type ReceiptRow } from './rows.ts';
import { audienceOf, commitmentOf, freeze, signable } from './statement.ts';

export type OutboxHooks = {
  /** The group as of now, or null while there is none to seal to. */
  roster: () => Roster | null;
  /** Something waits for the group to be ready. */
  wanted: () => void;
  /** An entry was sealed and has its place in the order. */
  placed: (key: string, row: EntryRow) => void;
  /** States may have changed. */
  changed: () => void;
};

/** Why the first unsealed entry does not leave. */
export type Blocked = 'joining' | 'removal' | 'audience-grew' | null;

/**
 * Words on their way out (MSG1, MSG8). Persisted before the composer clears, sealed at departure, kept until every recipient device
 * has said in a sealed receipt that it has them. Entries leave in the order they were said; one that waits makes later ones wait,
 * one that has left never does.
 */
export class Outbox {
  #rows: OutboxRow[] = [];
  readonly receipts = new Map<DeviceId, ReceiptRow>();
  /** Which entry an envelope on the way belongs to. */
  readonly #byEid = new Map<Eid, number>();
  #head: { aseq: number; mid: Mid | '' } = { aseq: 0, mid: '' };
  blocked: Blocked = null;

  constructor(
    private readonly ctx: RoomContext,
    private readonly hooks: OutboxHooks,
  ) {}

  get rows(): readonly OutboxRow[] {
    return this.#rows;
  }
  row(mid: Mid): OutboxRow | undefined {
    return this.#rows.find((row) => row.mid === mid);
  }
  /** Entries that some device of these has not got. */
  waitingFor(devices: DeviceId[]): number {
    return this.#rows.filter((row) => row.sealed && devices.some((device) => row.remaining.includes(device) || row.held.includes(device)))
      .length;
  }

  async load(): Promise<void> {
    const { store, room, me } = this.ctx;
    const head = await store.get<AuthorRow>('authors', keys.author(room, me.device));
    for (const { key, value } of await store.range<ReceiptRow>('authors', { prefix: keys.receipts(room) }))
      this.receipts.set(key.slice(keys.receipts(room).length), value);
    this.#rows = (await store.range<OutboxRow>('outbox', { prefix: keys.room(room) })).map(({ value }) => value);
    const last = this.#rows.at(-1);
    this.#head = last && last.aseq > (head?.aseq ?? 0) ? last : { aseq: head?.aseq ?? 0, mid: head?.mid ?? '' };
    for (const row of this.#rows) this.#dispatch(row);
  }

  /** Freezes and persists; resolves when a crash could not lose it any more. */
  async say(body: Body): Promise<Mid> {
    checkWords(body);
    const roster = this.hooks.roster();
    const row = await this.#frozen(body, this.ctx.clock.now(), roster ? accountsOf(roster) : null, this.#head);
    await this.#write([row]);
    this.#rows.push(row);
    this.#head = row;
    this.hooks.changed();
    return row.mid;
  }

  /** Seals and sends what waits, oldest first, until something has to wait. */
  async flush(): Promise<void> {
    for (const row of this.#rows.filter(({ sealed }) => !sealed)) {
      const roster = this.hooks.roster();
      this.blocked = await this.#block(row, roster);
      if (this.blocked) {
        if (this.blocked !== 'audience-grew') this.hooks.wanted();
        return this.hooks.changed();
      }
      if (!(await this.#seal(row, roster!))) return;
    }
    this.blocked = null;
  }

  /** A direct link says that the device has persisted it. Only steers the way; the states people see come from receipts. */
  async acknowledged(eid: Eid, devices: DeviceId[]): Promise<void> {
    const row = this.#find(eid);
    if (!row) return;
    row.remaining = row.remaining.filter((device) => !devices.includes(device));
    row.held = row.held.filter((device) => !devices.includes(device));
    row.acknowledged = [...new Set([...row.acknowledged, ...devices])];
    await this.#write([row]);
    this.hooks.changed();
  }

  async held(eid: Eid, devices: DeviceId[]): Promise<void> {
    const row = this.#find(eid);
    const fresh = devices.filter((device) => row?.remaining.includes(device));
    if (!row || fresh.length === 0) return;
    row.remaining = row.remaining.filter((device) => !fresh.includes(device));
    row.held = [...row.held, ...fresh];
    await this.#write([row]);
    this.hooks.changed();
  }

  /**
   * The relay will never take these bytes. A copy may have left, so nothing is sealed to the group again: whoever lacks it gets it in a
   * bundle, under the same mid and signature (delivery.md D1).
   */
  async refused(eid: Eid, devices: DeviceId[], code: ErrorCode): Promise<void> {
    const row = this.#find(eid);
    if (!row?.sealed) return;
    if (code === 'not-member' || code === 'not-found') return this.#fail(row, 'You are not a member of this room any more.');
    if (code === 'too-large' || code === 'bad-frame') return this.#fail(row, 'The server does not take a message of this size.');
    row.remaining = [...new Set([...row.remaining, ...devices])];
    this.#byEid.delete(eid);
    this.hooks.wanted();
    await this.bundle(row);
  }

  /** Seals a copy for the devices that still lack it. */
  async bundle(row: OutboxRow): Promise<void> {
    const roster = this.hooks.roster();
    if (!row.sealed || !roster || roster.removing.length > 0) return; // flushed again when the group is ready
    const leaves = new Set(roster.leaves.map(({ device }) => device));
    row.remaining = row.remaining.filter((device) => leaves.has(device));
    if (row.remaining.length > 0) {
      const { order, signature } = row.sealed;
      const content = encodeContent({
        kind: 'bundle',
        messages: [{ author: this.ctx.me.device, message: { order, signature, statement: row.statement } }],
      });
      const copy = await this.#sealed(content, new Uint8Array(0));
      if (!copy) return;
      row.sealed = { ...row.sealed, eid: copy.eid, ciphertext: copy.ciphertext };
    }
    await this.#write([row]);
    this.#dispatch(row);
    await this.#dropIfDone([row]);
  }

  /** Entries whose envelope was refused while the group was not ready. */
  async bundleStranded(): Promise<void> {
    for (const row of this.#rows)
      if (row.sealed && row.remaining.length > 0 && !row.failed && !this.#byEid.has(row.sealed.eid)) await this.bundle(row);
  }

  /** A sealed receipt: this device has everything of ours up to these numbers. */
  async receipt(device: DeviceId, user: string, delivered: number, read: number): Promise<void> {
    const known = this.receipts.get(device) ?? { user, delivered: 0, read: 0 };
    const next = { user, delivered: Math.max(known.delivered, delivered, read), read: Math.max(known.read, read) };
    if (next.delivered === known.delivered && next.read === known.read) return;
    this.receipts.set(device, next);
    await this.ctx.store.write([{ table: 'authors', key: keys.receipt(this.ctx.room, device), value: next }]);
    for (const row of this.#rows) if (row.sealed && row.aseq <= next.delivered) this.#reached(row, device);
    await this.#dropIfDone(this.#rows);
    this.hooks.changed();
  }

  /** These leaves are gone: nobody waits for them any more. */
  async removed(devices: DeviceId[]): Promise<void> {
    for (const row of this.#rows) for (const device of devices) this.#reached(row, device);
    await this.#dropIfDone(this.#rows);
    this.hooks.changed();
  }

  async sendAnyway(mid: Mid): Promise<void> {
    const row = this.row(mid);
    if (!row || row.sealed) return;
    for (const waiting of this.#rows.filter(({ sealed }) => !sealed)) waiting.anyway = true;
    await this.#write(this.#rows.filter(({ sealed }) => !sealed));
  }

  async retry(mid: Mid): Promise<void> {
    const row = this.row(mid);
    if (!row?.failed) return;
    row.failed = null;
    row.remaining = [...new Set([...row.remaining, ...row.held])];
    row.held = [];
    await this.#write([row]);
    if (row.sealed) await this.bundle(row);
    this.hooks.changed();
  }

  /** Takes words back that never left; what was said after them is frozen anew, since it named them as predecessor. */
  async cancel(mid: Mid): Promise<void> {
    const index = this.#rows.findIndex((row) => row.mid === mid);
    const row = this.#rows[index];
    if (!row) return;
    if (row.sealed) throw new ConclaveError('conflict', 'This message has left already. Delete it for everyone instead.');
    const before = this.#rows[index - 1];
    const own = await this.ctx.store.get<AuthorRow>('authors', keys.author(this.ctx.room, this.ctx.me.device));
    let head: { aseq: number; mid: Mid | '' } = before ?? { aseq: own?.aseq ?? 0, mid: own?.mid ?? '' };
    const later: OutboxRow[] = [];
    for (const { body, at, accounts, anyway } of this.#rows.slice(index + 1)) {
      const again = { ...(await this.#frozen(body, at, accounts, head)), anyway };
      later.push(again);
      head = again;
    }
    const gone: Write[] = this.#rows
      .slice(index)
      .map(({ aseq }) => ({ table: 'outbox', key: keys.outbox(this.ctx.room, aseq), value: undefined }));
    await this.ctx.store.write([...gone, ...later.map((entry) => this.#put(entry))]);
    this.#rows = [...this.#rows.slice(0, index), ...later];
    this.#head = head;
    this.hooks.changed();
  }

  /** The relay dropped envelopes after its days were over (delivery.md D7). */
  async expired(eid: Eid, devices: DeviceId[], names: string): Promise<void> {
    const row =
      this.#find(eid) ?? this.#rows.find((candidate) => candidate.sealed && devices.some((device) => candidate.held.includes(device)));
    if (row) await this.#fail(row, `Not delivered to ${names} within 30 days.`);
  }

  async #frozen(body: Body, at: number, accounts: string[] | null, head: { aseq: number; mid: Mid | '' }): Promise<OutboxRow> {
    const { room, me } = this.ctx;
    const aseq = head.aseq + 1;
    const audience = await audienceOf(accounts ?? []);
    const { mid, statement } = await freeze({ room, device: me.device, aseq, prev: head.mid, audience, at, body });
    return {
      mid,
      aseq,
      at,
      body,
      statement,
      accounts,
      anyway: false,
      sealed: null,
      remaining: [],
      held: [],
      acknowledged: [],
      failed: null,
    };
  }

  async #block(row: OutboxRow, roster: Roster | null): Promise<Blocked> {
    if (!roster) return 'joining';
    if (roster.removing.length > 0) return 'removal';
    const said = row.accounts && new Set(row.accounts);
    if (said && !row.anyway && accountsOf(roster).some((account) => !said.has(account))) return 'audience-grew';
    return null;
  }

  async #seal(row: OutboxRow, roster: Roster): Promise<boolean> {
    const { ctx } = this;
    const order = ctx.clock.tick();
    const signature = await ctx.sealer.sign(await signable(ctx.room, row.statement, order));
    const content = encodeContent({ kind: 'message', order, signature, statement: row.statement });
    const copy = await this.#sealed(content, await commitmentOf(row.statement));
    if (!copy) return false;
    const others = roster.leaves.filter(({ device }) => device !== ctx.me.device);
    row.sealed = { eid: copy.eid, ciphertext: copy.ciphertext, order, signature };
    row.remaining = others.map(({ device }) => device);
    await this.#place(row, recipientsOf(others), copy);
    this.#dispatch(row);
    await this.#dropIfDone([row]);
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

  /** From here on it has its place in the order: one write makes it a message of the timeline and an envelope to send. */
  async #place(row: OutboxRow, to: Recipient[], { generation, epoch }: { generation: number; epoch: number }): Promise<void> {
    const { room, me, clock } = this.ctx;
    const { mid, aseq, at, body, statement } = row;
    const { order, signature } = row.sealed!;
    const entry: EntryRow = {
      mid,
      user: me.user,
      device: me.device,
      aseq,
      order,
      at,
      arrived: clock.now(),
      body,
      statement,
      signature,
      generation,
      epoch,
      ahead: false,
      to,
    };
    const place = placeOf(room, entry);
    const head: AuthorRow = { user: me.user, deviceKey: new Uint8Array(0), first: 1, aseq, mid, highest: aseq, read: aseq };
    await this.ctx.store.write([
      this.#put(row),
      { ...place, value: entry },
      { table: 'mids', key: keys.mid(room, mid), value: place },
      { table: 'authors', key: keys.sequence(room, me.device, aseq), value: mid },
      { table: 'authors', key: keys.author(room, me.device), value: head },
    ]);
    this.hooks.placed(place.key, entry);
  }

  #dispatch(row: OutboxRow): void {
    if (!row.sealed || row.failed || row.remaining.length === 0) return;
    this.#byEid.set(row.sealed.eid, row.aseq);
    this.ctx.delivery.dispatch({ room: this.ctx.room, eid: row.sealed.eid, ciphertext: row.sealed.ciphertext }, row.remaining);
  }

  #reached(row: OutboxRow, device: DeviceId): void {
    row.remaining = row.remaining.filter((other) => other !== device);
    row.held = row.held.filter((other) => other !== device);
    row.acknowledged = row.acknowledged.filter((other) => other !== device);
    if (row.sealed) this.ctx.delivery.settle(row.sealed.eid, [device]);
  }

  /** `acknowledged` still counts: those devices have it, but have not said so under seal. */
  async #dropIfDone(rows: readonly OutboxRow[]): Promise<void> {
    const done = rows.filter((row) => row.sealed && row.remaining.length + row.held.length + row.acknowledged.length === 0);
    if (done.length === 0) return;
    for (const row of done) this.#byEid.delete(row.sealed!.eid);
    await this.ctx.store.write(done.map(({ aseq }) => ({ table: 'outbox', key: keys.outbox(this.ctx.room, aseq), value: undefined })));
    this.#rows = this.#rows.filter((row) => !done.includes(row));
  }

  async #fail(row: OutboxRow, reason: string): Promise<void> {
    row.failed = reason;
    if (row.sealed) this.ctx.delivery.release(row.sealed.eid);
    await this.#write([row]);
    this.hooks.changed();
  }

  #find(eid: Eid): OutboxRow | undefined {
    const aseq = this.#byEid.get(eid);
    return this.#rows.find((row) => (aseq === undefined ? row.sealed?.eid === eid : row.aseq === aseq));
  }

  #put(row: OutboxRow): Write {
    return { table: 'outbox', key: keys.outbox(this.ctx.room, row.aseq), value: row };
  }
  #write(rows: OutboxRow[]): Promise<void> {
    return this.ctx.store.write(rows.map((row) => this.#put(row)));
  }
}

function accountsOf({ leaves }: Roster): string[] {
  return [...new Set(leaves.map(({ accountKey }) => toBase64url(accountKey)))].sort();
}

function recipientsOf(leaves: Leaf[]): Recipient[] {
  const byUser = new Map<string, DeviceId[]>();
  for (const { user, device } of leaves) byUser.set(user, [...(byUser.get(user) ?? []), device]);
  return [...byUser].map(([user, devices]) => ({ user, devices }));
}

function checkWords(body: Body): void {
  if (!('text' in body)) return;
  const result = MessageText.safeParse(body.text);
  if (result.success) return;
  const text = result.error.issues[0]?.message ?? 'This message cannot be sent.';
  throw new ConclaveError(text.includes('16 KiB') ? 'too-large' : 'bad-request', text);
}
