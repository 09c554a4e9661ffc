import { Injectable } from '@nestjs/common';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  ConclaveError,
  type Invite,
  type InviteRequest,
  type NewInvite,
  type RoomId,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { audit } from '../users/audit.ts';
import { Rooms } from './rooms.service.ts';

const DAY_MS = 86_400_000;
const columns = `id, uses_left as "usesLeft", expires_at as "expiresAt", created_at as "createdAt", created_by as "createdBy", rooms`;

/** Invitations to the site (ACC3). The secret stands in the link's fragment; here is only its hash. */
@Injectable()
export class Invites {
  constructor(
    private readonly database: Database,
    private readonly rooms: Rooms,
  ) {}

  async create(admin: UserId, { uses, days, rooms }: InviteRequest): Promise<NewInvite> {
    const secret = randomBytes(24).toString('base64url');
    const now = Date.now();
    const invite = {
      id: randomUUID(),
      usesLeft: uses ?? 1,
      expiresAt: now + (days ?? 7) * DAY_MS,
      createdAt: now,
      createdBy: admin,
      rooms: rooms ?? [],
    };
    for (const room of invite.rooms) await this.rooms.ofMember(room, admin);
    await this.database.transaction(async (inside) => {
      await inside.run(
        'insert into invite (id, secret_hash, uses_left, rooms, created_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)',
        [invite.id, sha256(secret), invite.usesLeft, invite.rooms, admin, now, invite.expiresAt],
      );
      await audit(inside, admin, 'invite-made', invite.id);
    });
    return { ...invite, secret };
  }

  list(): Promise<Invite[]> {
    return this.database.rows<Invite>(
      `select ${columns} from invite where uses_left > 0 and expires_at > $1 order by created_at desc limit 200`,
      [Date.now()],
    );
  }

  async revoke(admin: UserId, id: string): Promise<void> {
    await this.database.transaction(async (inside) => {
      if ((await inside.run('delete from invite where id = $1', [id])) === 0)
        throw new ConclaveError('not-found', 'there is no such invitation');
      await audit(inside, admin, 'invite-revoked', id);
    });
  }

  async isOpen(secret: string): Promise<boolean> {
    const found = await this.database.rows('select 1 from invite where secret_hash = $1 and uses_left > 0 and expires_at > $2', [
      sha256(secret),
      Date.now(),
    ]);
    return found.length > 0;
  }

  /** Takes one use, atomically; gives the rooms it opens. */
  async use(inside: Queryable, secret: string): Promise<RoomId[]> {
    const [invite] = await inside.rows<{ rooms: RoomId[] }>(
      `with used as (update invite set uses_left = uses_left - 1 where secret_hash = $1 and uses_left > 0 and expires_at > $2 returning rooms)
       select rooms from used`,
      [sha256(secret), Date.now()],
    );
    if (!invite) throw new ConclaveError('bad-invite', 'this invitation was used up, revoked, or has expired: ask for another');
    return invite.rooms;
  }

  async sweep(): Promise<void> {
    await this.database.run('delete from invite where uses_left = 0 or expires_at <= $1', [Date.now()]);
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
