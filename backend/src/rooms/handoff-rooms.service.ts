import { Injectable } from '@nestjs/common';
import { type RoomId, type UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';
import { Users } from '../users/users.service.ts';
import { nameKey } from './founding.service.ts';
import { Rooms } from './rooms.service.ts';
import { isFor } from './visibility.ts';

/** The rooms that a site names for somebody (ACC10, ROOM9). */
@Injectable()
export class HandoffRooms {
  constructor(
    private readonly rooms: Rooms,
    private readonly users: Users,
  ) {}

  /**
   * Makes a member of the rooms of these slugs, and of open rooms of these names that have no slug; the others are no reason to turn somebody away, nor
   * are those from which they are banned, or that are full. Gives those that are new.
   */
  async admit(inside: Queryable, user: UserId, names: string[]): Promise<RoomId[]> {
    const named = await inside.rows<{ id: RoomId }>(
      `select r.id from room r join account a on a.id = $1 where r.archived_at is null and r.kind = 'open' and ${isFor}
         and (r.slug = any($2) or (r.slug is null and r.name_key = any($3)))
         and not exists (select 1 from ban b where b.room = r.id and b.account = a.id and (b.until is null or b.until > $4)) order by r.id`,
      [user, names, names.map(nameKey), Date.now()],
    );
    const joined: RoomId[] = [];
    for (const { id } of named) if (await this.rooms.admitIfPossible(inside, user, id)) joined.push(id);
    return joined;
  }

  /** What others see of it, once it is committed. */
  async tell(user: UserId, joined: RoomId[], shownChanged: boolean): Promise<void> {
    for (const room of joined) await this.rooms.tellJoined(room, user);
    if (shownChanged) await this.users.changed(user);
  }
}
