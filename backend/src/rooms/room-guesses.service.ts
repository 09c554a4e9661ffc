import { Inject, Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import { ConclaveError, type RoomId, type UserId } from '../../../libs/protocol/src/index.ts';
import { network } from '../auth/network.ts';
import { Database } from '../database/database.ts';
import { SECRETS, type Secrets } from '../secrets.ts';

/** Wrong passwords of rooms within a while. */
const MOST = 10;
const WHILE_MS = 15 * 60_000;

/**
 * How often the password of a room was guessed wrong (ROOM3): by one person, whatever the room, so that no room of one's own washes them clean; and
 * at one room from one network, so that many accounts are of no use. Counted beside the other guesses: in the database, by keyed hashes that name
 * nobody, swept after a day; neither a restart nor a second server gives more.
 */
@Injectable()
export class RoomGuesses {
  constructor(
    private readonly database: Database,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  /** Counted before the work, so that those who race get no more; a right one is given back, and one that was not compared. Throws `slow-down` before anything is hashed. */
  async attempt(user: UserId, room: RoomId, address: string, prove: () => Promise<boolean>): Promise<boolean> {
    const buckets = [this.#bucket('person', user), this.#bucket('network', `${room}\0${network(address)}`)];
    const taken: string[] = [];
    let isGuess = false;
    try {
      for (const bucket of buckets) {
        await this.#take(bucket);
        taken.push(bucket);
      }
      const right = await prove();
      isGuess = !right;
      return right;
    } finally {
      // What was refused by the second bucket was no guess at the first, and what a busy hasher refused none at all.
      if (!isGuess) await this.#giveBack(taken);
    }
  }

  async #take(bucket: string): Promise<void> {
    const now = Date.now();
    if ((await this.database.run(take, [bucket, now])) > 0) return;
    const [row] = await this.database.rows<{ since: number }>('select last_at as since from guess where bucket = $1', [bucket]);
    const wait = Math.max(1_000, (row?.since ?? 0) + WHILE_MS - now);
    throw new ConclaveError('slow-down', 'too many wrong passwords for rooms: wait before the next', wait);
  }

  async #giveBack(buckets: string[]): Promise<void> {
    await this.database.run('update guess set failures = greatest(failures - 1, 0) where bucket = any($1)', [buckets]);
  }

  #bucket(kind: 'person' | 'network', what: string): string {
    return `room-${kind}:${createHmac('sha256', this.secrets.mac).update(`room guess\0${kind}\0${what}`).digest('base64url')}`;
  }
}

/** `last_at` is when the while began. */
const take = `
  insert into guess as g (bucket, failures, blocked_until, last_at) values ($1, 1, 0, $2::bigint)
  on conflict (bucket) do update set
    failures = case when g.last_at + ${WHILE_MS} <= $2::bigint then 1 else g.failures + 1 end,
    last_at = case when g.last_at + ${WHILE_MS} <= $2::bigint then $2::bigint else g.last_at end
  where g.failures < ${MOST} or g.last_at + ${WHILE_MS} <= $2::bigint`;
