import { Injectable } from '@nestjs/common';
import type { BanLine, BanPage, BanQuery, UserId } from '../../../libs/protocol/src/index.ts';
import type * as z from 'zod';
import { Database } from '../database/database.ts';
import { SiteBans } from '../users/site-bans.service.ts';
import { pageOf, patternOf, readCursor } from './pages.ts';
import { viewOf } from './reports.service.ts';

/** Acts that hold no more are kept so long: until then their signature cannot be shown a second time anyway (read-act.ts). */
const ENDED_DAYS = 30;

const joined = `ban b join account a on a.id = b.account left join room r on r.id = b.room left join account w on w.audit_id = b.made_by`;
/** $1 everywhere, $2 the rooms where the caller has a say, $3 what was typed, $4 a room, $5 now, $6 whether hidden rooms are the caller's to know of. */
const matches = `($1::boolean or b.room = any($2::uuid[])) and (a.username ilike $3 escape '\\' or a.display_name ilike $3 escape '\\')
  and ($4::uuid is null or b.room = $4) and (b.until is null or b.until > $5)
  and ($6::boolean or r.kind is distinct from 'hidden' or b.room = any($2::uuid[]))`;
const columns = `b.id, b.room, r.name as "roomName", a.id as user, a.username, a.display_name as "displayName", b.until, b.reason,
  coalesce(w.username, b.by_name) as by, b.created_at as "createdAt"`;

/** Bans that hold now (MOD4): of the site and of every room for the site's moderators, of a room for its own. */
@Injectable()
export class BanList {
  constructor(
    private readonly database: Database,
    private readonly bans: SiteBans,
  ) {}

  /** Newest first. */
  async page(user: UserId, { q, room, cursor, limit }: z.output<typeof BanQuery>): Promise<BanPage> {
    const { everywhere, rooms, hidden } = await viewOf(this.database, user, room);
    const filter = [everywhere, rooms, patternOf(q), room ?? null, Date.now(), hidden];
    const [at, id] = readCursor(cursor) ?? [null, null];
    const rows = await this.database.rows<BanLine>(
      `select ${columns} from ${joined} where ${matches} and ($7::bigint is null or (b.created_at, b.id) < ($7, $8::uuid))
       order by b.created_at desc, b.id desc limit $9`,
      [...filter, at, id, limit + 1],
    );
    const [count] = await this.database.rows<{ total: number }>(`select count(*)::int as total from ${joined} where ${matches}`, filter);
    const { shown, next } = pageOf(rows, limit);
    return { bans: shown, next, total: count!.total };
  }

  /** What is over: bans and locks whose time has come, and acts that hold no more. */
  async sweep(): Promise<void> {
    const now = Date.now();
    await this.database.transaction((inside) => this.bans.sweep(inside));
    await this.database.run('update moderation_act set ended_at = until where ended_at is null and until <= $1', [now]);
    await this.database.run('delete from moderation_act where ended_at < $1', [now - ENDED_DAYS * 86_400_000]);
  }
}
