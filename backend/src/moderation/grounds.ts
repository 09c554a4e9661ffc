import {
  ConclaveError,
  type ModerationAct,
  type Role,
  type RoomFor,
  type RoomId,
  type RoomKind,
  type RoomRole,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';
import type { Caller } from '../users/caller.ts';

/** What is to be done, to whom, where. Room null: everywhere on this site. */
export type Deed = { act: ModerationAct; room: RoomId | null; user: UserId };
/** Of whom an act is about: `here`, what they are in the room, if they are in it. */
export type Target = { site: Role; here: RoomRole | null };
type Place = { kind: RoomKind; for: RoomFor | null };
type Row = Target & { id: UserId };

const siteRanks: Record<Role, number> = { user: 0, moderator: 3, admin: 4 };
const roomRanks: Record<RoomRole, number> = { member: 0, moderator: 1, owner: 2 };
const SITE = siteRanks.moderator;

/** A role on the site stands above every role in a room. */
const rankOf = ({ site, here }: Target): number => Math.max(siteRanks[site], here ? roomRanks[here] : 0);

/**
 * Whether this caller may do this: to somebody below them, in a room where they have a say. A room that is not theirs to see looks like one that is not
 * there. Holds the room and the account still for the rest of the transaction, so that nobody is promoted or comes in meanwhile.
 */
export async function judge(inside: Queryable, caller: Caller, { act, room, user }: Deed): Promise<Target> {
  const place = room === null ? null : await placeOf(inside, caller, room);
  const strength = act === 'ban' && room === null ? 'update' : 'no key update';
  await inside.rows(`select id from account where id = $1 for ${strength}`, [user]);
  const people = await inside.rows<Row>(
    `select a.id, a.role as site, m.role as here from account a left join membership m on m.account = a.id and m.room = $1 where a.id = any($2)`,
    [room, [caller.user, user]],
  );
  const [actor, target] = [actorOf(caller, people), people.find(({ id }) => id === user)];
  if (room !== null) requirePlace(place, actor);
  else if (rankOf(actor) < SITE) throw new ConclaveError('forbidden', 'only moderators of the site may do this');
  if (room === null && act === 'kick') throw new ConclaveError('bad-request', 'act: a kick is from a room; end the sessions, or ban');
  if (!target) throw new ConclaveError('not-found', 'there is no such account');
  if (rankOf(actor) <= rankOf(target)) throw new ConclaveError('forbidden', 'you may do this only to people whose role is below yours');
  if (room !== null && target.here === null && ['kick', 'mute', 'rules'].includes(act))
    throw new ConclaveError('conflict', 'they are not in this room');
  return target;
}

/** Only what the caller may know of is locked: a lock takes its time. What they may do there `requirePlace` says. */
async function placeOf(inside: Queryable, { user, token }: Caller, room: RoomId): Promise<Place | null> {
  const [row] = await inside.rows<Place>(
    `select r.kind, r.for_role as "for" from room r where r.id = $1 and r.archived_at is null and (r.kind in ('open', 'password')
       or exists (select 1 from membership m where m.room = r.id and m.account = $2)
       or r.kind = 'hidden' and ($3::boolean or exists (select 1 from account a where a.id = $2 and a.role = 'admin'))) for no key update of r`,
    [room, user, Boolean(token)],
  );
  return row ?? null;
}

/** A program acts for the administrators, and so never on one. */
function actorOf({ user, token }: Caller, people: Row[]): Target {
  if (token) return { site: 'admin', here: null };
  return people.find(({ id }) => id === user) ?? { site: 'user', here: null };
}

function requirePlace(place: Place | null, actor: Target): asserts place is Place {
  if (!place || !(actor.here !== null || isOpenTo(place, actor.site)))
    throw new ConclaveError('not-found', 'there is no such room, or it is not yours');
  if (place.kind === 'direct') throw new ConclaveError('forbidden', 'nobody has a say in a direct conversation: block them instead');
  if (rankOf(actor) === 0) throw new ConclaveError('forbidden', 'only owners and moderators of this room may do this');
}

/** Whom the house may act for without being in the room: in no conversation of two, and in hidden rooms only administrators, who know of them. */
function isOpenTo({ kind, for: forRole }: Place, site: Role): boolean {
  if (site === 'user' || kind === 'direct') return false;
  return site === 'admin' || (kind !== 'hidden' && forRole !== 'admin');
}
