import {
  ActPreview,
  BanPage,
  actStatement,
  ConclaveError,
  toBase64url,
  type MemberRules,
  type ModerationAct,
  type ModerationStatement,
  type SignedAct,
  type UserId,
} from '../../../protocol/src/index.ts';
import type { RoomModeration } from '../views/room-acts.ts';
import type { RoomContext } from './context.ts';

export type ModerationHooks = {
  /** The server's certificate of one's own role here, base64url; null for members. */
  certificate: () => string | null;
  /** Obeyed here and handed on over links, at once. */
  take: (act: SignedAct) => Promise<void>;
};

type Details = { until?: number | null; rules?: MemberRules; reason?: string };

/**
 * What a moderator does to a member (MOD1): a statement signed by this device goes to the server, which acts, and to every member with a link,
 * who obeys it without the server. While the server is away it goes by the links alone, and is handed in as soon as there is a server again.
 */
export class Moderation implements RoomModeration {
  #owed: { act: ModerationAct; user: UserId; details: Details; at: number }[] = [];

  constructor(
    private readonly ctx: RoomContext,
    private readonly hooks: ModerationHooks,
  ) {}

  kick(user: UserId, reason = ''): Promise<void> {
    return this.#act('kick', user, { reason });
  }
  /** `until` null: until it is taken back. */
  ban(user: UserId, until: number | null, reason = ''): Promise<void> {
    return this.#act('ban', user, { until, reason });
  }
  unban(user: UserId): Promise<void> {
    return this.#act('unban', user, {});
  }
  mute(user: UserId, until: number | null, reason = ''): Promise<void> {
    return this.#act('mute', user, { until, reason });
  }
  unmute(user: UserId): Promise<void> {
    return this.#act('unmute', user, {});
  }
  /** What this person may not show; both false: everything again. */
  forbid(user: UserId, rules: MemberRules, reason = ''): Promise<void> {
    return this.#act('rules', user, { rules, reason });
  }

  /** What it would do now. */
  preview(act: ModerationAct, user: UserId): Promise<ActPreview> {
    return this.ctx.rest.as('POST', '/api/moderation/preview', ActPreview, { json: { act, room: this.ctx.room, user } });
  }

  /** Whom this room keeps out (owners and moderators). */
  bans(): Promise<BanPage> {
    return this.ctx.rest.as('GET', `/api/moderation/bans?room=${this.ctx.room}`, BanPage);
  }

  /**
   * The server is there again: what went by links only is handed in, signed anew, since it takes nothing old. What has no object any more, since
   * they left, or came again, or the time is over, is let be: nothing of it may keep the room from going on.
   */
  async settle(cameSince: (user: UserId, at: number) => boolean): Promise<void> {
    const owed = this.#owed;
    this.#owed = [];
    for (const { act, user, details, at } of owed) {
      if (cameSince(user, at) || (details.until ?? Infinity) <= this.ctx.clock.now()) continue;
      try {
        await this.#act(act, user, details);
      } catch (error) {
        if (!(error instanceof ConclaveError)) throw error;
      }
    }
  }

  async #act(act: ModerationAct, user: UserId, details: Details): Promise<void> {
    const signed = await this.#signed(act, user, details);
    const { statement, signature } = signed;
    try {
      await this.ctx.rest.ask('POST', `/api/rooms/${this.ctx.room}/moderation`, { json: { statement, signature } });
    } catch (error) {
      if (!(error instanceof ConclaveError) || !error.shouldRetry() || !signed.certificate) throw error;
      this.#owed.push({ act, user, details, at: this.ctx.clock.now() });
    }
    if (signed.certificate) await this.hooks.take(signed);
  }

  async #signed(act: ModerationAct, user: UserId, { until, rules, reason = '' }: Details): Promise<SignedAct> {
    const { me, room, clock, sealer } = this.ctx;
    const said: ModerationStatement = {
      v: 1,
      act,
      room,
      user,
      ...(until === undefined ? {} : { until }),
      ...(rules ? { rules } : {}),
      reason: reason.trim(),
      by: me.user,
      device: me.device,
      at: Math.floor(clock.now()),
      nonce: toBase64url(crypto.getRandomValues(new Uint8Array(16))),
    };
    const statement = new TextEncoder().encode(JSON.stringify(said));
    const signature = await sealer.sign(actStatement(statement));
    return { statement: toBase64url(statement), signature: toBase64url(signature), certificate: this.hooks.certificate() ?? '' };
  }
}
