import { Injectable } from '@nestjs/common';
import {
  ConclaveError,
  type PasswordVersion,
  type RoomChange,
  type RoomId,
  type RoomRole,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import type * as z from 'zod';
import { Passwords } from '../auth/passwords.service.ts';
import { Database, type Queryable } from '../database/database.ts';
import { isDuplicate } from '../database/failures.ts';
import { audit, auditAbout } from '../users/audit.ts';
import { nameKey } from './founding.service.ts';
import { requireAnotherOwner } from './ownership.ts';
import { RoomNews } from './room-news.service.ts';
import { notThere } from './rooms.service.ts';
import { requireSteward } from './stewardship.ts';

/** What owners and moderators make of their room (ROOM6, ROOM10). Each act and its line in the audit log are one transaction. */
@Injectable()
export class RoomChanges {
  constructor(
    private readonly database: Database,
    private readonly news: RoomNews,
    private readonly passwords: Passwords,
  ) {}

  /** Moderators change topic and icon, owners the rest as well. Throws `conflict` for a name that another room has. */
  async change(user: UserId, room: RoomId, change: RoomChange): Promise<void> {
    const { topic: _, icon: __, ...ofOwners } = change;
    const atLeast = Object.keys(ofOwners).length > 0 ? 'owner' : 'moderator';
    await this.database.transaction(async (inside) => {
      await requireSteward(inside, room, user, { atLeast });
      await write(inside, room, change);
      await audit(inside, user, 'room-changed', room, { fields: Object.keys(change).sort().join(' ') });
    });
    await this.news.changed(room);
  }

  /** Members' devices mix the new password into the group's keys in a commit of their own, under the version this gives. */
  async changePassword(user: UserId, room: RoomId, admission: string): Promise<z.infer<typeof PasswordVersion>> {
    await this.database.transaction((inside) => this.#requireLock(inside, room, user)); // before strangers make this server hash
    const hash = await this.passwords.hash(admission);
    const passwordVersion = await this.database.transaction(async (inside) => {
      await this.#requireLock(inside, room, user);
      const [row] = await inside.rows<{ version: number }>(
        `with changed as (update room set password_hash = $2, password_version = password_version + 1 where id = $1 returning password_version)
         select password_version as version from changed`,
        [room, hash],
      );
      await audit(inside, user, 'room-password-changed', room, { version: row!.version });
      return row!.version;
    });
    await this.news.changed(room);
    return { passwordVersion };
  }

  /** By owners, who may hand the room on, and lay their own role down once another has it. Throws `last-owner`. */
  async setRole(user: UserId, room: RoomId, of: UserId, role: RoomRole): Promise<void> {
    await this.database.transaction(async (inside) => {
      await requireSteward(inside, room, user, { atLeast: 'owner' });
      const [member] = await inside.rows<{ role: RoomRole }>('select role from membership where room = $1 and account = $2', [room, of]);
      if (!member) throw new ConclaveError('not-found', 'this person is not a member of the room');
      if (member.role === role) return;
      if (role !== 'owner') await requireAnotherOwner(inside, room, of);
      if (member.role === 'owner' && of !== user)
        throw new ConclaveError('forbidden', 'an owner lays that down alone: you cannot take it from them');
      await inside.run('update membership set role = $3 where room = $1 and account = $2', [room, of, role]);
      await auditAbout(inside, user, 'role-in-room-changed', of, { room, role });
    });
    await this.news.roleChanged(room, of);
  }

  async #requireLock(inside: Queryable, room: RoomId, user: UserId): Promise<void> {
    const { kind } = await requireSteward(inside, room, user, { atLeast: 'owner' });
    if (kind !== 'password') throw new ConclaveError('conflict', 'this room has no password: what kind a room is never changes');
  }
}

async function write(
  inside: Queryable,
  room: RoomId,
  { name, topic, icon, disappearAfterMs, retentionDays, newcomersDays }: RoomChange,
): Promise<void> {
  try {
    const changed = await inside.run(
      `update room set name = coalesce($2, name), name_key = coalesce($3, name_key), topic = coalesce($4, topic),
         icon = case when $5 then $6 else icon end, disappear_after = case when $7 then $8::bigint else disappear_after end,
         retention_days = case when $9 then $10::int else retention_days end,
         newcomers_days = case when $11 then $12::int else newcomers_days end where id = $1`,
      [
        room,
        name ?? null,
        name === undefined ? null : nameKey(name),
        topic ?? null,
        icon !== undefined,
        icon ?? null,
        disappearAfterMs !== undefined,
        disappearAfterMs ?? null,
        retentionDays !== undefined,
        retentionDays ?? null,
        newcomersDays !== undefined,
        newcomersDays ?? null,
      ],
    );
    if (changed === 0) throw notThere();
  } catch (error) {
    if (isDuplicate(error)) throw new ConclaveError('conflict', 'there is a room of this name: choose another');
    throw error;
  }
}
