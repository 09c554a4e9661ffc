import { Inject, Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import { ConclaveError } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import { network } from './network.ts';

const FREE = 5;
const FIRST_MS = 5_000;
const LONGEST_MS = 15 * 60_000;
/** Failures in a row after which an unknown device needs another door. */
const MOST = 100;
/** Attempts from one address that are being made at this server. */
const AT_ONCE = 32;
const DAY_MS = 24 * 3_600_000;
const REMEMBERED_DAYS = 30;

/** Wrong guesses in a row, and until when the next has to wait (ms since 1970), null where it need not. */
export type Guessed = { failures: number; waitsUntil: number | null };
/** What a guess is counted on: the account (or the known device), and the address of who is not known. */
export type Buckets = { own: string; address?: string };
type Row = { bucket: string; failures: number; until: number };

/**
 * How often somebody guessed wrong, per account and per address (ACC5). Buckets are keyed hashes: the table names nobody, and a name that
 * nobody has is counted like any other. Kept in the database: neither a restart nor a second server gives more guesses.
 */
@Injectable()
export class Guesses {
  /** Wrong passwords since this server started. */
  failures = 0;
  /** Attempts that are being made, by address. */
  readonly #inside = new Map<string, number>();

  constructor(
    private readonly database: Database,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  /** A device that has signed in to this account before has an allowance of its own, so that a stranger cannot lock anyone out. */
  buckets(username: string, address: string, knownDevice: string | null): Buckets {
    if (knownDevice !== null) return { own: this.#bucket('device', `${username}\0${knownDevice}`) };
    return { own: this.#bucket('account', username), address: this.#bucket('address', network(address)) };
  }

  /** Who is signed in and is asked for the password once more, guesses on nobody's account but this session's. */
  bucketsOfSession(session: string): Buckets {
    return { own: this.#bucket('device', `session\0${session}`) };
  }

  /**
   * Whether `prove` succeeds. The attempt is counted before it is made, and one that succeeds or breaks off is given back: so however many
   * race, no more passwords are hashed than there are attempts. An address, behind which a whole office may be signing in, pays afterwards:
   * some attempts at once are its allowance. Throws `slow-down` inside a wait and `another-door` after too many.
   */
  async attempt(buckets: Buckets, prove: () => Promise<boolean>): Promise<boolean> {
    await this.#requireAllowed(buckets);
    const leave = this.#comeIn(buckets.address);
    try {
      const taken = await this.#take(buckets);
      const proved = await prove().catch(async (error: unknown) => {
        await this.#giveBack(taken);
        throw error;
      });
      // The address keeps its earlier failures: else an attacker's own account would wash it clean between two guesses.
      if (proved) await this.database.run('delete from guess where bucket = $1', [buckets.own]);
      else await this.#failed(buckets);
      return proved;
    } finally {
      leave();
    }
  }

  /** Failures of unknown devices at this account. */
  async of(username: string): Promise<Guessed> {
    return (await this.ofAll([username])).get(username)!;
  }

  /** By username, each that was asked for. */
  async ofAll(usernames: readonly string[]): Promise<Map<string, Guessed>> {
    const named = new Map(usernames.map((username) => [this.#bucket('account', username), username]));
    const found = new Map(usernames.map((username): [string, Guessed] => [username, { failures: 0, waitsUntil: null }]));
    for (const { bucket, failures, until } of await this.#rows([...named.keys()])) {
      found.set(named.get(bucket)!, { failures, waitsUntil: until > Date.now() ? until : null });
    }
    return found;
  }

  /** Somebody came in by another door, or an administrator unlocked the account: guessing begins anew. */
  async forget(username: string): Promise<void> {
    await this.database.run('delete from guess where bucket = $1', [this.#bucket('account', username)]);
  }

  /** Accounts, and names that are none, at which unknown devices may not guess now. */
  async lockedAccounts(): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(
      `select count(*)::int as count from guess where bucket like 'account:%' and (blocked_until > $1 or failures >= ${MOST})`,
      [Date.now()],
    );
    return row!.count;
  }

  /** A day after the last of few; who is attacked in earnest is remembered longer, or a patient attacker would begin anew every other day. */
  async sweep(): Promise<void> {
    await this.database.run(
      `delete from guess where last_at < $1 and (bucket not like 'account:%' or failures < ${FREE} or last_at < $2)`,
      [Date.now() - DAY_MS, Date.now() - REMEMBERED_DAYS * DAY_MS],
    );
  }

  async #take(buckets: Buckets): Promise<Row> {
    const [taken] = await this.database.rows<Row>(`${count} where g.blocked_until <= $2::bigint ${notWornOut} ${returning}`, [
      buckets.own,
      Date.now(),
    ]);
    if (taken) return taken;
    await this.#requireAllowed(buckets); // another was quicker
    throw slowDown(1_000);
  }

  async #failed({ address }: Buckets): Promise<void> {
    this.failures++;
    if (address !== undefined) await this.database.run(count, [address, Date.now()]);
  }

  async #requireAllowed({ own, address }: Buckets): Promise<void> {
    const rows = await this.#rows(address === undefined ? [own] : [own, address]);
    if (rows.some(({ bucket, failures }) => bucket.startsWith('account:') && failures >= MOST)) throw anotherDoor();
    const wait = Math.max(...rows.map(({ until }) => until), 0) - Date.now();
    if (wait > 0) throw slowDown(wait);
  }

  /** Ends the wait too, unless it is another attempt's. */
  async #giveBack({ bucket, until }: Row): Promise<void> {
    await this.database.run(
      `update guess set failures = greatest(failures - 1, 0), blocked_until = case when blocked_until = $2 then 0 else blocked_until end
       where bucket = $1`,
      [bucket, until],
    );
  }

  /** Returns what to call when the attempt is over. */
  #comeIn(address: string | undefined): () => void {
    if (address === undefined) return () => undefined;
    const inside = this.#inside.get(address) ?? 0;
    if (inside >= AT_ONCE) throw slowDown(1_000);
    this.#inside.set(address, inside + 1);
    return () => {
      const left = this.#inside.get(address)! - 1;
      if (left > 0) this.#inside.set(address, left);
      else this.#inside.delete(address);
    };
  }

  #rows(buckets: string[]): Promise<Row[]> {
    return this.database.rows<Row>('select bucket, failures, blocked_until as until from guess where bucket = any($1)', [buckets]);
  }

  #bucket(kind: 'account' | 'address' | 'device', what: string): string {
    return `${kind}:${createHmac('sha256', this.secrets.mac).update(`guess\0${kind}\0${what}`).digest('base64url')}`;
  }
}

/** Counts an attempt on a bucket ($1) at a moment ($2). An address, which many people may share, is forgiven one failure per longest wait. */
const count = `
  insert into guess as g (bucket, failures, blocked_until, last_at) values ($1, 1, 0, $2::bigint)
  on conflict (bucket) do update set (failures, blocked_until, last_at) = (
    select n, case when n < ${FREE} then 0
      else $2::bigint + least(${LONGEST_MS}, ${FIRST_MS} * power(2, least(n - ${FREE}, 20)))::bigint end, $2::bigint
    from (select 1 + case when g.bucket like 'address:%' then greatest(0, g.failures - (($2::bigint - g.last_at) / ${LONGEST_MS})::int)
      else g.failures end as n) as counted)`;
const notWornOut = `and (g.bucket not like 'account:%' or g.failures < ${MOST})`;
const returning = 'returning bucket, failures, blocked_until as until';

const slowDown = (wait: number) => new ConclaveError('slow-down', 'too many failed attempts: wait before the next', wait);
const anotherDoor = () =>
  new ConclaveError(
    'another-door',
    'too many failed attempts: sign in with a passkey, link this device from one of yours, or ask an administrator for a one-time link',
  );
