import { Inject, Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { ConclaveError } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { SECRETS, type Secrets } from '../secrets.ts';

const FREE = 5;
const FIRST_MS = 5_000;
const LONGEST_MS = 15 * 60_000;
const FORGOTTEN_MS = 24 * 3_600_000;

/** How often somebody guessed wrong, per account and per address (ACC5). Buckets are keyed hashes: the table names nobody. */
@Injectable()
export class Guesses {
  failures = 0;

  constructor(
    private readonly database: Database,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  /** A device that has signed in to this account before has an allowance of its own, so that a stranger cannot lock anyone out. */
  buckets(username: string, address: string, knownDevice: string | null): string[] {
    const name = username.trim().toLowerCase();
    if (knownDevice !== null) return [this.#bucket('device', `${name}\0${knownDevice}`)];
    return [this.#bucket('account', name), this.#bucket('address', network(address))];
  }

  /** Throws `slow-down` inside a wait, before anything is hashed. */
  async requireAllowed(buckets: string[]): Promise<void> {
    const now = Date.now();
    const [row] = await this.database.rows<{ until: number | null }>(
      'select max(blocked_until) as until from guess where bucket = any($1) and blocked_until > $2',
      [buckets, now],
    );
    if (row?.until) throw new ConclaveError('slow-down', 'too many failed attempts: wait before the next', row.until - now);
  }

  async failed(buckets: string[]): Promise<void> {
    this.failures++;
    const now = Date.now();
    for (const bucket of buckets) {
      await this.database.run(
        `insert into guess as g (bucket, failures, blocked_until, last_at) values ($1, 1, 0, $2)
         on conflict (bucket) do update set failures = g.failures + 1, last_at = $2, blocked_until = case when g.failures + 1 < $3 then 0
           else $2 + least($4::bigint, $5::bigint * power(2, least(g.failures + 1 - $3, 20))::bigint) end`,
        [bucket, now, FREE, LONGEST_MS, FIRST_MS],
      );
    }
  }

  async succeeded(buckets: string[]): Promise<void> {
    await this.database.run('delete from guess where bucket = any($1)', [buckets]);
  }

  async lockedAccounts(): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(
      `select count(*)::int as count from guess where bucket like 'account:%' and blocked_until > $1`,
      [Date.now()],
    );
    return row!.count;
  }

  async sweep(): Promise<void> {
    await this.database.run('delete from guess where last_at < $1', [Date.now() - FORGOTTEN_MS]);
  }

  #bucket(kind: 'account' | 'address' | 'device', what: string): string {
    return `${kind}:${createHmac('sha256', this.secrets.mac).update(`guess\0${kind}\0${what}`).digest('base64url')}`;
  }
}

/** IPv4 address, or the /64 an IPv6 customer is given. */
function network(address: string): string {
  const plain = address.replace(/^::ffff:/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail = ''] = plain.split('%')[0]!.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const groups = plain.includes('::') ? [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right] : left;
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16))
    .join(':');
}
