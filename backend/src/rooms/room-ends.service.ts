import { Injectable } from '@nestjs/common';
import { ConclaveError, type ExpelReason, type RoomId, type UserId } from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { isDuplicate } from '../database/failures.ts';
import { Presence } from '../presence/presence.service.ts';
import { audit } from '../users/audit.ts';
import { Directory } from './directory.service.ts';
import { Entitlements } from './entitlements.service.ts';
import { Rooms } from './rooms.service.ts';
import { requireSteward } from './stewardship.ts';

/** How rooms end, by their owners, and those in the list by administrators of the site too (ROOM10). */
@Injectable()
export class RoomEnds {
  readonly #farewells: ((room: RoomId) => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly rooms: Rooms,
    private readonly directory: Directory,
    private readonly presence: Presence,
    private readonly entitlements: Entitlements,
  ) {}

  /** Called when a room is gone for good, and it is committed. */
  onDeleted(farewell: (room: RoomId) => void): void {
    this.#farewells.push(farewell);
  }

  /** Nobody comes in and nothing passes, and it stands in no list; memberships stay for when it is taken out again. */
  async archive(user: UserId, room: RoomId): Promise<void> {
    const members = await this.database.transaction(async (inside) => {
      await requireSteward(inside, room, user, { atLeast: 'owner', orSite: true });
      await inside.run('update room set archived_at = $2 where id = $1', [room, Date.now()]);
      await audit(inside, user, 'room-archived', room);
      return membersOf(inside, room);
    });
    this.#expel(room, members, 'archived');
    this.directory.changed(room);
  }

  /** Back are those who may still be in it. Throws `conflict` when another room has taken its name. */
  async unarchive(user: UserId, room: RoomId): Promise<void> {
    const { members, after } = await this.database.transaction(async (inside) => {
      await requireSteward(inside, room, user, { atLeast: 'owner', orSite: true, archived: true });
      await inside.run('update room set archived_at = null where id = $1', [room]).catch((error: unknown) => {
        throw isDuplicate(error) ? new ConclaveError('conflict', 'another room has its name by now: rename that one first') : error;
      });
      const after = await this.entitlements.reviewRoom(inside, room);
      const members = await membersOf(inside, room);
      await audit(inside, user, 'room-unarchived', room);
      return { members, after };
    });
    after();
    for (const member of members) await this.rooms.tellJoined(room, member);
    this.directory.changed(room);
  }

  /** Everything of it goes: members, group, what waits in its log. What members keep on their own devices is theirs. */
  async delete(user: UserId, room: RoomId): Promise<void> {
    const { members, listed } = await this.database.transaction(async (inside) => {
      const archived = (await inside.rows('select 1 from room where id = $1 and archived_at is not null', [room])).length > 0;
      const { kind, restricted } = await requireSteward(inside, room, user, { atLeast: 'owner', orSite: true, archived });
      const members = await membersOf(inside, room);
      await inside.rows('select room from room_head where room = $1 for update', [room]);
      await inside.run('delete from expiry_notice where room = $1', [room]);
      await inside.run('delete from room where id = $1', [room]);
      await audit(inside, user, 'room-deleted', room, { kind });
      return { members, listed: kind !== 'hidden' && !restricted };
    });
    this.#expel(room, members, 'deleted');
    for (const farewell of this.#farewells) farewell(room);
    if (listed) this.directory.deleted(room);
  }

  #expel(room: RoomId, members: UserId[], reason: ExpelReason): void {
    for (const member of members) this.presence.expel(room, member, reason);
  }
}

async function membersOf(inside: Queryable, room: RoomId): Promise<UserId[]> {
  const rows = await inside.rows<{ account: UserId }>('select account from membership where room = $1', [room]);
  return rows.map(({ account }) => account);
}
