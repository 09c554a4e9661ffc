import { Injectable } from '@nestjs/common';
import { createHash, randomBytes } from 'node:crypto';
import { ConclaveError, timing, type DeviceId, type UserId } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { Sessions } from './sessions.service.ts';

/** Unused, of one session. */
const MOST = 20;
const USED_EVERY_MS = 60_000;

/** What a socket opens with (ACC6): one use on all servers, half a minute, hash at rest. */
@Injectable()
export class Tickets {
  constructor(
    private readonly database: Database,
    private readonly sessions: Sessions,
  ) {}

  async issue(session: string): Promise<{ ticket: string; expiresAt: number }> {
    const ticket = randomBytes(32).toString('base64url');
    const now = Date.now();
    const expiresAt = now + timing.ticketMs;
    // One statement: at most the few that several connections make at the very same time go beyond.
    const issued = await this.database.run(
      `insert into ticket (hash, session, expires_at) select $1::bytea, $2::uuid, $3::bigint
       where (select count(*) from ticket where session = $2 and expires_at > $4) < ${MOST}`,
      [sha256(ticket), session, expiresAt, now],
    );
    if (issued === 0) throw new ConclaveError('slow-down', 'too many tickets wait to be used', timing.ticketMs);
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
    if (!taken || !(await this.isLive(taken.session)))
      throw new ConclaveError('bad-ticket', 'this ticket was used, has expired, or is none: ask for another');
    const [bound] = await this.database.rows<{ user: UserId }>(
      `update session set device = $1, last_used_at = case when last_used_at < $3::bigint - ${USED_EVERY_MS} then $3 else last_used_at end
       where id = $2 and (device is null or device = $1)
         and exists (select 1 from device d where d.id = $1 and d.account = session.account and d.revoked_at is null)
       returning account as user`,
      [device, taken.session, now],
    );
    if (!bound) throw new ConclaveError('forbidden', 'this session speaks for another device, or the device was removed');
    return { user: bound.user, session: taken.session };
  }

  isLive(session: string): Promise<boolean> {
    return this.sessions.isLive(session);
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
