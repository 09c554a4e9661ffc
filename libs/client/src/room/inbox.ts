import {
  decodeContent,
  decodeStatement,
  toBase64url,
  type Ask,
  type DeviceId,
  type Content,
  type Eid,
  type HistoryEntry,
  type Receipt,
  type SealedMessage,
  type UserId,
  type Want,
} from '../../../protocol/src/index.ts';
import type { LinkEvents } from '../delivery/link.ts';
import { SealError, type Opened, type SealErrorCode } from '../sealing/sealer.ts';
import type { Table, Write } from '../storage/store.ts';
import { AuthorHeads } from './author-heads.ts';
import type { RoomContext } from './context.ts';
import { Orphans } from './orphans.ts';
import { Imported, type Taken } from './imported.ts';
import { keys, placeOf, type AuthorRow, type EntryRow } from './rows.ts';
import { checkMessage, RejectedMessage, sha256 } from './statement.ts';
import { sameBytes } from '../same-bytes.ts';

export type Arrival = LinkEvents['arrived'];

export type InboxHooks = {
  /** A device as the group knows it. */
  leaf: (device: DeviceId) => { user: UserId; deviceKey: Uint8Array } | undefined;
  /** A new entry stands in the store; `historic`: from before this device was there. */
  placed: (key: string, row: EntryRow, historic: boolean) => Promise<void>;
  receipt: (device: DeviceId, user: UserId, receipt: Receipt) => Promise<void>;
  ask: (device: DeviceId, ask: Ask) => Promise<void>;
  want: (device: DeviceId, want: Want) => Promise<void>;
  history: (device: DeviceId, page: Extract<Content, { kind: 'history' }>) => Promise<void>;
  /** These devices have left the server together, for a while. */
  apart: (devices: DeviceId[]) => Promise<void>;
  /** The room's password is another one now (content `password`). */
  password: (user: UserId, version: number, psk: Uint8Array) => Promise<void>;
  /** The author's sequence moved, or has a hole now: receipts and gaps are judged from here. */
  author: (device: DeviceId, row: AuthorRow) => void;
  /** An envelope of an epoch this device does not know yet. */
  behind: () => void;
  /** Words that will never open in the bytes that came; null when nothing tells which. */
  unreadable: (commitment: Uint8Array | null) => Promise<void>;
  /** These words are here now. */
  entered: (commitment: Uint8Array) => Promise<void>;
  equivocated: (user: UserId) => Promise<void>;
};

/** Envelopes of future epochs that wait for their commit: enough for a burst, not enough to fill a memory. */
const earlyMax = 200;

/**
 * What comes in (delivery.md D2): known eid → acknowledge silently; else open, check author and signature, dedupe by mid, persist
 * everything in one transaction, then acknowledge. What cannot be opened now is kept or left unacknowledged; what never can be is
 * remembered by its eid, counted, and acknowledged, so that one unreadable envelope never blocks a queue.
 */
export class Inbox {
  readonly #early = new Map<Eid, Arrival>();
  /** More came early than is kept: the relay is asked for it again. */
  #overflowed = false;
  readonly #heads: AuthorHeads;
  readonly #orphans: Orphans;
  readonly #imported: Imported;

  constructor(
    private readonly ctx: RoomContext,
    private readonly hooks: InboxHooks,
  ) {
    this.#heads = new AuthorHeads(ctx);
    this.#orphans = new Orphans(ctx);
    this.#imported = new Imported(
      ctx,
      (device) => this.authors.get(device) ?? hooks.leaf(device),
      (key, row, historic) => hooks.placed(key, row, historic),
    );
  }

  get authors(): ReadonlyMap<DeviceId, AuthorRow> {
    return this.#heads.rows;
  }

  async load(): Promise<void> {
    await this.#heads.load();
    // Opened before a crash, but not yet persisted as messages.
    for (const { value } of await this.ctx.store.range<Opened>('journal', { prefix: keys.room(this.ctx.room) })) await this.#accept(value);
  }

  async receive(arrival: Arrival): Promise<void> {
    const { store, sealer, room } = this.ctx;
    const eid = toBase64url(await sha256(arrival.ciphertext));
    if ((await store.get('envelopes', keys.envelope(room, eid))) !== undefined) return arrival.acknowledge(eid);
    let opened;
    try {
      opened = await sealer.open(room, arrival.ciphertext);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      // Opened once, but storing failed then: it still stands in the journal.
      opened = error.code === 'opened-before' ? await store.get<Opened>('journal', keys.envelope(room, eid)) : undefined;
      if (!opened) return this.#unopened(error.code, eid, arrival);
    }
    await this.#accept(opened);
    arrival.acknowledge(eid);
  }

  /** The epoch moved on: what came too early may open now. */
  async again(): Promise<void> {
    const arrivals = [...this.#early.values()];
    this.#early.clear();
    for (const arrival of arrivals) await this.receive(arrival);
    if (!this.#overflowed) return;
    this.#overflowed = false;
    this.ctx.socket.send({ type: 'drain', room: this.ctx.room, after: 0 });
  }

  /** The group is left: what waited for its commits waits for nothing. */
  forget(): void {
    this.#early.clear();
  }

  async #unopened(code: SealErrorCode, eid: Eid, arrival: Arrival): Promise<void> {
    switch (code) {
      case 'fenced':
        return this.ctx.broken(new SealError(code, 'Another tab has taken over.'));
      case 'future-epoch':
      case 'no-group': {
        // The latest copy: the relay hands it over anew on each connection.
        if (this.#early.has(eid) || this.#early.size < earlyMax) this.#early.set(eid, arrival);
        else this.#overflowed = true;
        return this.hooks.behind(); // unacknowledged: the relay hands it over again
      }
      case 'own':
        return this.#giveUp(eid, arrival);
      default: {
        if (arrival.via === 'mesh') return; // whoever sent it repeats it by the relay, if it was ever worth something
        await this.#giveUp(eid, arrival);
        if (code !== 'opened-before') await this.#lost(arrival.ciphertext);
      }
    }
  }

  /** A receipt or a question that is lost takes no words along; and those of a bundle are missed as a gap. */
  async #lost(ciphertext: Uint8Array): Promise<void> {
    const commitment = await this.ctx.sealer.authenticatedIn(ciphertext);
    if (commitment?.length !== 0) await this.hooks.unreadable(commitment);
  }

  async #giveUp(eid: Eid, arrival: Arrival): Promise<void> {
    await this.ctx.store.write([{ table: 'envelopes', key: keys.envelope(this.ctx.room, eid), value: this.ctx.clock.now() }]);
    arrival.acknowledge(eid);
  }

  async #accept(opened: Opened): Promise<void> {
    const done: Write[] = [
      { table: 'envelopes', key: keys.envelope(this.ctx.room, opened.eid), value: this.ctx.clock.now() },
      { table: 'journal', key: keys.envelope(this.ctx.room, opened.eid), value: undefined },
    ];
    let content;
    try {
      content = decodeContent(opened.content);
    } catch {
      await this.ctx.store.write(done); // its author sealed rubbish
      return this.hooks.unreadable(null);
    }
    const { author: device, user, authorKey: deviceKey } = opened;
    if (content.kind === 'message') await this.#enter({ device, user, deviceKey }, content, opened, opened.authenticated, done);
    else {
      if (content.kind === 'bundle') for (const { author, message } of content.messages) await this.#copy(author, message, opened);
      if (content.kind === 'receipt') await this.hooks.receipt(device, user, content.receipt);
      if (content.kind === 'password') await this.hooks.password(user, content.version, content.psk);
      await this.ctx.store.write(done);
      // Lost in a crash, these are asked again.
      if (content.kind === 'ask') await this.hooks.ask(device, content.ask);
      if (content.kind === 'want') await this.hooks.want(device, content.want);
      if (content.kind === 'apart') await this.hooks.apart(content.devices);
      if (content.kind === 'history') await this.hooks.history(device, content);
    }
  }

  /** A copy of somebody's earlier message: worth as much as that device's signature under it. */
  async #copy(author: DeviceId, message: SealedMessage, opened: Opened): Promise<void> {
    const known = this.authors.get(author) ?? this.hooks.leaf(author);
    const own = author === opened.author;
    if (!own && !known) return; // nobody here can tell whose key that is
    if (author === this.ctx.me.device) return;
    const by = own
      ? { device: author, user: opened.user, deviceKey: opened.authorKey }
      : { device: author, user: known!.user, deviceKey: known!.deviceKey };
    await this.#enter(by, message, { ...opened, ...(await this.#sealedSince(author, message)) }, null, []);
  }

  /** An entry that an older device of this account hands over (E2E8): worth as much as its author's signature, by the key it names. */
  async historic({ author, user, deviceKey, message, generation, epoch }: HistoryEntry): Promise<void> {
    const known = this.authors.get(author)?.deviceKey;
    if (author === this.ctx.me.device || (known && !sameBytes(known, deviceKey))) return;
    await this.#enter({ device: author, user, deviceKey }, message, { generation, epoch }, null, [], true);
  }

  /** An entry that a member shows to who came later (E2E9). */
  async shown(entry: HistoryEntry): Promise<void> {
    if (entry.author !== this.ctx.me.device) await this.#imported.shown(entry);
  }

  /** An entry of an archive (FIND4). `own`: one that only this account can have made, as good as from another device of it. */
  async archived(entry: HistoryEntry, own: boolean): Promise<Taken> {
    const proves = own || this.#imported.proves(entry);
    if (proves === null) return 'refused';
    if (!proves || entry.author === this.ctx.me.device) return this.#imported.take(entry);
    const mid = toBase64url(await sha256(entry.message.statement));
    if (await this.#imported.isKnown(mid)) return 'known';
    await this.historic(entry);
    return (await this.#imported.isKnown(mid)) ? 'added' : 'refused';
  }

  /**
   * Where a copy was first sealed is not known here; not before its author's previous entry, and that is what counts when somebody who
   * joined later asks for it.
   */
  async #sealedSince(device: DeviceId, message: SealedMessage): Promise<{ generation: number; epoch: number }> {
    const { store, room } = this.ctx;
    const aseq = aseqOf(message);
    if (aseq === null) return { generation: -1, epoch: -1 };
    const range = { prefix: keys.sequences(room, device), before: keys.sequence(room, device, aseq), limit: 1, reverse: true };
    const [previous] = await store.range<string>('authors', range);
    const place = previous && (await store.get<{ table: Table; key: string }>('mids', keys.mid(room, previous.value)));
    const entry = place && (await store.get<EntryRow>(place.table, place.key));
    return entry ? { generation: entry.generation, epoch: entry.epoch } : { generation: -1, epoch: -1 };
  }

  async #enter(
    by: { device: DeviceId; user: UserId; deviceKey: Uint8Array },
    message: SealedMessage,
    sealed: { generation: number; epoch: number },
    authenticated: Uint8Array | null,
    done: Write[],
    historic = false,
  ): Promise<void> {
    const { ctx } = this;
    let checked;
    try {
      checked = await checkMessage(ctx.room, by, message, authenticated);
    } catch (error) {
      if (!(error instanceof RejectedMessage)) throw error;
      await ctx.store.write(done);
      return this.hooks.unreadable(null);
    }
    const { mid, statement, commitment } = checked;
    if ((await ctx.store.get('mids', keys.mid(ctx.room, mid))) !== undefined) return done.length ? ctx.store.write(done) : undefined;
    const earlier = await ctx.store.get<string>('authors', keys.sequence(ctx.room, by.device, statement.aseq));
    if (earlier !== undefined && earlier !== mid) await this.hooks.equivocated(by.user); // two entries under one number: kept and shown
    const row: EntryRow = {
      mid,
      user: by.user,
      device: by.device,
      aseq: statement.aseq,
      order: message.order,
      at: statement.at,
      arrived: ctx.clock.now(),
      body: statement.body,
      statement: message.statement,
      signature: message.signature,
      generation: sealed.generation,
      epoch: sealed.epoch,
      ahead: !ctx.clock.observe(message.order),
      to: null,
      ...(statement.ttl === undefined ? {} : { ttl: statement.ttl }),
      ...(ctx.shownIn ? { private: ctx.room } : {}),
    };
    const place = placeOf(ctx, row);
    const { head, contradicts } = await this.#heads.after(by, row, statement.prev);
    if (contradicts) await this.hooks.equivocated(by.user); // the author told others another past
    await ctx.store.write([
      ...done,
      ...(await this.#orphans.with(place, row)),
      { ...place, value: row },
      { table: 'mids', key: keys.mid(ctx.room, mid), value: place },
      ...(earlier === undefined
        ? [{ table: 'authors', key: keys.sequence(ctx.room, by.device, statement.aseq), value: mid } as const]
        : []),
      { table: 'authors', key: keys.author(ctx.room, by.device), value: head },
    ]);
    this.#heads.rows.set(by.device, head);
    await this.hooks.placed(place.key, row, historic);
    await this.hooks.entered(commitment);
    if (!historic) this.hooks.author(by.device, head); // a page of history is judged as a whole
  }
}

/** Null when it is no statement: checkMessage says so to whoever reads it. */
function aseqOf({ statement }: SealedMessage): number | null {
  try {
    return decodeStatement(statement).aseq;
  } catch {
    return null;
  }
}
