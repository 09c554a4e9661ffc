import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { RoomId, RoomSummary, UserId } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import type { Connection } from '../presence/connection.ts';
import { Presence } from '../presence/presence.service.ts';
import { columns, type RoomRow } from './room-row.ts';
import { isFor, listed, restricted } from './visibility.ts';

type News = RoomRow & { archived: boolean; restricted: boolean };

const COALESCE_MS = 500;
const LISTED = 1_000;

/**
 * The room list, and its live changes for those who watch it (ROOM2). Of a room that is in no list nothing is told, not even that it changed; of
 * one that is for some people only, nothing to others (ROOM1, ROOM7).
 */
@Injectable()
export class Directory implements BeforeApplicationShutdown {
  readonly #changed = new Set<RoomId>();
  readonly #gone = new Set<RoomId>();
  readonly #logger = new Logger(Directory.name);
  #signedIn = 0;
  #telling = false;
  readonly #timer = setInterval(() => void this.#tell(), COALESCE_MS);

  constructor(
    private readonly database: Database,
    private readonly presence: Presence,
  ) {
    presence.onChange((room) => this.changed(room));
  }

  changed(room: RoomId): void {
    this.#changed.add(room);
  }

  /** A room that everybody saw in the list is deleted. */
  deleted(room: RoomId): void {
    this.#gone.add(room);
  }

  /** A room is not for this person any more. */
  withdrawn(room: RoomId, user: UserId): void {
    for (const connection of this.presence.connectionsOf(user)) {
      if (connection.watchesDirectory)
        connection.tell({ type: 'directory', changed: [], gone: [room], signedIn: this.presence.shownSignedIn });
    }
  }

  /** What this person may see. */
  all(user: UserId): Promise<RoomRow[]> {
    return this.database.rows<RoomRow>(
      `select ${columns} from room r join account a on a.id = $1 where ${listed} and ${isFor} order by r.created_at, r.id limit ${LISTED}`,
      [user],
    );
  }

  async count(): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(
      `select count(*)::int as count from room where kind <> 'direct' and archived_at is null`,
    );
    return row!.count;
  }

  summary(row: RoomRow): RoomSummary {
    const { id, kind, name, topic, icon, for: forRole, slug, members } = row;
    return { id, kind, name, topic, icon, for: forRole, slug, members, online: this.presence.shownUsers(id) };
  }

  async watch(connection: Connection, on: boolean): Promise<void> {
    connection.watchesDirectory = on;
    if (!on) return;
    const changed = (await this.all(connection.speaker!.user)).map((row) => this.summary(row));
    connection.tell({ type: 'directory', changed, gone: [], signedIn: this.presence.shownSignedIn });
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  async #tell(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    try {
      await this.#tellWatchers();
    } catch (error) {
      this.#logger.error(error);
    } finally {
      this.#telling = false;
    }
  }

  async #tellWatchers(): Promise<void> {
    const signedIn = this.presence.shownSignedIn;
    const [ids, deleted] = [[...this.#changed], [...this.#gone]];
    if (ids.length === 0 && deleted.length === 0 && signedIn === this.#signedIn) return;
    this.#changed.clear();
    this.#gone.clear();
    this.#signedIn = signedIn;
    const watchers = this.presence.watchers();
    if (watchers.length === 0) return;
    const { news, seenBy } = await this.#news(ids, watchers).catch((error: unknown) => {
      for (const id of ids) this.changed(id); // told the next time
      for (const id of deleted) this.deleted(id);
      throw error;
    });
    for (const watcher of watchers) {
      const mine = news.filter(({ id, restricted }) => !restricted || seenBy.has(`${id} ${watcher.speaker?.user}`));
      const changed = mine.filter(({ archived }) => !archived).map((row) => this.summary(row));
      const gone = [...deleted, ...mine.filter(({ archived }) => archived).map(({ id }) => id)];
      watcher.tell({ type: 'directory', changed, gone, signedIn });
    }
  }

  /** What became of these rooms, and who sees those that are not for everybody. */
  async #news(ids: RoomId[], watchers: Connection[]): Promise<{ news: News[]; seenBy: Set<string> }> {
    const news = await this.database.rows<News>(
      `select ${columns}, r.archived_at is not null as archived, ${restricted} as restricted
       from room r where r.id = any($1) and r.kind in ('open', 'password')`,
      [ids],
    );
    const secluded = news.filter((row) => row.restricted).map(({ id }) => id);
    if (secluded.length === 0) return { news, seenBy: new Set() };
    const pairs = await this.database.rows<{ room: RoomId; user: UserId }>(
      `select r.id as room, a.id as user from room r, account a where r.id = any($1) and a.id = any($2) and ${isFor}`,
      [secluded, [...new Set(watchers.map(({ speaker }) => speaker!.user))]],
    );
    return { news, seenBy: new Set(pairs.map(({ room, user }) => `${room} ${user}`)) };
  }
}
