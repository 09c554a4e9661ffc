import { ConclaveError, type RoomId, type UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';

/**
 * After somebody went: a room of people without an owner gets its longest-standing member as one, and is archived when nobody is left. Rooms of the
 * house stay, and have no owner (ROOM7, ROOM9); a conversation of two has none either, and nothing of it stays when both have left it.
 */
export async function handOn(inside: Queryable, room: RoomId): Promise<void> {
  await inside.run(
    `update membership set role = 'owner' where room = $1
       and exists (select 1 from room where id = $1 and origin = 'people' and kind <> 'direct')
       and not exists (select 1 from membership where room = $1 and role = 'owner')
       and account = (select account from membership where room = $1 order by since, account limit 1)`,
    [room],
  );
  const abandoned = `id = $1 and not exists (select 1 from membership where room = $1)`;
  await inside.run(`update room set archived_at = $2 where ${abandoned} and origin = 'people' and kind <> 'direct'`, [room, Date.now()]);
  await inside.run(`delete from room where ${abandoned} and kind = 'direct'`, [room]);
}

/** Throws `last-owner` when somebody is the only owner of a room in which there are others. Call it with the room locked. */
export async function requireAnotherOwner(inside: Queryable, room: RoomId, user: UserId): Promise<void> {
  const [row] = await inside.rows<{ last: boolean }>(
    `select m.role = 'owner' and r.origin = 'people'
       and not exists (select 1 from membership o where o.room = $1 and o.role = 'owner' and o.account <> $2)
       and exists (select 1 from membership o where o.room = $1 and o.account <> $2) as last
     from membership m join room r on r.id = m.room where m.room = $1 and m.account = $2`,
    [room, user],
  );
  if (row?.last) throw new ConclaveError('last-owner', 'you are the last owner of this room: make somebody else owner first');
}
