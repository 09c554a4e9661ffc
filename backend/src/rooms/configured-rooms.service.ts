import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import type { RoomId, UserId } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database, type Queryable } from '../database/database.ts';
import type { ConfiguredRoom } from '../rooms-file.ts';
import { Users } from '../users/users.service.ts';
import { Entitlements } from './entitlements.service.ts';
import { Founding, nameKey } from './founding.service.ts';
import { Rooms } from './rooms.service.ts';

type Known = { id: RoomId; kind: string };

/** Rooms of the house, from the file that `ROOMS_FILE` names (ROOM7): made or updated at every start, never deleted. The first takes newcomers. */
@Injectable()
export class ConfiguredRooms implements OnModuleInit, OnApplicationBootstrap {
  readonly #logger = new Logger('rooms');

  // One more than five: what a room of the house is made of.
  constructor(
    private readonly database: Database,
    private readonly founding: Founding,
    private readonly entitlements: Entitlements,
    private readonly rooms: Rooms,
    private readonly users: Users,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.users.onCreated((inside, user) => this.#welcome(inside, user));
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const room of this.config.rooms) await this.#put(room);
  }

  async #put(room: ConfiguredRoom): Promise<void> {
    const after = await this.database.transaction(async (inside) => {
      // Two servers that start at once wait here for each other.
      await inside.rows(`select pg_advisory_xact_lock(hashtextextended('configured rooms', 0))`);
      const known = await find(inside, room);
      if (known && known.kind !== room.kind) {
        this.#logger.error(`ROOMS_FILE: “${room.name}” is ${known.kind} here, and what kind a room is never changes: it stays as it is`);
        return none;
      }
      const { name, topic, icon, welcome, kind, for: forRole, slug } = room;
      const id = known?.id ?? (await this.founding.found(inside, { name, kind, origin: 'config' }));
      await inside.run(
        `update room set name = $2, name_key = $3, topic = $4, icon = $5, welcome = $6, for_role = $7, slug = $8, origin = 'config' where id = $1`,
        [id, name, nameKey(name), topic, icon, welcome, forRole, slug],
      );
      return this.entitlements.reviewRoom(inside, id);
    });
    after();
  }

  /** No reason to turn anybody away: who finds it full comes without it. The others hear of them when their first device comes. */
  async #welcome(inside: Queryable, user: UserId): Promise<void> {
    const first = this.config.rooms.find(({ isDefault }) => isDefault);
    const known = first && (await find(inside, first));
    if (known) await this.rooms.admitIfPossible(inside, user, known.id);
  }
}

/** By its slug, or else by its name. */
async function find(inside: Queryable, { slug, name }: ConfiguredRoom): Promise<Known | undefined> {
  const [known] = await inside.rows<Known>(
    `select id, kind from room where archived_at is null and kind <> 'direct' and (slug = $1 or name_key = $2) order by (slug = $1) desc nulls last limit 1`,
    [slug, nameKey(name)],
  );
  return known;
}

const none = () => undefined;
