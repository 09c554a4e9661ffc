import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Logger } from '@nestjs/common';
import type { RoomId, RoomSummary } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import type { Connection } from '../presence/connection.ts';
import { Presence } from '../presence/presence.service.ts';

export type RoomRow = { id: RoomId; kind: 'open'; name: string; topic: string; members: number };

const COALESCE_MS = 500;
const LISTED = 1_000;
const columns = `r.id, r.kind, r.name, r.topic, (select count(*)::int from membership where room = r.id) as members`;

/** The room list, and its live changes for those who watch it (ROOM2). */
@Injectable()
export class Directory implements BeforeApplicationShutdown {
  readonly #changed = new Set<RoomId>();
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

  all(): Promise<RoomRow[]> {
    return this.database.rows<RoomRow>(
      `select ${columns} from room r where archived_at is null order by r.created_at, r.id limit ${LISTED}`,
    );
  }

  async count(): Promise<number> {
    return (await this.database.rows<{ count: number }>('select count(*)::int as count from room where archived_at is null'))[0]!.count;
  }

  summary(row: RoomRow): RoomSummary {
    const { id, kind, name, topic, members } = row;
    return { id, kind, name, topic, members, online: this.presence.onlineUsers(id) };
  }

  async watch(connection: Connection, on: boolean): Promise<void> {
    connection.watchesDirectory = on;
    if (!on) return;
    const changed = (await this.all()).map((row) => this.summary(row));
    connection.tell({ type: 'directory', changed, gone: [], signedIn: this.presence.signedIn });
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
    const signedIn = this.presence.signedIn;
    const ids = [...this.#changed];
    this.#changed.clear();
    if (ids.length === 0 && signedIn === this.#signedIn) return;
    this.#signedIn = signedIn;
    const watchers = this.presence.watchers();
    if (watchers.length === 0) return;
    const rows = await this.database
      .rows<RoomRow>(`select ${columns} from room r where r.id = any($1) and archived_at is null`, [ids])
      .catch((error: unknown) => {
        for (const id of ids) this.changed(id); // told the next time
        throw error;
      });
    const there = new Set(rows.map(({ id }) => id));
    const changed = rows.map((row) => this.summary(row));
    for (const watcher of watchers) watcher.tell({ type: 'directory', changed, gone: ids.filter((id) => !there.has(id)), signedIn });
  }
}
