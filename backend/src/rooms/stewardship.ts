import { ConclaveError, type RoomId, type RoomKind, type RoomRole, type UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';
import { notThere } from './rooms.service.ts';

/** A room, and what the caller may do with it. */
type Stewarded = { kind: RoomKind; here: RoomRole | null; siteAdmin: boolean; archived: boolean; restricted: boolean };

const ranks: readonly (RoomRole | null)[] = [null, 'member', 'moderator', 'owner'];

/**
 * Locks a room that the caller has a say in: as one of its owners or moderators, or (`orSite`) as an administrator of the site, who has a say in
 * every room that stands in the list, and in no hidden room and no conversation. Throws `not-found` to whoever could not see it, `forbidden` to members.
 */
export async function requireSteward(
  inside: Queryable,
  room: RoomId,
  user: UserId,
  { atLeast, orSite = false, archived = false }: { atLeast: 'owner' | 'moderator'; orSite?: boolean; archived?: boolean },
): Promise<Stewarded> {
  // Only what the caller may know of is locked: a lock takes its time.
  await inside.rows(
    `select r.id from room r where r.id = $1 and (r.kind in ('open', 'password')
       or exists (select 1 from membership m where m.room = r.id and m.account = $2)) for no key update`,
    [room, user],
  );
  const [row] = await inside.rows<Stewarded>(
    `select r.kind, m.role as here, a.role = 'admin' and r.kind in ('open', 'password') as "siteAdmin", r.archived_at is not null as archived,
       r.for_role is not null or r.members_only as restricted
     from room r join account a on a.id = $2 left join membership m on m.room = r.id and m.account = a.id
     where r.id = $1 and (m.account is not null or ($3 and a.role = 'admin' and r.kind in ('open', 'password')))
       and (r.archived_at is not null) = $4`,
    [room, user, orSite, archived],
  );
  if (!row) throw notThere();
  const mayHere = row.kind !== 'direct' && ranks.indexOf(row.here) >= ranks.indexOf(atLeast);
  if (!mayHere && !(orSite && row.siteAdmin))
    throw new ConclaveError(
      'forbidden',
      atLeast === 'owner' ? 'only owners of this room may do this' : 'only owners and moderators of this room may do this',
    );
  return row;
}
