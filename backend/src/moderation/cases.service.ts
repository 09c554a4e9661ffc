import { Injectable } from '@nestjs/common';
import {
  ConclaveError,
  type ReportClosing,
  type ReportDetail,
  type ReportLine,
  type ReportPage,
  type ReportQuery,
  type RoomId,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import type * as z from 'zod';
import { Database, type Queryable } from '../database/database.ts';
import { audit, auditAbout } from '../users/audit.ts';
import { pageOf, readCursor } from './pages.ts';
import type { Evidence } from './proof.ts';
import { viewOf, type View } from './reports.service.ts';

type Somebody = ReportLine['accused'];
type Row = Omit<ReportLine, 'accused' | 'reporter'> & {
  accusedId: UserId | null;
  accusedUsername: string | null;
  accusedName: string | null;
  reporterId: UserId | null;
  reporterUsername: string | null;
  reporterName: string | null;
};
type Full = Row & { note: string; closedBy: string | null; closingNote: string; evidence: Evidence };

/** $1 who looks, $2 everywhere, $3 the rooms where they have a say, $4 whether hidden rooms have names for them. */
const columns = `p.id, case when r.kind <> 'direct' then p.room end as room,
  case when r.kind in ('open', 'password') or (r.kind = 'hidden' and ($4 or p.room = any($3::uuid[]))) then r.name end as "roomName",
  p.reason, p.state, p.messages, p.created_at as "createdAt", p.closed_at as "closedAt",
  a.id as "accusedId", a.username as "accusedUsername", a.display_name as "accusedName",
  w.id as "reporterId", w.username as "reporterUsername", w.display_name as "reporterName"`;
const joined = `report p left join room r on r.id = p.room left join account a on a.id = p.accused left join account w on w.id = p.reporter`;
/** Nobody judges their own case, nor reads who brought it. */
const visible = `p.accused is distinct from $1::uuid and ($2::boolean or p.room = any($3::uuid[]))`;

/** The queue of reports (MOD4): to moderators of the site all, to those of a room theirs. */
@Injectable()
export class Cases {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  async page(user: UserId, { state, room, cursor, limit }: z.output<typeof ReportQuery>): Promise<ReportPage> {
    const view = await viewOf(this.database, user, room);
    const [at, id] = readCursor(cursor) ?? [null, null];
    const rows = await this.database.rows<Row>(
      `select ${columns} from ${joined} where ${visible} and ${inState[state]} and ($5::uuid is null or p.room = $5)
         and ($6::bigint is null or (p.created_at, p.id) < ($6, $7::uuid)) order by p.created_at desc, p.id desc limit $8`,
      [user, view.everywhere, view.rooms, view.hidden, room ?? null, at, id, limit + 1],
    );
    const [count] = await this.database.rows<{ open: number }>(
      `select count(*)::int as open from report p where ${visible} and p.state = 'open' and ($4::uuid is null or p.room = $4)`,
      [user, view.everywhere, view.rooms, room ?? null],
    );
    const { shown, next } = pageOf(rows, limit);
    return { reports: shown.map(lineOf), next, open: count!.open };
  }

  /** Throws `not-found`, also for a report that is not this moderator's to see. */
  async detail(user: UserId, id: string): Promise<ReportDetail> {
    const view = await viewOf(this.database, user, undefined);
    const { note, closedBy, closingNote, evidence, ...row } = await this.#one(this.database, user, view, id);
    return { ...lineOf(row), note, closedBy, closingNote, evidence };
  }

  /** The evidence goes with the case (ACC13). */
  async close(user: UserId, id: string, { state, note }: z.output<typeof ReportClosing>): Promise<void> {
    await this.database.transaction(async (inside) => {
      const { room, accusedId } = await this.#one(inside, user, await viewOf(inside, user, undefined), id);
      const closed = await inside.run(
        `update report set state = $2, closing_note = $3, closed_by = (select audit_id::text from account where id = $4), closed_at = $5, evidence = '[]'
         where id = $1 and state = 'open'`,
        [id, state, note, user, Date.now()],
      );
      if (closed === 0) throw new ConclaveError('conflict', 'this case is closed already');
      await logClosing(inside, user, accusedId, { report: id, state, ...(room === null ? {} : { room }) });
    });
  }

  async #one(inside: Queryable, user: UserId, view: View, id: string): Promise<Full> {
    const [row] = await inside.rows<Full>(
      `select ${columns}, p.note, p.closing_note as "closingNote", p.evidence,
         (select c.username from account c where c.audit_id::text = p.closed_by) as "closedBy"
       from ${joined} where ${visible} and p.id = $5`,
      [user, view.everywhere, view.rooms, view.hidden, id],
    );
    if (!row) throw new ConclaveError('not-found', 'there is no such report, or it is not yours to see');
    return row;
  }
}

const inState: Record<z.output<typeof ReportQuery>['state'], string> = {
  open: `p.state = 'open'`,
  closed: `p.state <> 'open'`,
  all: 'true',
};

function lineOf(row: Row): ReportLine {
  const { accusedId, accusedUsername, accusedName, reporterId, reporterUsername, reporterName, ...line } = row;
  const somebody = (id: UserId | null, username: string | null, displayName: string | null): Somebody => ({ id, username, displayName });
  return {
    ...line,
    accused: somebody(accusedId, accusedUsername, accusedName),
    reporter: somebody(reporterId, reporterUsername, reporterName),
  };
}

function logClosing(
  inside: Queryable,
  user: UserId,
  accused: UserId | null,
  detail: { report: string; state: string; room?: RoomId },
): Promise<void> {
  return accused === null
    ? audit(inside, user, 'report-closed', detail.report, detail)
    : auditAbout(inside, user, 'report-closed', accused, detail);
}
