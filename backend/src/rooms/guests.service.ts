import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ConclaveError, type GuestRequest, type UserId } from '../../../libs/protocol/src/index.ts';
import { Sessions, type Opened } from '../auth/sessions.service.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';
import { AccountRemoval } from '../users/account-removal.service.ts';
import { GuestBook } from './guest-book.service.ts';

const IDLE_MS = 12 * 3_600_000;

/** People who come in with a name only; nothing of them outlives their session (ACC11). */
@Injectable()
export class Guests {
  constructor(
    private readonly database: Database,
    private readonly book: GuestBook,
    private readonly sessions: Sessions,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Throws `name-taken` for a name that looks like anybody's here, `slow-down` and `server-full` when there are too many. */
  async enter({ name }: GuestRequest, address: string, agent: string | undefined): Promise<Opened> {
    if (!this.config.guests) throw new ConclaveError('registration-closed', 'this site takes no guests: sign in with an account');
    return this.database.transaction(async (inside) => {
      const account = await this.book.write(inside, name, address);
      return this.sessions.open(inside, account, { method: 'guest', agent });
    });
  }
}

/** A guest without a session is deleted, with everything that names them. */
@Injectable()
export class GuestFarewell implements OnModuleInit, BeforeApplicationShutdown {
  readonly #logger = new Logger('guests');
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly removal: AccountRemoval,
    private readonly sessions: Sessions,
    private readonly presence: Presence,
  ) {}

  onModuleInit(): void {
    this.sessions.onEnded((user) => {
      const running = this.#forget(user)
        .catch((error: unknown) => this.#logger.error(error)) // the next sweep finds them
        .finally(() => this.#running.delete(running));
      this.#running.add(running);
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.settled();
  }

  /** When nobody is being forgotten. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Those whose session ended on another server, by age, or with their device; and those who have not been seen for 12 hours. */
  async sweep(): Promise<void> {
    const idle = Date.now() - IDLE_MS;
    const quiet = await this.database.rows<{ id: UserId }>(
      `select a.id from account a where a.origin = 'guest' and a.created_at < $1 and not exists (
         select 1 from session s left join device d on d.id = s.device
         where s.account = a.id and greatest(s.last_used_at, coalesce(d.last_seen_at, 0)) >= $1)`,
      [idle],
    );
    for (const { id } of quiet) if (this.presence.socketsOf(id) === 0) (await this.sessions.endAllOf(this.database, id))();
    const gone = await this.database.rows<{ id: UserId }>(`select id from account a where ${left}`, [Date.now()]);
    for (const { id } of gone) await this.#forget(id);
    await this.settled();
  }

  async #forget(user: UserId): Promise<void> {
    const after = await this.database.transaction(async (inside) => {
      const gone = await inside.rows(`select id from account a where ${left} and id = $2 for update`, [Date.now(), user]);
      return gone.length > 0 ? this.removal.remove(inside, null, user) : null;
    });
    after?.();
  }
}

const left = `origin = 'guest' and not exists (select 1 from session s where s.account = a.id and s.ended_at is null and s.expires_at > $1)`;
