import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import {
  ConclaveError,
  fromBase64url,
  invitationStatement,
  verifyEd25519,
  type DeviceId,
  type RoomId,
  type RoomInvite,
  type RoomInviteRequest,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { audit } from '../users/audit.ts';
import type { Caller } from '../users/caller.ts';
import { Devices } from '../users/devices.service.ts';
import { Rooms } from './rooms.service.ts';

const LONGEST_MS = 30 * 86_400_000;
/** Invitations of one person into one room that hold at a time. */
const MOST = 20;
const columns = `id, uses_left as "usesLeft", expires_at as "expiresAt", created_at as "createdAt", created_by as "createdBy"`;
const holds = 'uses_left > 0 and expires_at > $2';

/** Members invite into their room by a link (ROOM8): the server keeps the hash of its secret, and what the inviting device has signed. */
@Injectable()
export class RoomInvites {
  constructor(
    private readonly database: Database,
    private readonly rooms: Rooms,
    private readonly devices: Devices,
  ) {}

  /** Throws `bad-request` where the device has not signed this, `conflict` after too many. */
  async make(caller: Caller, room: RoomId, request: RoomInviteRequest): Promise<RoomInvite> {
    const device = await this.#requireSigned(caller, room, request);
    const now = Date.now();
    const { uses: usesLeft, expiresAt } = request;
    if (expiresAt <= now || expiresAt > now + LONGEST_MS)
      throw new ConclaveError('bad-request', 'expiresAt: must lie ahead, at most 30 days');
    const invite = { id: randomUUID(), usesLeft, expiresAt, createdAt: now, createdBy: caller.user };
    await this.database.transaction(async (inside) => {
      await this.#requireFew(inside, room, caller.user);
      const { secretHash, publicKey, signature } = request;
      const known = await inside.run(
        `insert into room_invite (id, room, device, created_by, secret_hash, public_key, signature, uses_left, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (secret_hash) do nothing`,
        [invite.id, room, device, caller.user, fromBase64url(secretHash), fromBase64url(publicKey), fromBase64url(signature), usesLeft, now,
          expiresAt], // prettier-ignore
      );
      if (known === 0) throw new ConclaveError('conflict', 'this secret was used before: make a new one');
      await audit(inside, caller.user, 'room-invite-made', room, { invite: invite.id, uses: usesLeft });
    });
    return invite;
  }

  /** Owners and moderators see all of their room, members their own. */
  async list(user: UserId, room: RoomId): Promise<RoomInvite[]> {
    await this.rooms.ofMember(room, user);
    return this.database.rows<RoomInvite>(
      `select ${columns} from room_invite where room = $1 and ${holds} and ${mine} order by created_at desc, id limit 200`,
      [room, Date.now(), user],
    );
  }

  async revoke(user: UserId, room: RoomId, id: string): Promise<void> {
    await this.database.transaction(async (inside) => {
      await this.rooms.ofMember(room, user, inside);
      if ((await inside.run(`delete from room_invite where room = $1 and id = $2 and ${mine}`, [room, id, user])) === 0)
        throw new ConclaveError('not-found', 'there is no such invitation, or it is not yours');
      await audit(inside, user, 'room-invite-revoked', room, { invite: id });
    });
  }

  async sweep(): Promise<void> {
    await this.database.run('delete from room_invite where uses_left = 0 or expires_at <= $1', [Date.now()]);
  }

  async #requireSigned(caller: Caller, room: RoomId, { publicKey, expiresAt, signature }: RoomInviteRequest): Promise<DeviceId> {
    const { kind } = await this.rooms.ofMember(room, caller.user);
    if (kind === 'direct') throw new ConclaveError('forbidden', 'a conversation is between its two people');
    if (!caller.device) throw new ConclaveError('forbidden', 'this session has no device yet: register its key first');
    const key = await this.devices.keyOf(caller.user, caller.device);
    const said = invitationStatement(room, fromBase64url(publicKey), expiresAt);
    if (!(await verifyEd25519(key, fromBase64url(signature), said)))
      throw new ConclaveError('bad-request', 'signature: this device did not sign this invitation');
    return caller.device;
  }

  async #requireFew(inside: Queryable, room: RoomId, user: UserId): Promise<void> {
    await inside.rows('select room from membership where room = $1 and account = $2 for update', [room, user]);
    const [account] = await inside.rows<{ origin: string; count: number }>(
      `select origin, (select count(*)::int from room_invite where room = $1 and created_by = $3 and ${holds}) as count from account where id = $3`,
      [room, Date.now(), user],
    );
    if (account?.origin === 'guest') throw new ConclaveError('forbidden', 'guests invite nobody: make an account first');
    if ((account?.count ?? 0) >= MOST)
      throw new ConclaveError('conflict', `you have ${MOST} invitations into this room, and that is the most: revoke one first`);
  }
}

/** Of the caller ($3), or in a room that they moderate. */
const mine = `(created_by = $3 or exists (select 1 from membership m where m.room = $1 and m.account = $3 and m.role in ('owner', 'moderator')))`;
