import {
  decodeStatement,
  encodeContent,
  type Content,
  type DeviceId,
  type HistoryEntry,
  type UserId,
  type Want,
} from '../../../protocol/src/index.ts';
import type { Leaf, Roster } from '../sealing/sealer.ts';
import type { RoomContext } from './context.ts';
import type { RoomLedger } from './room-ledger.ts';
import { before, keys, type AuthorRow, type EntryRow } from './rows.ts';
import { sameBytes } from '../same-bytes.ts';

type Page = Extract<Content, { kind: 'history' }>;

export type HistoryHooks = {
  roster: () => Roster | null;
  online: () => DeviceId[];
  send: (content: Uint8Array, recipients: DeviceId[]) => Promise<boolean>;
  /** Checks and stores one entry of a page, like any other copy. */
  accept: (entry: HistoryEntry) => Promise<void>;
  /** So many days back the room shows who comes later what was said for them, too; null: nothing (E2E9). */
  days: () => number | null;
  /** Checks one entry that a member of another account shows, and stores it without touching any author's sequence. */
  show: (entry: HistoryEntry) => Promise<void>;
  /** All that this person had to show is here. */
  shown: (user: UserId) => Promise<void>;
  /** All of it is here: gaps and receipts may be judged now. */
  complete: () => Promise<void>;
};

/** A page fits an envelope beside its padding (freezing.ts). */
const pageBytes = 49 * 1024;
const pageRows = 200;
/** A question that was not answered is asked again, of whichever device is there then. */
const askAgainMs = 15_000;

const dayMs = 86_400_000;

/**
 * History comes along to a linked device (E2E8): the new device asks an older one of the same account for page after page, newest first,
 * and remembers how far it has come, so that it goes on after a reload. Who is new to a room that says so (E2E9) asks any member the same way, and
 * gets what its authors said for who comes later, too. Nobody else is ever answered.
 */
export class History {
  #asked = { device: '', at: 0 };
  #timer: ReturnType<typeof setTimeout> | null = null;
  #stopped = false;

  constructor(
    private readonly ctx: RoomContext,
    private readonly ledger: RoomLedger,
    private readonly authors: ReadonlyMap<DeviceId, AuthorRow>,
    private readonly hooks: HistoryHooks,
  ) {}

  /** This device has come into the group: what was said before is asked for, where another device of the account holds it. */
  async begun(): Promise<void> {
    if (this.ledger.row.history === undefined && (this.#siblings().length > 0 || this.hooks.days() !== null))
      await this.ledger.save({ history: { before: null, done: false } });
  }

  /** Asks for the next page, when one is missing and somebody is there to ask. */
  async resume(): Promise<void> {
    const { history } = this.ledger.row;
    if (!history || history.done || this.#stopped) return;
    const there = new Set(this.hooks.online());
    const siblings = this.#siblings();
    const device = (siblings.length > 0 || this.hooks.days() === null ? siblings : this.#others()).find((each) => there.has(each));
    if (!device || (device === this.#asked.device && Date.now() - this.#asked.at < askAgainMs)) return;
    if (!(await this.hooks.send(encodeContent({ kind: 'want', want: { before: history.before } }), [device]))) return;
    this.#asked = { device, at: Date.now() };
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.ctx.soon(() => this.resume()), askAgainMs + 100);
  }

  /** A device of one's own asks. What was said in private stays with the device that was there. */
  async answer(asker: DeviceId, { before }: Want): Promise<void> {
    const own = this.#siblings().includes(asker);
    const days = this.hooks.days();
    if (!own && (days === null || !this.#others().includes(asker))) return;
    const since = own ? 0 : this.ctx.clock.now() - days! * dayMs;
    const { store, room } = this.ctx;
    const range = { prefix: keys.room(room), limit: pageRows, reverse: true, ...(before === null ? {} : { before }) };
    const rows = await store.range<EntryRow>('messages', range);
    const entries: HistoryEntry[] = [];
    let bytes = 0;
    let next = rows.length < pageRows ? '' : rows.at(-1)!.key;
    for (const [index, { value }] of rows.entries()) {
      if (value.order.ms < since) {
        next = '';
        break;
      }
      const whole = value.private ? [] : [value, ...(await this.#operations(value))];
      const group = own ? whole : forLater(whole);
      const size = group.reduce((sum, { statement }) => sum + statement.length + 160, 0);
      if (bytes > 0 && bytes + size > pageBytes) {
        next = rows[index - 1]!.key;
        break;
      }
      // A message with operations beyond any envelope goes with the newest of them.
      bytes += size;
      entries.push(...this.#fitting(group));
    }
    await this.hooks.send(encodeContent({ kind: 'history', next, entries }), [asker]);
  }

  /** Words came late that were sealed before another device of this account was in the group: nobody else will bring them to it. */
  async late(row: EntryRow): Promise<void> {
    const { store, room } = this.ctx;
    const lacking: DeviceId[] = [];
    for (const device of this.#siblings()) {
      const joined = await store.get<{ generation: number; epoch: number }>('authors', keys.joinedAt(room, device));
      if (joined && device !== row.device && before(row, joined)) lacking.push(device);
    }
    const entries = row.private || lacking.length === 0 ? [] : this.#fitting([row]);
    if (entries.length > 0) await this.hooks.send(encodeContent({ kind: 'history', next: '', entries }), lacking);
  }

  /** A page came, or words that came late. Only devices of one's own are believed. */
  async take(from: DeviceId, { next, entries }: Page): Promise<void> {
    if (!this.#siblings().includes(from)) return this.#takeShown(from, { next, entries });
    for (const entry of entries) await this.hooks.accept(entry);
    const { history } = this.ledger.row;
    if (!history || history.done || from !== this.#asked.device) return this.hooks.complete();
    this.#asked = { device: '', at: 0 };
    await this.ledger.save({ history: { before: next || history.before, done: next === '' } });
    if (next === '') await this.hooks.complete();
    else await this.resume();
  }

  /** A page of what a member of another account shows. Only what was asked for is believed, and only what its authors said for who comes later. */
  async #takeShown(from: DeviceId, { next, entries }: Omit<Page, 'kind'>): Promise<void> {
    const { history } = this.ledger.row;
    if (!history || history.done || from !== this.#asked.device || this.hooks.days() === null) return;
    this.#asked = { device: '', at: 0 };
    for (const entry of entries) if (saidForLater(entry.message.statement)) await this.hooks.show(entry);
    const user = this.hooks.roster()?.leaves.find(({ device }) => device === from)?.user;
    if (entries.length > 0 && user) await this.hooks.shown(user);
    await this.ledger.save({ history: { before: next || history.before, done: next === '' } });
    if (next !== '') await this.resume();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #operations({ mid }: EntryRow): Promise<EntryRow[]> {
    const { store, room } = this.ctx;
    return (await store.range<EntryRow>('operations', { prefix: keys.operations(room, mid) })).map(({ value }) => value);
  }

  #fitting(rows: EntryRow[]): HistoryEntry[] {
    const entries: HistoryEntry[] = [];
    let left = pageBytes;
    for (const row of rows) {
      const deviceKey = this.#keyOf(row.device);
      left -= row.statement.length + 160;
      if (left < 0) break;
      if (deviceKey) {
        const { order, signature, statement, generation, epoch, user, device } = row;
        entries.push({ author: device, user, deviceKey, generation, epoch, message: { order, signature, statement } });
      }
    }
    return entries;
  }

  #keyOf(device: DeviceId): Uint8Array | null {
    if (device === this.ctx.me.device) return this.#own()?.deviceKey ?? null;
    return this.authors.get(device)?.deviceKey ?? null;
  }

  #own(): Leaf | undefined {
    return this.hooks.roster()?.leaves.find(({ device }) => device === this.ctx.me.device);
  }

  /** Devices of other people. */
  #others(): DeviceId[] {
    const own = this.#own();
    const leaves = this.hooks.roster()?.leaves ?? [];
    return own
      ? leaves
          .filter(({ user }) => user !== own.user)
          .map(({ device }) => device)
          .sort()
      : [];
  }

  /** Other devices of this account under the very same account key: a key that was reset is another account. */
  #siblings(): DeviceId[] {
    const own = this.#own();
    const leaves = this.hooks.roster()?.leaves ?? [];
    if (!own) return [];
    return leaves
      .filter((leaf) => leaf.user === own.user && leaf.device !== own.device && sameBytes(leaf.accountKey, own.accountKey))
      .map(({ device }) => device)
      .sort();
  }
}

/** A message and what was done to it, if all of it was said for who comes later; nothing of one that its author took back or changed unseen. */
function forLater(group: EntryRow[]): EntryRow[] {
  const [message, ...operations] = group;
  if (!message || !saidForLater(message.statement) || message.importedKey !== undefined) return [];
  const byAuthor = operations.filter(({ user, body }) => user === message.user && body.kind !== 'react');
  if (byAuthor.some(({ body, statement }) => body.kind === 'delete' || !saidForLater(statement))) return [];
  return [message, ...operations.filter(({ statement }) => saidForLater(statement))];
}

/** False also for what is no statement. What vanishes is for who was there. */
function saidForLater(statement: Uint8Array): boolean {
  try {
    const { later, ttl } = decodeStatement(statement);
    return later === true && ttl === undefined;
  } catch {
    return false;
  }
}
