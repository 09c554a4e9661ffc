import {
  ConclaveError,
  PasswordVersion,
  RoomInvite,
  RoomInvites,
  roomSecrets,
  toBase64url,
  type RoomChange,
  type RoomRole,
  type UserId,
} from '../../../protocol/src/index.ts';
import { requireRoomPassword } from './room-password.ts';
import type { RoomAdministration } from '../views/room-acts.ts';
import type { RoomContext } from './context.ts';
import { invitationKeys, signInvitation } from './invitation-key.ts';

const DAY_MS = 86_400_000;

/** What owners (and, for topic and icon, moderators) set of a room, and the links members hand out (ROOM6, ROOM8, ROOM10). */
export class Administration implements RoomAdministration {
  constructor(
    private readonly ctx: RoomContext,
    /** Seals the new half of the password to everybody who is in, then commits with it. */
    private readonly rekey: (version: number, psk: Uint8Array) => Promise<void>,
  ) {}

  async change(change: RoomChange): Promise<void> {
    await this.ctx.rest.ask('PATCH', this.#path(), { json: change });
  }

  /** Throws ConclaveError `last-owner` when nobody would be left who owns the room. */
  async setRole(user: UserId, role: RoomRole): Promise<void> {
    await this.ctx.rest.ask('PUT', this.#path(`/members/${user}/role`), { json: { role } });
  }

  /** The server knows only its half; the other goes to the members under the old keys, and into the new ones. */
  async changePassword(password: string): Promise<void> {
    requireRoomPassword(password);
    const { admission, psk } = await roomSecrets(this.ctx.room, password);
    const json = { admission: toBase64url(admission) };
    const { passwordVersion } = await this.ctx.rest.as('PUT', this.#path('/password'), PasswordVersion, { json });
    await this.rekey(passwordVersion, psk);
  }

  async archive(): Promise<void> {
    await this.ctx.rest.ask('POST', this.#path('/archive'), { json: {} });
  }

  async destroy(): Promise<void> {
    await this.ctx.rest.ask('DELETE', this.#path());
  }

  async invite(uses: number, days: number): Promise<{ id: string; fragment: string; expiresAt: number }> {
    const { rest, room, sealer, clock } = this.ctx;
    const seed = crypto.getRandomValues(new Uint8Array(32));
    const keys = await invitationKeys(seed);
    const expiresAt = clock.now() + days * DAY_MS;
    const signature = await signInvitation(sealer, room, keys.publicKey, expiresAt);
    const json = {
      secretHash: toBase64url(keys.secretHash),
      publicKey: toBase64url(keys.publicKey),
      expiresAt,
      uses,
      signature: toBase64url(signature),
    };
    const { id } = await rest.as('POST', this.#path('/invites'), RoomInvite, { json });
    return { id, fragment: `${room}.${toBase64url(seed)}`, expiresAt };
  }

  invites(): Promise<RoomInvite[]> {
    return this.ctx.rest.as('GET', this.#path('/invites'), RoomInvites);
  }

  async revoke(invite: string): Promise<void> {
    if (!/^[\w-]+$/.test(invite)) throw new ConclaveError('bad-request', 'not an invitation');
    await this.ctx.rest.ask('DELETE', this.#path(`/invites/${invite}`));
  }

  #path(rest = ''): string {
    return `/api/rooms/${this.ctx.room}${rest}`;
  }
}
