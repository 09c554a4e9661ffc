import { Injectable } from '@nestjs/common';
import type { LiveStatistics } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';
import { listed } from '../rooms/visibility.ts';
import { Users } from '../users/users.service.ts';

const LISTED = 1_000;
type Row = Omit<LiveStatistics['rooms'][number], 'online'>;

/** For the page of the embedding site (API5): how many are here, and how many in each room that stands in a list. */
@Injectable()
export class LiveFigures {
  constructor(
    private readonly database: Database,
    private readonly presence: Presence,
    private readonly users: Users,
  ) {}

  async read(): Promise<LiveStatistics> {
    const rooms = await this.database.rows<Row>(
      `select r.id, r.slug, r.name, (select count(*)::int from membership where room = r.id) as members
       from room r where ${listed} and r.for_role is null order by r.created_at, r.id limit ${LISTED}`,
    );
    return {
      signedIn: this.presence.signedIn,
      users: await this.users.count(),
      rooms: rooms.map((room) => ({ ...room, online: this.presence.onlineUsers(room.id) })),
    };
  }
}
