import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { ConclaveError, type ExpelReason, type RoomId, type UserId } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';
import { Rooms } from './rooms.service.ts';

const EVERY_MS = 1_000;
const AT_ONCE = 5_000;
type Place = { room: RoomId; user: UserId };

/**
 * Cuts off whoever takes part in a room here and is no member of it any more: because they left or were removed through another server on this
 * database, or their room was archived or deleted there. Each second it asks about everybody here, or of very many about some in turn: so
 * nothing depends on who was told what.
 */
@Injectable()
export class MembershipWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(MembershipWatch.name);
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #turn = 0;

  constructor(
    private readonly database: Database,
    private readonly presence: Presence,
    private readonly rooms: Rooms,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** On the embedded database there is no other server. */
  onApplicationBootstrap(): void {
    if (this.config.databaseUrl === undefined) return;
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
    const all = [...this.#places()];
    if (all.length === 0) return;
    if (this.#turn >= all.length) this.#turn = 0;
    const places = all.slice(this.#turn, (this.#turn += AT_ONCE));
    const ended = await this.database.rows<Place & { reason: ExpelReason }>(
      `select asked.room, asked.account as user, case when r.id is null then 'deleted' when r.archived_at is not null then 'archived' else 'removed' end as reason
       from unnest($1::uuid[], $2::uuid[]) as asked (room, account) left join room r on r.id = asked.room
       where r.id is null or r.archived_at is not null
         or not exists (select 1 from membership m where m.room = asked.room and m.account = asked.account)`,
      [places.map(({ room }) => room), places.map(({ user }) => user)],
    );
    for (const { room, user, reason } of ended) {
      if (reason === 'removed') this.rooms.tellRemoved(room, user, reason);
      else this.presence.expel(room, user, reason);
    }
  }

  *#places(): Iterable<Place> {
    const seen = new Set<string>();
    for (const { user } of this.presence.speakers()) {
      for (const { rooms } of this.presence.connectionsOf(user)) {
        for (const room of rooms) {
          const key = `${room} ${user}`;
          if (!seen.has(key)) yield { room, user };
          seen.add(key);
        }
      }
    }
  }

  /** While the database is away nothing is known to have ended; what did is found afterwards. The database itself says that it is away. */
  async #quietly(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      if (!(error instanceof ConclaveError && error.code === 'unavailable')) this.#logger.error(error);
    }
  }
}
