import { Inject, Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import { ConclaveError } from '../../../libs/protocol/src/index.ts';
import { network } from '../auth/network.ts';
import { Database } from '../database/database.ts';
import { SECRETS, type Secrets } from '../secrets.ts';

/** Accounts that one network (an IPv4 address, an IPv6 /64) may begin to make within an hour. */
const AN_HOUR = 20;
const HOUR_MS = 3_600_000;

/**
 * Where anybody may make an account, a few machines must neither fill the house nor make it hash all day. Counted beside the guesses: in the
 * database, by a keyed hash that names no address, swept after a day.
 */
@Injectable()
export class OpenDoor {
  constructor(
    private readonly database: Database,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  /** Counts before the work, whatever becomes of it: so those who race get no more. Throws `slow-down` with the rest of the hour. */
  async pass(address: string): Promise<void> {
    const bucket = `newcomer:${createHmac('sha256', this.secrets.mac)
      .update(`newcomer\0${network(address)}`)
      .digest('base64url')}`;
    const now = Date.now();
    if ((await this.database.run(take, [bucket, now])) > 0) return;
    const [row] = await this.database.rows<{ since: number }>('select last_at as since from guess where bucket = $1', [bucket]);
    const wait = Math.max(1_000, (row?.since ?? 0) + HOUR_MS - now);
    throw new ConclaveError('slow-down', 'too many accounts were made from your network: try later, or come by an invitation', wait);
  }
}

/** `last_at` is when the hour began. */
const take = `
  insert into guess as g (bucket, failures, blocked_until, last_at) values ($1, 1, 0, $2::bigint)
  on conflict (bucket) do update set
    failures = case when g.last_at + ${HOUR_MS} <= $2::bigint then 1 else g.failures + 1 end,
    last_at = case when g.last_at + ${HOUR_MS} <= $2::bigint then $2::bigint else g.last_at end
  where g.failures < ${AN_HOUR} or g.last_at + ${HOUR_MS} <= $2::bigint`;
