import { Injectable } from '@nestjs/common';
import { ConclaveError, type RoomId } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';

const KEPT = 10_000;

/** Whether anything passes in a room now. In a conversation of two it does not while one has blocked the other (MOD2), on whichever server. */
@Injectable()
export class Passage {
  /** What kind a room is never changes. */
  readonly #isDirect = new Map<RoomId, boolean>();

  constructor(
    private readonly database: Database,
    presence: Presence,
  ) {
    // Asked when somebody joins, not when the first words come: in a room of many they pass while the database is away, too.
    presence.onChange((room) => void this.#direct(room).catch(() => undefined));
  }

  /** Throws `forbidden`, which does not say who has blocked whom. */
  async require(room: RoomId): Promise<void> {
    if (!(await this.#direct(room))) return;
    const blocked = await this.database.rows(
      `select 1 from room r join block b on b.account = any(r.direct_users) and b.blocked = any(r.direct_users) where r.id = $1 limit 1`,
      [room],
    );
    if (blocked.length > 0) throw new ConclaveError('forbidden', 'nothing passes between the two of you', undefined, 'no-directs');
  }

  async #direct(room: RoomId): Promise<boolean> {
    const known = this.#isDirect.get(room);
    if (known !== undefined) return known;
    const [row] = await this.database.rows<{ direct: boolean }>(`select kind = 'direct' as direct from room where id = $1`, [room]);
    if (!row) return false;
    if (this.#isDirect.size >= KEPT) this.#isDirect.delete(this.#isDirect.keys().next().value!);
    this.#isDirect.set(room, row.direct);
    return row.direct;
  }
}
