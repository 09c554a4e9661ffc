import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { createHash, createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { ConclaveError, timing, type DeviceId, type Role, type SignedIn, type UserId } from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import type { Caller } from '../users/caller.ts';
import { Devices } from '../users/devices.service.ts';
import { personOf, Users, type Account } from '../users/users.service.ts';

const IDLE_MS = 30 * 24 * 3_600_000;
const PARENT_GRACE_MS = 10_000;
/** Unused, of one session. */
const TICKETS = 20;

type Row = { id: string; account: UserId; device: DeviceId | null; count: number; rotatedAt: number };
type Claims = { sub: string; sid: string; role: Role };
/** What a sign-in gives: the body of the answer, and the cookie beside it. */
export type Opened = { body: SignedIn; refreshToken: string };

const live = 'ended_at is null and expires_at > $2';
const columns = `id, account, device, refresh_count as count, rotated_at as "rotatedAt"`;

/** Sessions live in the database; an access token only says which, for five minutes. */
@Injectable()
export class Sessions {
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly presence: Presence,
    private readonly jwt: JwtService,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  async open(inside: Queryable, account: Account): Promise<Opened> {
    const id = randomUUID();
    const now = Date.now();
    await inside.run('insert into session (id, account, rotated_at, created_at, expires_at) values ($1, $2, $3, $3, $4)', [
      id,
      account.id,
      now,
      now + IDLE_MS,
    ]);
    return { body: await this.#signedIn(id, account), refreshToken: this.#token(id, 0) };
  }

  /**
   * Each refresh token is used once and gives the next. Its parent, shown within ten seconds (two tabs, a crash before the answer was
   * stored), gives the same next; any older one was stolen or copied, and ends the whole family.
   */
  async refresh(token: string | undefined): Promise<Opened> {
    const { session, count } = this.#read(token);
    const now = Date.now();
    const outcome = await this.database.transaction(async (inside) => {
      const [row] = await inside.rows<Row>(`select ${columns} from session where id = $1 and ${live} for update`, [session, now]);
      if (!row) return null;
      if (count === row.count) {
        await inside.run('update session set refresh_count = $1, rotated_at = $2, expires_at = $3 where id = $4', [
          count + 1,
          now,
          now + IDLE_MS,
          session,
        ]);
        return { row, next: count + 1 };
      }
      if (count === row.count - 1 && now - row.rotatedAt <= PARENT_GRACE_MS) return { row, next: row.count };
      await inside.run('update session set ended_at = $1 where id = $2', [now, session]);
      return { row, next: null };
    });
    if (!outcome) throw new ConclaveError('unauthenticated', 'this session has ended: sign in again');
    if (outcome.next === null) {
      this.presence.endSessions(outcome.row.account, new Set([session]));
      throw new ConclaveError('session-ended', 'this session was used from two places and has ended: sign in again');
    }
    const account = await this.users.byId(outcome.row.account);
    return { body: await this.#signedIn(session, account), refreshToken: this.#token(session, outcome.next) };
  }

  /** Ends the session of this cookie; one that is no session is as good as ended. */
  async close(token: string | undefined): Promise<void> {
    const session = this.#tryRead(token)?.session;
    if (!session) return;
    const [row] = await this.database.rows<{ account: UserId }>('select account from session where id = $1', [session]);
    await this.database.run('update session set ended_at = $1 where id = $2 and ended_at is null', [Date.now(), session]);
    if (row) this.presence.endSessions(row.account, new Set([session]));
  }

  /** Whose access token this is; the session is looked up, so that a sign-out holds at once. */
  async caller(accessToken: string): Promise<Caller> {
    const { sub, sid } = await this.#claims(accessToken);
    const [row] = await this.database.rows<{ device: DeviceId | null; role: Role }>(
      `select s.device, a.role from session s join account a on a.id = s.account
       where s.id = $1 and s.ended_at is null and s.expires_at > $2 and s.account = $3`,
      [sid, Date.now(), sub],
    );
    if (!row) throw new ConclaveError('session-ended', 'this session has ended: sign in again');
    return { user: sub, session: sid, role: row.role, device: row.device };
  }

  async ticket(session: string): Promise<{ ticket: string; expiresAt: number }> {
    const ticket = randomBytes(32).toString('base64url');
    const now = Date.now();
    const expiresAt = now + timing.ticketMs;
    const live = await this.database.rows('select 1 from ticket where session = $1 and expires_at > $2', [session, now]);
    if (live.length >= TICKETS) throw new ConclaveError('slow-down', 'too many tickets wait to be used', timing.ticketMs);
    await this.database.run('insert into ticket (hash, session, expires_at) values ($1, $2, $3)', [sha256(ticket), session, expiresAt]);
    return { ticket, expiresAt };
  }

  /** Takes a ticket, once on all nodes, and binds the device to its session. Throws `bad-ticket` or `forbidden`. */
  async enter(ticket: string, device: DeviceId): Promise<{ user: UserId; session: string }> {
    const now = Date.now();
    // Taken whatever follows: a ticket that was shown is used up.
    const [taken] = await this.database.rows<{ session: string }>(
      'delete from ticket where hash = $1 and expires_at > $2 returning session',
      [sha256(ticket), now],
    );
    const [row] = taken
      ? await this.database.rows<Row>(`select ${columns} from session where id = $1 and ${live}`, [taken.session, now])
      : [];
    if (!row) throw new ConclaveError('bad-ticket', 'this ticket was used, has expired, or is none: ask for another');
    const bound = await this.database.run(
      `update session set device = $1 where id = $2 and (device is null or device = $1)
         and exists (select 1 from device d where d.id = $1 and d.account = session.account and d.revoked_at is null)`,
      [device, row.id],
    );
    if (bound === 0) throw new ConclaveError('forbidden', 'this session speaks for another device, or the device was removed');
    return { user: row.account, session: row.id };
  }

  async isLive(session: string): Promise<boolean> {
    return (await this.database.rows(`select 1 from session where id = $1 and ${live}`, [session, Date.now()])).length > 0;
  }

  async sweep(): Promise<void> {
    const now = Date.now();
    await this.database.run('delete from ticket where expires_at <= $1', [now]);
    await this.database.run('delete from session where expires_at <= $1 or ended_at < $2', [now, now - IDLE_MS]);
  }

  async #signedIn(session: string, account: Account): Promise<SignedIn> {
    const expiresAt = Date.now() + timing.accessTokenMs;
    const accessToken = await this.jwt.signAsync({ sub: account.id, sid: session, role: account.role } satisfies Claims);
    return { accessToken, expiresAt, session, user: { ...personOf(account), role: account.role } };
  }

  async #claims(accessToken: string): Promise<Claims> {
    try {
      return await this.jwt.verifyAsync<Claims>(accessToken);
    } catch {
      throw new ConclaveError('unauthenticated', 'the access token is not valid any more: refresh it');
    }
  }

  /** Authentic by its MAC, so that nobody ends another's session by inventing an old token of it. */
  #token(session: string, count: number): string {
    const mac = createHmac('sha256', this.secrets.mac).update(`refresh\0${session}\0${count}`).digest('base64url');
    return `${session}.${count}.${mac}`;
  }

  #read(token: string | undefined): { session: string; count: number } {
    const read = this.#tryRead(token);
    if (!read) throw new ConclaveError('unauthenticated', 'sign in first');
    return read;
  }

  #tryRead(token: string | undefined): { session: string; count: number } | null {
    const [session = '', digits = ''] = (token ?? '').split('.');
    if (!/^[0-9a-f-]{36}$/.test(session) || !/^\d{1,9}$/.test(digits)) return null;
    const expected = Buffer.from(this.#token(session, Number(digits)));
    const shown = Buffer.from(token!);
    return expected.length === shown.length && timingSafeEqual(expected, shown) ? { session, count: Number(digits) } : null;
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A removed device's sessions end with it. */
@Injectable()
export class DeviceSessions implements OnModuleInit {
  constructor(
    private readonly devices: Devices,
    private readonly presence: Presence,
  ) {}

  onModuleInit(): void {
    this.devices.onRemoved(async (inside, user, devices) => {
      const ended = await inside.rows<{ id: string }>(
        'update session set ended_at = $1 where device = any($2) and ended_at is null returning id',
        [Date.now(), devices],
      );
      return () => {
        this.presence.endSessions(user, new Set(ended.map(({ id }) => id)));
        this.presence.endDevices(devices);
      };
    });
  }
}
