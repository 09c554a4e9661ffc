import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { ConclaveError, type DeviceId, type Role, type SessionLine, type SignedIn, type UserId } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database, type Queryable } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';
import type { Caller } from '../users/caller.ts';
import { banned, liftOverdue, type Term } from '../users/site-bans.service.ts';
import { Users, type Account } from '../users/users.service.ts';
import { agentName } from './agent-name.ts';
import { SessionTokens } from './session-tokens.service.ts';

/** Unused for so long, or this long in all: then one signs in again. */
const IDLE_MS = 30 * 24 * 3_600_000;
const LIFE_MS = 90 * 24 * 3_600_000;
/** Of one account at once; a newer one ends the one that was used longest ago. */
const MOST = 50;
const PARENT_GRACE_MS = 10_000;

type Row = { id: string; account: UserId; count: number; rotatedAt: number };
/** What a sign-in gives: the body of the answer, and the cookie beside it. */
export type Opened = { body: SignedIn; refreshToken: string };

/**
 * How somebody came in, and what with: shown to them in the list of their sessions (ACC7). `device` where its key was the door; `verified`, the
 * stored hash that was compared, where a password was.
 */
export type Entry = { method: SessionLine['method']; agent: string | undefined; device?: DeviceId; verified?: string };

/** Of a `session`, at $2. */
export const live = `ended_at is null and expires_at > $2
  and not exists (select 1 from account where account.id = session.account and locked_at is not null)`;
const columns = `id, account, refresh_count as count, rotated_at as "rotatedAt"`;

/** Sessions live in the database; an access token only says which, for five minutes. */
@Injectable()
export class Sessions {
  readonly #listeners: ((user: UserId) => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly presence: Presence,
    private readonly tokens: SessionTokens,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Calls back once it is committed that a session of this user has ended, on this server. */
  onEnded(listener: (user: UserId) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * For who has just proved to be the account's owner: others must not learn from `account-locked` that it is. Throws `bad-credentials` where
   * the password has been changed since it was compared: a login in flight must not outlive the change that was to end it.
   */
  async open(inside: Queryable, account: Account, { method, agent, device, verified }: Entry): Promise<Opened> {
    this.#requireOpenDoor(account, method);
    const id = randomUUID();
    const now = Date.now();
    await liftOverdue(inside, account.id);
    // Waits for a lock or a password that is being put on the account, and those wait for this: no session slips in behind them.
    const opened = await inside.run(
      `with holder as (select id from account where id = $2 and locked_at is null and ($8::text is null or password_hash = $8) for share)
       insert into session (id, account, rotated_at, created_at, last_used_at, expires_at, method, name, device)
       select $1::uuid, id, $3::bigint, $3::bigint, $3::bigint, $4::bigint, $5::text, $6::text, $7::uuid from holder`,
      [id, account.id, now, now + IDLE_MS, method, agentName(agent), device ?? null, verified ?? null],
    );
    if (opened === 0) throw await shut(inside, account.id, verified);
    await this.#endSurplus(inside, account.id, now);
    return { body: await this.tokens.signedIn(id, account), refreshToken: this.tokens.refresh(id, 0) };
  }

  /**
   * Each refresh token is used once and gives the next. Its parent, shown within ten seconds (two tabs, a crash before the answer was
   * stored), gives the same next; any older one was stolen or copied, and ends the whole family.
   */
  async refresh(token: string | undefined): Promise<Opened> {
    const shown = this.tokens.readRefresh(token);
    if (!shown) throw new ConclaveError('unauthenticated', 'sign in first');
    const { session, count } = shown;
    const outcome = await this.database.transaction((inside) => this.#rotate(inside, session, count));
    if (!outcome) throw new ConclaveError('unauthenticated', 'this session has ended: sign in again');
    if (outcome.next === null) {
      this.#ended(outcome.account, session);
      throw new ConclaveError('session-ended', 'this session was used from two places and has ended: sign in again');
    }
    const account = await this.users.byId(outcome.account);
    return { body: await this.tokens.signedIn(session, account), refreshToken: this.tokens.refresh(session, outcome.next) };
  }

  /** Ends the session of this cookie; one that is no session is as good as ended. */
  async close(token: string | undefined): Promise<void> {
    const session = this.tokens.readRefresh(token)?.session;
    if (session) (await this.#end(this.database, 'id = $2', session))();
  }

  /** Whose access token this is; the session is looked up, so that a sign-out holds at once. */
  async caller(accessToken: string): Promise<Caller> {
    const { sub, sid } = await this.tokens.claims(accessToken);
    const [row] = await this.database.rows<{ device: DeviceId | null; role: Role }>(
      `select s.device, a.role from session s join account a on a.id = s.account
       where s.id = $1 and s.ended_at is null and s.expires_at > $2 and s.account = $3 and a.locked_at is null`,
      [sid, Date.now(), sub],
    );
    if (!row) throw new ConclaveError('session-ended', 'this session has ended: sign in again');
    return { user: sub, session: sid, role: row.role, device: row.device };
  }

  /** Latest used first. `current` marks one of them as the caller's. */
  async list(user: UserId, current?: string): Promise<SessionLine[]> {
    const rows = await this.database.rows<Omit<SessionLine, 'current'>>(
      `select id, name, method, created_at as "createdAt", last_used_at as "lastUsedAt", device from session
       where account = $1 and ${live} order by last_used_at desc, id`,
      [user, Date.now()],
    );
    return rows.map((row) => ({ ...row, current: row.id === current }));
  }

  /** Throws `not-found` where this user has no such session, whoever else has. */
  async endOne(user: UserId, session: string): Promise<void> {
    (await this.endOneOf(this.database, user, session))();
  }

  /** As `endOne`, in a transaction; what this gives is called once it is committed. */
  async endOneOf(inside: Queryable, user: UserId, session: string): Promise<() => void> {
    const [mine] = await inside.rows(`select 1 from session where id = $1 and ${live} and account = $3`, [session, Date.now(), user]);
    if (!mine) throw new ConclaveError('not-found', 'there is no such session');
    return this.#end(inside, 'id = $2', session);
  }

  async endOthers(user: UserId, mine: string): Promise<void> {
    (await this.endAllOf(this.database, user, mine))();
  }

  /** What this gives is called once the transaction is committed: it closes their sockets. Other servers see it within two seconds. */
  endAllOf(inside: Queryable, user: UserId, except: string | null = null): Promise<() => void> {
    return this.#end(inside, 'account = $2 and id is distinct from $3::uuid', user, except);
  }

  async isLive(session: string): Promise<boolean> {
    return (await this.database.rows(`select 1 from session where id = $1 and ${live}`, [session, Date.now()])).length > 0;
  }

  /** What has expired at the doors. */
  async sweep(): Promise<void> {
    const now = Date.now();
    for (const table of ['ticket', 'challenge', 'reset_link'])
      await this.database.run(`delete from ${table} where expires_at <= $1`, [now]);
    const over = 'expires_at <= $1 or ended_at < $2';
    // When somebody was here last outlives the sessions that tell it.
    await this.database.run(
      `update account set last_seen_at = greatest(last_seen_at, seen.at)
       from (select account, max(last_used_at) as at from session where ${over} group by account) as seen where account.id = seen.account`,
      [now, now - IDLE_MS],
    );
    await this.database.run(`delete from session where ${over}`, [now, now - IDLE_MS]);
  }

  #ended(user: UserId, session: string): void {
    this.presence.endSessions(user, new Set([session]));
    for (const listener of this.#listeners) listener(user);
  }

  /** Strict: people come by signed tokens only (ACC10). An administrator's own door stays open: else a broken key would lock everybody out. */
  #requireOpenDoor({ role }: Account, method: Entry['method']): void {
    if (this.config.handoff?.strict && method !== 'handoff' && role !== 'admin')
      throw new ConclaveError('another-door', 'people come to this site by another one: sign in there', undefined, 'strict');
  }

  /** Their sockets close when the watch sees it: nothing of a transaction is told before it is committed. */
  async #endSurplus(inside: Queryable, user: UserId, now: number): Promise<void> {
    await inside.run(
      `update session set ended_at = $2 where id in (
         select id from session where account = $1 and ended_at is null and expires_at > $2 order by last_used_at desc, id offset ${MOST})`,
      [user, now],
    );
  }

  async #rotate(inside: Queryable, session: string, count: number): Promise<{ account: UserId; next: number | null } | null> {
    const now = Date.now();
    const [row] = await inside.rows<Row>(`select ${columns} from session where id = $1 and ${live} for update`, [session, now]);
    if (!row) return null;
    const { account } = row;
    if (count === row.count) {
      const rotated = 'refresh_count = $1, rotated_at = $2, last_used_at = $2, expires_at = least($3::bigint, created_at + $5::bigint)';
      await inside.run(`update session set ${rotated} where id = $4`, [count + 1, now, now + IDLE_MS, session, LIFE_MS]);
      return { account, next: count + 1 };
    }
    if (count === row.count - 1 && now - row.rotatedAt <= PARENT_GRACE_MS) return { account, next: row.count };
    await inside.run('update session set ended_at = $1 where id = $2', [now, session]);
    return { account, next: null };
  }

  async #end(inside: Queryable, which: string, ...params: (string | null)[]): Promise<() => void> {
    const ended = await inside.rows<{ id: string; account: UserId }>(
      `update session set ended_at = $1 where ${which} and ended_at is null returning id, account`,
      [Date.now(), ...params],
    );
    return () => {
      for (const { id, account } of ended) this.#ended(account, id);
    };
  }
}

/** Whose password is no longer the one that was shown learns nothing more of the account. */
async function shut(inside: Queryable, account: UserId, verified: string | undefined): Promise<ConclaveError> {
  const [row] = await inside.rows<{ hash: string | null }>('select password_hash as hash from account where id = $1', [account]);
  if (verified !== undefined && row?.hash !== verified) return wrongPassword();
  const [ban] = await inside.rows<Term>(
    'select until, reason from ban where room is null and account = $1 and (until is null or until > $2)',
    [account, Date.now()],
  );
  if (ban) return banned('this site', ban);
  return new ConclaveError('account-locked', 'this account is locked: ask an administrator of this site');
}

export const wrongPassword = (): ConclaveError => new ConclaveError('bad-credentials', 'the name or the password is wrong');
