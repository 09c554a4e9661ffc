import { Injectable } from '@nestjs/common';
import { createHash, randomBytes } from 'node:crypto';
import { ConclaveError, timing, type DeviceId, type UserId } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { live, Sessions } from './sessions.service.ts';

/** Unused, of one session. */
const MOST = 20;
const USED_EVERY_MS = 60_000;

/**
 * A ticket that was shown is used up, whatever follows. The session's row is written only to bind a device to it, for the first time, and like the
 * device's at most once a minute to note its use. Who binds another device in the very same moment is caught by the condition on the row itself.
 */
const enter = `
  with taken as (delete from ticket where hash = $1 and expires_at > $2 returning session),
    found as (select id, account, session.device from taken join session on id = taken.session where ${live}),
    fit as (select found.* from found join device d on d.id = $3 and d.account = found.account and d.revoked_at is null
      where found.device is null or found.device = $3),
    bound as (update session set device = $3, last_used_at = greatest(last_used_at, $2::bigint) from fit
      where session.id = fit.id and (session.device is null or (session.device = $3 and last_used_at < $2::bigint - ${USED_EVERY_MS})) returning session.id),
    seen as (update device set last_seen_at = $2 from fit where device.id = $3 and last_seen_at < $2::bigint - ${USED_EVERY_MS})
  select found.id as session, (select account from fit where fit.device is not null or exists (select 1 from bound)) as user from found`;

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

  /**
   * Takes a ticket, once on all nodes, and binds the device to its session. Throws `bad-ticket` or `forbidden`. One statement: a thousand who come back
   * at once after a restart wait for the database as seldom as can be.
   */
  async enter(ticket: string, device: DeviceId): Promise<{ user: UserId; session: string }> {
    const [found] = await this.database.rows<{ session: string; user: UserId | null }>(enter, [sha256(ticket), Date.now(), device]);
    if (!found) throw new ConclaveError('bad-ticket', 'this ticket was used, has expired, or is none: ask for another');
    const { session, user } = found;
    if (user === null) throw new ConclaveError('forbidden', 'this session speaks for another device, or the device was removed');
    return { user, session };
  }

  isLive(session: string): Promise<boolean> {
    return this.sessions.isLive(session);
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
