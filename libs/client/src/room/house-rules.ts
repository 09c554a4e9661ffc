import {
  ConclaveError,
  decodeRoleCertificate,
  fromBase64url,
  type Body,
  type DeviceId,
  type ModerationStatement,
  type RoomRole,
  type ServerFrame,
  type UserId,
} from '../../../protocol/src/index.ts';
import type { Leaf } from '../sealing/sealer.ts';
import type { MemberView } from '../views/members.ts';
import type { Notice } from '../views/notice.ts';
import type { TimelineItem } from '../views/timeline.ts';
import { Acts } from './acts.ts';
import type { RoomContext } from './context.ts';
import { OwnFlood, Repetitions } from './flood.ts';
import { Moderation } from './moderation.ts';
import type { EntryRow } from './rows.ts';

export type HouseHooks = {
  leaves: () => readonly Leaf[];
  roleOf: (user: UserId) => RoomRole;
  certificate: () => string | null;
  tell: (name: string, notice: Notice, at: number) => Promise<void>;
  /** Somebody may be put out, silenced or let in again: links, words and what is shown follow. */
  obey: () => Promise<void>;
};

const certificateMarginMs = 12 * 3_600_000;
/** A browser's timer reaches no further than 24 days; and clocks are set. */
const lookMs = 10 * 60_000;

type Hidden = Extract<TimelineItem, { type: 'message' }>['hidden'];

/** Who may speak, who is shown, who is linked to: acts of moderators (MOD1), one's own blocks (MOD2), limits against floods (MOD6). */
export class HouseRules {
  readonly moderation: Moderation;
  readonly #acts: Acts;
  readonly #own = new OwnFlood();
  readonly #repetitions = new Repetitions();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly ctx: RoomContext,
    private readonly hooks: HouseHooks,
  ) {
    this.#acts = new Acts(ctx, {
      court: () => ({
        room: ctx.room,
        serverKey: ctx.serverKey(),
        leaf: (device) => hooks.leaves().find((leaf) => leaf.device === device),
        roleOf: hooks.roleOf,
      }),
      linked: () => this.#linked(),
      took: (said) => this.#took(said),
    });
    this.moderation = new Moderation(ctx, { certificate: hooks.certificate, take: (act) => this.#acts.take(act, null) });
  }

  async load(): Promise<void> {
    await this.#acts.load();
    this.#awaitEnd();
  }
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** A mute or ban that ends by itself is seen to end. */
  #awaitEnd(): void {
    this.stop();
    const wait = this.#acts.nextEnd - this.ctx.clock.now();
    if (wait === Infinity) return;
    const step = async () => {
      this.#awaitEnd();
      await this.hooks.obey();
    };
    this.#timer = setTimeout(() => this.ctx.soon(step), Math.min(wait + 50, lookMs));
  }

  async joined({ acts }: Extract<ServerFrame, { type: 'joined' }>): Promise<void> {
    for (const act of acts) await this.#acts.take(act, null);
  }
  /** Once the room stands again. */
  settle(): Promise<void> {
    return this.moderation.settle((user, at) => this.#acts.cameSince(user, at));
  }
  moderated({ act }: Extract<ServerFrame, { type: 'moderated' }>): Promise<void> {
    return this.#acts.take(act, null);
  }
  hear(from: DeviceId, body: Uint8Array): Promise<void> {
    return this.#acts.hear(from, body);
  }
  linksChanged(): void {
    this.#acts.linksChanged();
  }

  /** Throws ConclaveError `forbidden` (muted), `slow-down` or `bad-request` (floods). */
  requireMaySay(body: Body): void {
    const muted = this.muted(this.ctx.me.user);
    if (muted)
      throw new ConclaveError('forbidden', 'you are muted in this room', muted.until ? muted.until - Date.now() : undefined, 'muted');
    if (showsPicture(body) && this.rules(this.ctx.me.user)?.images)
      throw new ConclaveError('forbidden', 'you may show no pictures in this room', undefined, 'images');
    if (this.ctx.limitsOwnWords) this.#own.check(body, this.ctx.clock.now());
  }

  get certificateEndsSoon(): boolean {
    const certificate = this.hooks.certificate();
    if (certificate === null) return false;
    return decodeRoleCertificate(fromBase64url(certificate)).expiresAt - this.ctx.clock.now() < certificateMarginMs;
  }

  muted(user: UserId): MemberView['muted'] {
    return this.#acts.mutedNow(user);
  }
  rules(user: UserId): MemberView['rules'] {
    return this.#acts.rules(user);
  }
  putOut(user: UserId): 'kicked' | 'banned' | null {
    return this.#acts.putOut(user);
  }
  shunned(user: UserId): boolean {
    return this.#acts.shunned(user);
  }
  /** Somebody was put out, and the group has their leaf still. */
  get shunning(): boolean {
    return this.hooks.leaves().some(({ user }) => user !== this.ctx.me.user && this.#acts.shunned(user));
  }
  /** They came into the group now. */
  came(users: UserId[]): Promise<void> {
    return this.#acts.came(users);
  }
  /** These people have no leaf any more. */
  gone(users: UserId[]): Promise<void> {
    return this.#acts.gone(users);
  }

  placed(row: EntryRow): void {
    if (row.user !== this.ctx.me.user) this.#repetitions.hear(row);
  }
  hidden({ mid, user, order, body }: EntryRow): Hidden {
    if (user === this.ctx.me.user) return null;
    if (this.#acts.silenced(user, order.ms)) return 'muted';
    if (this.ctx.blocks(user)) return 'blocked';
    if (showsPicture(body) && this.rules(user)?.images) return 'images';
    return this.#repetitions.folds(mid) ? 'flood' : null;
  }

  #linked(): DeviceId[] {
    const { me, mesh } = this.ctx;
    return this.hooks
      .leaves()
      .map(({ device }) => device)
      .filter((device) => device !== me.device && mesh.reaches(device));
  }

  async #took({ act, user, by, until = null, reason, at, device }: ModerationStatement): Promise<void> {
    const { people } = this.ctx;
    const maker = device === null ? 'The site' : people.name(by);
    await this.hooks.tell(`act.${user}.${at}`, { kind: 'act', act, user, name: people.name(user), by: maker, until, reason }, at);
    this.#awaitEnd();
    await this.hooks.obey();
  }
}

/** A picture, or a film: what is there to be looked at. */
function showsPicture(body: Body): boolean {
  return body.kind === 'text' && (body.files ?? []).some(({ preview, type }) => preview !== undefined || /^(image|video)\//i.test(type));
}
