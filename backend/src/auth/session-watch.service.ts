import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { ConclaveError } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';

const EVERY_MS = 1_000;
/** Clocks of two servers differ, and a transaction takes its time to commit. */
const OVERLAP_MS = 30_000;
const AT_ONCE = 500;

/**
 * Closes the sockets of sessions that ended elsewhere: on another server, by a lock, with their account, or by age. Each second it looks at
 * the latest ends and, in turn, at some of the sessions that have a socket here: a bounded question, whoever signs whomever out.
 */
@Injectable()
export class SessionWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(SessionWatch.name);
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #since = Date.now();
  #turn = 0;

  constructor(
    private readonly database: Database,
    private readonly presence: Presence,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#quietly().finally(() => (this.#looking = null));
    }, EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#looking;
  }

  /** Looks once, now. */
  async look(): Promise<void> {
    const now = Date.now();
    const users = new Map([...this.presence.speakers()].map(({ session, user }) => [session, user]));
    if (users.size > 0) {
      const ended = [...(await this.#endedLately()), ...(await this.#endedOf([...users.keys()]))];
      for (const session of ended) if (users.has(session)) this.presence.endSessions(users.get(session)!, new Set([session]));
    }
    this.#since = now;
  }

  /** While the database is away nothing is known to have ended; what did is found afterwards. The database itself says that it is away. */
  async #quietly(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      if (!(error instanceof ConclaveError && error.code === 'unavailable')) this.#logger.error(error);
    }
  }

  async #endedLately(): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      `select id from session where ended_at > $1 order by ended_at desc limit ${AT_ONCE}`,
      [this.#since - OVERLAP_MS],
    );
    return rows.map(({ id }) => id);
  }

  /** Of those that have their turn. */
  async #endedOf(sessions: string[]): Promise<string[]> {
    if (this.#turn >= sessions.length) this.#turn = 0;
    const some = sessions.slice(this.#turn, (this.#turn += AT_ONCE));
    const rows = await this.database.rows<{ id: string }>(
      `select asked.id from unnest($1::uuid[]) as asked (id) where not exists (
         select 1 from session s join account a on a.id = s.account
         where s.id = asked.id and s.ended_at is null and s.expires_at > $2 and a.locked_at is null)`,
      [some, Date.now()],
    );
    return rows.map(({ id }) => id);
  }
}
