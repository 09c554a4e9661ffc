import { Injectable } from '@nestjs/common';
import type { AuditLine, AuditPage, AuditQuery } from '../../../libs/protocol/src/index.ts';
import { ConclaveError, toBase64url } from '../../../libs/protocol/src/index.ts';
import type * as z from 'zod';
import { Database } from '../database/database.ts';
import { patternOf } from './pages.ts';

type Row = Omit<AuditLine, 'actorName' | 'subjectName' | 'hash'> & { hash: Uint8Array };
/** Accounts and rooms whose name matches a search; who looks for more than this many at once had better type another letter. */
const FOUND = 200;

/** The audit log as administrators read it (MOD5): newest first, with the names of accounts as long as there are any. */
@Injectable()
export class AuditLog {
  constructor(private readonly database: Database) {}

  async page({ act, q, cursor, limit }: z.output<typeof AuditQuery>): Promise<AuditPage> {
    const named = q.trim() === '' ? null : await this.#named(q);
    const filter = [act ?? null, named, q.trim()];
    const rows = await this.database.rows<Row>(
      `select id, at, act, actor, subject, detail, hash from audit where ${matches} and ($4::bigint is null or id < $4) order by id desc limit $5`,
      [...filter, readCursor(cursor), limit + 1],
    );
    const [{ total }] = (await this.database.rows<{ total: number }>(
      `select count(*)::int as total from audit where ${matches}`,
      filter,
    )) as [{ total: number }];
    const shown = rows.slice(0, limit);
    const next = rows.length > limit ? String(shown.at(-1)!.id) : null;
    return { lines: await this.#withNames(shown), next, total, acts: await this.#acts() };
  }

  /** Ids under which the log may speak of whatever is called like this. */
  async #named(q: string): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      `(select audit_id::text as id from account where username ilike $1 escape '\\' or display_name ilike $1 escape '\\' limit ${FOUND})
       union all (select id::text from room where kind in ('open', 'password') and name ilike $1 escape '\\' limit ${FOUND})`,
      [patternOf(q)],
    );
    return rows.map(({ id }) => id);
  }

  async #withNames(rows: Row[]): Promise<AuditLine[]> {
    const ids = [...new Set(rows.flatMap(({ actor, subject }) => [actor, subject]))].filter((id) => id !== null && UUID.test(id));
    const named = await this.database.rows<{ id: string; name: string }>(
      `select audit_id as id, username as name from account where audit_id = any($1::uuid[])
       union all select id, name from room where id = any($1::uuid[]) and kind in ('open', 'password')`,
      [ids],
    );
    const names = new Map(named.map(({ id, name }) => [id, name]));
    return rows.map((row) => ({
      ...row,
      actorName: row.actor === null ? null : (names.get(row.actor) ?? null),
      subjectName: names.get(row.subject) ?? null,
      hash: toBase64url(row.hash),
    }));
  }

  /** Jumps from one act to the next along the index: there are few, however many rows. */
  async #acts(): Promise<string[]> {
    const rows = await this.database.rows<{ act: string }>(
      `with recursive distinct_act as (
         (select act from audit order by act limit 1)
         union all select (select a.act from audit a where a.act > d.act order by a.act limit 1) from distinct_act d where d.act is not null)
       select act from distinct_act where act is not null`,
    );
    return rows.map(({ act }) => act);
  }
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** $1 an act or null, $2 ids that are meant or null, $3 what was typed: an id, too. */
const matches = `($1::text is null or act = $1) and ($2::text[] is null or actor = any($2::text[]::uuid[]) or subject = any($2::text[]) or subject = $3)`;

function readCursor(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  if (!/^\d{1,15}$/.test(cursor)) throw new ConclaveError('bad-request', 'cursor: take it from the page before');
  return Number(cursor);
}
