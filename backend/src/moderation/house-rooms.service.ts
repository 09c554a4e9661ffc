import { Injectable } from '@nestjs/common';
import { ConclaveError, type AdminRoom, type AdminRoomPage, type AdminRoomQuery } from '../../../libs/protocol/src/index.ts';
import type * as z from 'zod';
import { Database } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';
import type { Caller } from '../users/caller.ts';
import { pageOf, patternOf, readCursor } from './pages.ts';

type Row = Omit<AdminRoom, 'online'>;

const OWNERS = 5;
/** Of the rooms of one page only: nothing is counted of what is not shown. */
const columns = `r.id, r.kind, r.name, r.topic, r.icon, r.for_role as "for", r.slug, r.created_at as "createdAt", r.archived_at as "archivedAt",
  array(select a.username from membership m join account a on a.id = m.account where m.room = r.id and m.role = 'owner'
    order by m.since, a.id limit ${OWNERS}) as owners,
  (select count(*)::int from membership m where m.room = r.id) as members,
  (select count(*)::int from room_leaf l join room_group g on g.room = l.room and g.generation = l.generation
    where l.room = r.id and l.to_epoch is null) as devices,
  (select count(*)::int from room_log o where o.room = r.id and o.kind = 'envelope') as waiting`;
/** $1 kinds that the caller may know of, $2 what was typed, $3 archived or not, null for both. */
const matches = `r.kind = any($1) and (r.name ilike $2 escape '\\' or r.topic ilike $2 escape '\\' or r.slug ilike $2 escape '\\')
  and ($3::boolean is null or (r.archived_at is not null) = $3) and ($4 or r.for_role is distinct from 'admin')`;

/** Rooms as the house sees them (MOD4), with no way in. Conversations of two are nobody's business, hidden rooms only administrators'. */
@Injectable()
export class HouseRooms {
  constructor(
    private readonly database: Database,
    private readonly presence: Presence,
  ) {}

  /** Oldest first. */
  async page(caller: Caller, { q, kind, archived, cursor, limit }: z.output<typeof AdminRoomQuery>): Promise<AdminRoomPage> {
    const isAdmin = requireHouse(caller);
    const known = ['open', 'password', ...(isAdmin ? ['hidden'] : [])].filter((one) => kind === undefined || one === kind);
    const filter = [known, patternOf(q), archived === undefined ? null : archived === 'true', isAdmin];
    const [at, id] = readCursor(cursor) ?? [-1, '00000000-0000-0000-0000-000000000000'];
    const rows = await this.database.rows<Row>(
      `select ${columns} from room r where ${matches} and (r.created_at, r.id) > ($5::bigint, $6::uuid) order by r.created_at, r.id limit $7`,
      [...filter, at, id, limit + 1],
    );
    const [count] = await this.database.rows<{ total: number }>(`select count(*)::int as total from room r where ${matches}`, filter);
    const { shown, next } = pageOf(rows, limit);
    return { rooms: shown.map((row) => ({ ...row, online: this.presence.onlineUsers(row.id) })), next, total: count!.total };
  }
}

/** True for administrators. Throws `forbidden` for everybody but the site's moderators. */
export function requireHouse({ role }: Caller): boolean {
  if (role === 'user') throw new ConclaveError('forbidden', 'only moderators of the site may do this');
  return role === 'admin';
}
