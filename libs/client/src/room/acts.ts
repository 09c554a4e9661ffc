import {
  SignedAct,
  type DeviceId,
  type MemberRules,
  type ModerationStatement,
  type RoomId,
  type UserId,
} from '../../../protocol/src/index.ts';
import * as z from 'zod';
import type { RoomContext } from './context.ts';
import { judge, readStatement, type Court } from './judging.ts';

const Told = z.object({ type: z.literal('act'), room: z.string(), act: SignedAct });

export type ActHooks = {
  court: () => Court;
  /** Members to whom there is an open link. */
  linked: () => DeviceId[];
  /** A new act holds: shown, and obeyed. */
  took: (said: ModerationStatement) => Promise<void>;
};

/** So many are kept of a room, and told to a member whom a link reaches. */
const kept = 200;

/** `over`: when somebody who was put out had left the group, by the room's clock. */
type Row = { act: SignedAct; said: ModerationStatement; over: number | null };
const rowKey = (room: RoomId, nonce: string) => `act/${room}/${nonce}`;
/** The same for everybody, also for acts of one moment. */
const latest = (a: Row, b: Row) => a.said.at - b.said.at || (a.said.nonce < b.said.nonce ? -1 : 1);
/** Acts of one member that are looked at in a minute: checking signatures costs. */
const heardMost = 300;

/**
 * Acts of moderation that this device knows of (MOD1). They come by the server and from members over links, are judged alike, kept, and handed on
 * to every member with a link: so a server that holds one back only delays it.
 */
export class Acts {
  readonly #rows = new Map<string, Row>();
  /** Since when somebody is in the group, by the room's clock: being put out before that is over. */
  readonly #came = new Map<UserId, number>();
  #greeted = new Set<DeviceId>();
  readonly #heard = new Map<DeviceId, { since: number; count: number }>();

  constructor(
    private readonly ctx: RoomContext,
    private readonly hooks: ActHooks,
  ) {}

  async load(): Promise<void> {
    for (const { value } of await this.ctx.store.range<Row>('meta', { prefix: `act/${this.ctx.room}/` }))
      this.#rows.set(value.said.nonce, value);
    const prefix = `came/${this.ctx.room}/`;
    for (const { key, value } of await this.ctx.store.range<number>('meta', { prefix })) this.#came.set(key.slice(prefix.length), value);
  }

  /** Muted at this moment of the room's order: until when, and why; null when not. */
  muted(user: UserId, at: number): { until: number | null; reason: string } | null {
    const said = this.#last(user, ['mute', 'unmute'], at);
    return said?.act === 'mute' && holds(said, at) ? { until: said.until ?? null, reason: said.reason } : null;
  }

  /** Muted now. Its maker's clock may be a little ahead of this one: the last word counts, whatever it says of the time. */
  mutedNow(user: UserId): { until: number | null; reason: string } | null {
    const said = this.#last(user, ['mute', 'unmute'], Infinity);
    const { act, until = null, reason } = said ?? { act: 'unmute', reason: '' };
    return act === 'mute' && (until === null || this.ctx.clock.now() < until) ? { until, reason } : null;
  }

  /** When the next mute or ban ends by itself, ms; Infinity: none does. */
  get nextEnd(): number {
    const now = this.ctx.clock.now();
    return Math.min(...[...this.#rows.values()].map(({ said }) => said.until ?? Infinity).filter((until) => until > now), Infinity);
  }

  /** What they said at this moment of the room's order is not shown: they were muted, or put out already. */
  silenced(user: UserId, at: number): boolean {
    return this.muted(user, at) !== null || this.#of(user, ['kick', 'ban']).some((row) => row.said.at <= at && at < this.#end(row));
  }

  rules(user: UserId): MemberRules | null {
    const rules = this.#last(user, ['rules'], Infinity)?.rules;
    return rules && (rules.images || rules.cameras) ? rules : null;
  }

  /** Put out, and not let in again: no link, nothing more sealed to them, nothing of theirs shown. */
  shunned(user: UserId): boolean {
    return this.putOut(user) !== null;
  }

  /** How; null: they are not, or that is over. */
  putOut(user: UserId): 'kicked' | 'banned' | null {
    const now = this.ctx.clock.now();
    const holding = this.#of(user, ['kick', 'ban']).filter((row) => now < this.#end(row));
    if (holding.length === 0) return null;
    return holding.some(({ said }) => said.act === 'ban') ? 'banned' : 'kicked';
  }

  /** Their leaves are gone from the group: a kick is over with that, a ban is not. */
  async gone(users: UserId[]): Promise<void> {
    const over = [...this.#rows.values()].filter(({ said, over }) => over === null && said.act === 'kick' && users.includes(said.user));
    for (const row of over) await this.#keep({ ...row, over: this.ctx.clock.now() });
  }

  cameSince(user: UserId, at: number): boolean {
    return (this.#came.get(user) ?? 0) > at;
  }

  /** They came into the group now, or were there when this device came: whatever put them out before is over. */
  async came(users: UserId[]): Promise<void> {
    const at = this.ctx.clock.now();
    await this.gone(users);
    for (const user of users) this.#came.set(user, at);
    await this.ctx.store.write(users.map((user) => ({ table: 'meta', key: `came/${this.ctx.room}/${user}`, value: at })));
  }

  /** From the server, or (`from`) a member. */
  async take(act: SignedAct, from: DeviceId | null): Promise<void> {
    const claimed = readStatement(act.statement);
    if (!claimed || this.#rows.has(claimed.nonce)) return;
    const said = await judge(act, this.hooks.court(), from === null);
    if (!said || this.#isPast(said)) return;
    await this.#keep({ act, said, over: null });
    if (!(await this.#makeRoom(said))) return;
    // Told before it is obeyed: who is put out learns it, too, while there is a link to them.
    for (const device of this.hooks.linked()) if (device !== from) this.#tell(device, act);
    await this.hooks.took(said);
  }

  /** Whoever a link reaches for the first time is told what holds; one that could not be told all of it is told again. */
  linksChanged(): void {
    const acts = [...this.#rows.values()].sort(latest).filter((row) => this.ctx.clock.now() < this.#end(row));
    const told = this.hooks.linked().filter((device) => this.#greeted.has(device) || acts.every(({ act }) => this.#tell(device, act)));
    this.#greeted = new Set(told);
  }

  async hear(from: DeviceId, body: Uint8Array): Promise<void> {
    if (!this.hooks.court().leaf(from) || this.#tooMuch(from)) return; // before anything of it is parsed
    const told = Told.safeParse(json(body));
    if (told.success && told.data.room === this.ctx.room) await this.take(told.data.act, from);
  }

  #tell(device: DeviceId, act: SignedAct): boolean {
    return this.ctx.mesh.tell(device, new TextEncoder().encode(JSON.stringify({ type: 'act', room: this.ctx.room, act })));
  }

  #tooMuch(from: DeviceId): boolean {
    const now = Date.now();
    const heard = this.#heard.get(from);
    if (!heard || now - heard.since > 60_000) this.#heard.set(from, { since: now, count: 1 });
    else heard.count++;
    return (this.#heard.get(from)?.count ?? 0) > heardMost;
  }

  /** Somebody was put out, and has come into the group since: an old story, whoever brings it. */
  #isPast({ act, user, at }: ModerationStatement): boolean {
    return (act === 'kick' || act === 'ban') && at < (this.#came.get(user) ?? 0);
  }

  /** What holds no more goes first. False when there is no room for this one: then nobody is told of it either, or it would go round for ever. */
  async #makeRoom(said: ModerationStatement): Promise<boolean> {
    if (this.#rows.size <= kept) return true;
    const now = this.ctx.clock.now();
    const oldest = [...this.#rows.values()].sort(latest);
    const gone = oldest.find((row) => this.#end(row) <= now) ?? oldest[0]!;
    await this.#drop(gone);
    return gone.said.nonce !== said.nonce;
  }

  /**
   * When it is over, ms: its own end; of a kick also when they had left the group; of being put out in any way, when they came again, since nobody
   * banned is let in, or when that was taken back.
   */
  #end({ said, over }: Row): number {
    const own = said.until ?? Infinity;
    if (said.act !== 'kick' && said.act !== 'ban') return own;
    const came = this.#came.get(said.user) ?? 0;
    const back = this.#of(said.user, ['unban']).find((row) => row.said.at > said.at);
    return Math.min(own, over ?? Infinity, came > said.at ? came : Infinity, back?.said.at ?? Infinity);
  }

  #of(user: UserId, kinds: ModerationStatement['act'][]): Row[] {
    return [...this.#rows.values()].filter(({ said }) => said.user === user && kinds.includes(said.act)).sort(latest);
  }

  #last(user: UserId, kinds: ModerationStatement['act'][], at: number): ModerationStatement | undefined {
    return this.#of(user, kinds).findLast(({ said }) => said.at <= at)?.said;
  }

  async #keep(row: Row): Promise<void> {
    this.#rows.set(row.said.nonce, row);
    await this.ctx.store.write([{ table: 'meta', key: rowKey(this.ctx.room, row.said.nonce), value: row }]);
  }

  async #drop({ said }: Row): Promise<void> {
    this.#rows.delete(said.nonce);
    await this.ctx.store.write([{ table: 'meta', key: rowKey(this.ctx.room, said.nonce), value: undefined }]);
  }
}

const holds = ({ until, at }: ModerationStatement, now: number): boolean =>
  at <= now && (until === null || until === undefined || now < until);

function json(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return null;
  }
}
