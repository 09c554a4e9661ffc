import { Injectable } from '@nestjs/common';
import { ConclaveError, type ActPreview, type PreviewRequest, type RoomId, type UserId } from '../../../libs/protocol/src/index.ts';
import type * as z from 'zod';
import { Database, type Queryable } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';
import { Rooms } from '../rooms/rooms.service.ts';
import type { Caller } from '../users/caller.ts';
import { judge } from './grounds.ts';

type Extent = Pick<ActPreview, 'devices' | 'sessions' | 'waiting' | 'successor'>;
const untouched = { rooms: 0, devices: 0, sockets: 0, sessions: 0, waiting: 0, successor: null };

/** What an act would do if it were done now (MOD4). Sockets are those of this server. */
@Injectable()
export class Preview {
  constructor(
    private readonly database: Database,
    private readonly presence: Presence,
    private readonly rooms: Rooms,
  ) {}

  /** Throws `not-found` where there is nothing for this caller to act on; who merely may not is told why. */
  async of(caller: Caller, deed: z.output<typeof PreviewRequest>): Promise<ActPreview> {
    const { act, room, user } = deed;
    return this.database.transaction(async (inside) => {
      try {
        await judge(inside, caller, deed);
      } catch (error) {
        if (!(error instanceof ConclaveError) || error.code === 'not-found') throw error;
        return { allowed: false, refusal: error.message, ...untouched };
      }
      if (act !== 'kick' && act !== 'ban') return { allowed: true, refusal: null, ...untouched };
      const mine = await this.rooms.mine(user, inside);
      const rooms = room === null ? mine : mine.filter((id) => id === room);
      const extent = await extentOf(inside, rooms, user, room === null);
      return { allowed: true, refusal: null, rooms: rooms.length, sockets: this.#sockets(room, user), ...extent };
    });
  }

  #sockets(room: RoomId | null, user: UserId): number {
    return [...this.presence.connectionsOf(user)].filter((connection) => room === null || connection.rooms.has(room)).length;
  }
}

async function extentOf(inside: Queryable, rooms: RoomId[], user: UserId, everywhere: boolean): Promise<Extent> {
  const [row] = await inside.rows<Extent>(
    `select
       (select count(distinct l.device)::int from room_leaf l where l.room = any($1) and l.account = $2 and l.to_epoch is null) as devices,
       (select count(*)::int from session where account = $2 and ended_at is null and expires_at > $4 and $3) as sessions,
       (select count(*)::int from room_log where room = any($1) and kind = 'envelope'
          and targets && array(select id from device where account = $2)) as waiting,
       (select n.display_name from membership mine join lateral (
            select m.account, m.role from membership m where m.room = mine.room and m.account <> $2 order by m.since, m.account limit 1) next on true
          join account n on n.id = next.account
          where mine.account = $2 and mine.role = 'owner' and mine.room = any($1)
            and not exists (select 1 from membership o where o.room = mine.room and o.role = 'owner' and o.account <> $2)
          order by mine.since limit 1) as successor`,
    [rooms, user, everywhere, Date.now()],
  );
  return row!;
}
