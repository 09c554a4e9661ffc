import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { ConclaveError, type ReportRequest, type RoomId, type UserId } from '../../../libs/protocol/src/index.ts';
import type * as z from 'zod';
import { Database, type Queryable } from '../database/database.ts';
import { Budgets } from '../presence/budgets.ts';
import { Rooms } from '../rooms/rooms.service.ts';
import { prove, type Evidence } from './proof.ts';

const HOUR_MS = 3_600_000;
const AN_HOUR = 20;
/** Attempts, proved or not: each costs up to twenty signatures. */
const TRIES_AN_HOUR = 60;
const EVIDENCE_DAYS = 90;

/** Takes reports (MOD3): only what is proved is kept, and only as long as the case is open, 90 days at most (ACC13). */
@Injectable()
export class Reports {
  readonly #tries = new Budgets(TRIES_AN_HOUR / 3_600, TRIES_AN_HOUR);

  constructor(
    private readonly database: Database,
    private readonly rooms: Rooms,
  ) {}

  /** Throws `not-found` for a room that is not the reporter's, `bad-report`, `conflict` for what they have reported already, `slow-down`. */
  async take(reporter: UserId, request: z.output<typeof ReportRequest>): Promise<string> {
    const { room, reason, note, messages } = request;
    await this.rooms.ofMember(room, reporter);
    const wait = this.#tries.take(reporter);
    if (wait > 0) throw new ConclaveError('slow-down', 'too many reports: wait before the next', wait);
    const { accused, evidence } = await prove(this.database, room, reporter, messages);
    return this.database.transaction(async (inside) => {
      // One after the other, or two that race are both the first.
      await inside.rows('select id from account where id = $1 for no key update', [reporter]);
      await this.rooms.ofMember(room, reporter, inside);
      await requireNew(inside, reporter, evidence);
      const id = randomUUID();
      await inside.run(
        `insert into report (id, room, accused, reporter, reason, note, evidence, messages, created_at)
         select $1, $2, id, $4, $5, $6, $7, $8, $9 from account where id = $3`,
        [id, room, accused, reporter, reason, note, JSON.stringify(evidence), evidence.length, Date.now()],
      );
      return id;
    });
  }

  async sweep(): Promise<void> {
    await this.database.run(`update report set evidence = '[]' where created_at < $1 and evidence <> '[]'`, [
      Date.now() - EVIDENCE_DAYS * 86_400_000,
    ]);
  }
}

async function requireNew(inside: Queryable, reporter: UserId, evidence: Evidence): Promise<void> {
  const since = Date.now() - HOUR_MS;
  const [count] = await inside.rows<{ lately: number; oldest: number | null }>(
    'select count(*)::int as lately, min(created_at) as oldest from report where reporter = $1 and created_at > $2',
    [reporter, since],
  );
  if (count!.lately >= AN_HOUR)
    throw new ConclaveError(
      'slow-down',
      `at most ${AN_HOUR} reports an hour: wait before the next`,
      (count!.oldest ?? since) - since + 1_000,
    );
  const again = await inside.rows(
    `select 1 from report r where r.reporter = $1 and r.state = 'open'
       and exists (select 1 from jsonb_array_elements(r.evidence) e where e->>'mid' = any($2)) limit 1`,
    [reporter, evidence.map(({ mid }) => mid)],
  );
  if (again.length > 0) throw new ConclaveError('conflict', 'you have reported one of these messages already; it is being looked at');
}

/** Whose reports somebody may see: of everywhere (moderators of the site), or of the rooms where they have a say. */
export type View = { everywhere: boolean; hidden: boolean; rooms: RoomId[] };

/** Throws `forbidden` for who has a say nowhere. A room that was asked for and is not theirs looks like one that is not there. */
export async function viewOf(inside: Queryable, user: UserId, room: RoomId | undefined): Promise<View> {
  const rows = await inside.rows<{ role: string; room: RoomId | null }>(
    `select a.role, m.room from account a left join membership m on m.account = a.id and m.role <> 'member'
       and exists (select 1 from room r where r.id = m.room and r.kind <> 'direct') where a.id = $1`,
    [user],
  );
  const [role, rooms] = [rows[0]?.role, rows.flatMap((row) => row.room ?? [])];
  if (role === 'admin' || role === 'moderator') return { everywhere: true, hidden: role === 'admin', rooms };
  if (room !== undefined && !rooms.includes(room)) throw new ConclaveError('not-found', 'there is no such room, or it is not yours');
  if (rooms.length === 0) throw new ConclaveError('forbidden', 'only moderators may do this');
  return { everywhere: false, hidden: false, rooms };
}
