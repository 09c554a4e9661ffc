import { Injectable } from '@nestjs/common';
import { limits, type RoomId } from '../../../libs/protocol/src/index.ts';
import { decodePublicGroup, type PublicGroup } from '../../../libs/mls-wire/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { RoomGroup, type LeafRow } from './room-group.ts';

type Row = { generation: number; epoch: number; acceptFrom: number; context: Uint8Array | null };

const KEPT = 2_000;

/** Groups as stored, and a bounded copy in memory that is forgotten in the same tick as a change was committed. */
@Injectable()
export class GroupStore {
  readonly #known = new Map<RoomId, Promise<RoomGroup>>();

  constructor(private readonly database: Database) {}

  /** For reading: may be one commit old while another is being stored, never afterwards. */
  of(room: RoomId): Promise<RoomGroup> {
    const known = this.#known.get(room);
    if (known) return known;
    const loading = this.read(this.database, room);
    if (this.#known.size >= KEPT) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(room, loading);
    loading.catch(() => this.#known.get(room) === loading && this.#known.delete(room));
    return loading;
  }

  forget(room: RoomId): void {
    this.#known.delete(room);
  }

  /** Holds the room's log and group still for the rest of the transaction: whoever orders anything takes this first. */
  async lock(inside: Queryable, room: RoomId): Promise<RoomGroup> {
    await inside.rows('select room from room_head where room = $1 for update', [room]);
    return this.read(inside, room);
  }

  async read(inside: Queryable, room: RoomId): Promise<RoomGroup> {
    const [row] = await inside.rows<Row>('select generation, epoch, accept_from as "acceptFrom", context from room_group where room = $1', [
      room,
    ]);
    const { generation, epoch, acceptFrom, context } = row ?? { generation: 0, epoch: -1, acceptFrom: 0, context: null };
    const leaves = await inside.rows<LeafRow>(
      `select leaf, device, account, account_key as "accountKey", from_epoch as "fromEpoch", to_epoch as "toEpoch", removing
       from room_leaf where room = $1 and generation = $2 and (to_epoch is null or to_epoch > $3) order by leaf`,
      [room, generation, epoch - limits.relayEpochsBehind],
    );
    return new RoomGroup(generation, epoch, acceptFrom, context, leaves);
  }

  /** The public group itself, or null before the first. */
  async state(inside: Queryable, room: RoomId): Promise<{ group: PublicGroup; groupInfo: Uint8Array } | null> {
    const [row] = await inside.rows<{ state: Uint8Array | null; groupInfo: Uint8Array | null }>(
      'select state, group_info as "groupInfo" from room_group where room = $1',
      [room],
    );
    return row?.state && row.groupInfo
      ? { group: decodePublicGroup(new Uint8Array(row.state)), groupInfo: new Uint8Array(row.groupInfo) }
      : null;
  }

  async nextPos(inside: Queryable, room: RoomId): Promise<number> {
    const [row] = await inside.rows<{ pos: number }>(
      'with moved as (update room_head set pos = pos + 1 where room = $1 returning pos) select pos from moved',
      [room],
    );
    return row!.pos;
  }

  async head(room: RoomId): Promise<number> {
    const [row] = await this.database.rows<{ pos: number }>('select pos from room_head where room = $1', [room]);
    return row?.pos ?? 0;
  }
}
