import type { RoomId, UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';
import { banned, type Term } from '../users/site-bans.service.ts';

/**
 * Throws `banned`, with the end and the reason. Call it in the transaction that makes a member, after the membership was written: then a ban that is
 * being pronounced meanwhile either sees the membership, or is seen here.
 */
export async function requireNotBanned(inside: Queryable, room: RoomId, user: UserId): Promise<void> {
  const [ban] = await inside.rows<Term & { site: boolean }>(
    `select until, reason, room is null as site from ban where account = $1 and (room = $2 or room is null) and (until is null or until > $3)
     order by until desc nulls first limit 1`,
    [user, room, Date.now()],
  );
  if (ban) throw banned(ban.site ? 'this site' : 'this room', ban);
}
