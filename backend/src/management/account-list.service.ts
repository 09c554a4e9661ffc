import { Injectable } from '@nestjs/common';
import {
  ConclaveError,
  type AccountDetail,
  type AccountLine,
  type AccountPage,
  type AccountQuery,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import type * as z from 'zod';
import { Guesses } from '../auth/guesses.service.ts';
import { Sessions } from '../auth/sessions.service.ts';
import { Database } from '../database/database.ts';
import { Devices } from '../users/devices.service.ts';

type Row = Omit<AccountLine, 'failures' | 'waitsUntil'>;

const columns = `id, username, display_name as "displayName", role, origin, created_at as "createdAt",
  greatest(last_seen_at, (select max(s.last_used_at) from session s where s.account = account.id),
    (select max(d.last_seen_at) from device d where d.account = account.id)) as "lastSeenAt",
  locked_at as "lockedAt", lock_reason as "lockReason", locked_until as "lockedUntil",
  coalesce(claims->>'vip' = 'true', false) as vip`;
const matches = `(username ilike $1 escape '\\' or display_name ilike $1 escape '\\')`;

/** Accounts as an operator sees them (ACC14): oldest first, a page begins after the last line of the one before, however many there are. */
@Injectable()
export class AccountList {
  constructor(
    private readonly database: Database,
    private readonly guesses: Guesses,
    private readonly sessions: Sessions,
    private readonly devices: Devices,
  ) {}

  async page({ q, cursor, limit }: z.output<typeof AccountQuery>): Promise<AccountPage> {
    if (q.includes('\0')) throw new ConclaveError('bad-request', 'q: must not contain NUL');
    const [at, id] = readCursor(cursor);
    const pattern = `%${q
      .trim()
      .normalize('NFC')
      .replaceAll(/[\\%_]/g, '\\$&')}%`;
    const rows = await this.database.rows<Row>(
      `select ${columns} from account where ${matches} and (created_at, id) > ($2::bigint, $3::uuid) order by created_at, id limit $4`,
      [pattern, at, id, limit + 1],
    );
    const [{ total }] = (await this.database.rows<{ total: number }>(`select count(*)::int as total from account where ${matches}`, [
      pattern,
    ])) as [{ total: number }];
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return { accounts: await this.#withGuesses(shown), next: last ? `${last.createdAt}.${last.id}` : null, total };
  }

  async line(user: UserId): Promise<AccountLine> {
    const rows = await this.database.rows<Row>(`select ${columns} from account where id = $1`, [user]);
    if (rows.length === 0) throw new ConclaveError('not-found', 'there is no such account');
    return (await this.#withGuesses(rows))[0]!;
  }

  async detail(user: UserId): Promise<AccountDetail> {
    const line = await this.line(user);
    const [row] = await this.database.rows<{ hasPassword: boolean; passkeys: number }>(
      `select password_hash is not null as "hasPassword", (select count(*)::int from passkey where account = $1) as passkeys from account where id = $1`,
      [user],
    );
    if (!row) throw new ConclaveError('not-found', 'there is no such account');
    const { devices } = await this.devices.list({ user, device: null });
    return { ...line, ...row, sessions: await this.sessions.list(user), devices };
  }

  async #withGuesses(rows: Row[]): Promise<AccountLine[]> {
    const guessed = await this.guesses.ofAll(rows.map(({ username }) => username));
    return rows.map((row) => ({ ...row, ...guessed.get(row.username)! }));
  }
}

/** Of this server's own making: `created_at.id`. Anything else is refused, never passed on to the database. */
function readCursor(cursor: string | undefined): [at: number, id: string] {
  if (cursor === undefined) return [0, '00000000-0000-0000-0000-000000000000'];
  const [, at, id] = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined) throw new ConclaveError('bad-request', 'cursor: take it from the page before');
  return [Number(at), id];
}
