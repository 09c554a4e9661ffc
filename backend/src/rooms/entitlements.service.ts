import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { RoomId, UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';
import { Users } from '../users/users.service.ts';
import { Directory } from './directory.service.ts';
import { Rooms } from './rooms.service.ts';
import { hasRole, isFor } from './visibility.ts';

/** Whoever loses the role that a room is for (ROOM7), or is no longer named for it by the embedding site (ROOM9), is a member no more, at once. */
@Injectable()
export class Entitlements implements OnModuleInit {
  constructor(
    private readonly users: Users,
    private readonly rooms: Rooms,
    private readonly directory: Directory,
  ) {}

  onModuleInit(): void {
    this.users.onRightsChanged((inside, user) => this.review(inside, user));
  }

  /** What this gives is called once the transaction is committed. */
  async review(inside: Queryable, user: UserId): Promise<() => void> {
    const lost = await inside.rows<{ room: RoomId; role: boolean }>(
      `select r.id as room, ${hasRole} as role from membership m join room r on r.id = m.room join account a on a.id = m.account
       where a.id = $1 and r.archived_at is null and not (${isFor}) order by r.id`,
      [user],
    );
    const after: (() => void)[] = [];
    for (const { room, role } of lost) after.push(await this.rooms.remove(inside, room, user, role ? 'site' : 'removed'));
    return () => {
      for (const then of after) then();
      for (const { room } of lost) this.directory.withdrawn(room, user);
    };
  }

  /**
   * Of all members of one room that is for fewer people from now on, or was archived while they lost a right or were banned. Holds their accounts
   * still, so that nobody loses a right meanwhile without either side seeing it.
   */
  async reviewRoom(inside: Queryable, room: RoomId): Promise<() => void> {
    await inside.rows('select a.id from account a join membership m on m.account = a.id where m.room = $1 order by a.id for share of a', [
      room,
    ]);
    const lost = await inside.rows<{ user: UserId; role: boolean; banned: boolean }>(
      `select a.id as user, ${hasRole} as role, b.account is not null as banned
       from membership m join room r on r.id = m.room join account a on a.id = m.account left join lateral (
         select account from ban where account = a.id and (room = r.id or room is null) and (until is null or until > $2) limit 1) b on true
       where r.id = $1 and r.archived_at is null and (b.account is not null or not (${isFor})) order by a.id`,
      [room, Date.now()],
    );
    const after: (() => void)[] = [];
    for (const { user, role, banned } of lost)
      after.push(await this.rooms.remove(inside, room, user, banned ? 'banned' : role ? 'site' : 'removed'));
    return () => after.forEach((then) => then());
  }
}
