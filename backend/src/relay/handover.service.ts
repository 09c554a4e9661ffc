import { Injectable } from '@nestjs/common';
import { ConclaveError, encodeRelayed, limits, type DeviceId, type RoomId } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { roleOf } from '../groups/groups.service.ts';
import { framed, type Connection } from '../presence/connection.ts';
import { Hold } from './hold.service.ts';

type Item = {
  pos: number;
  generation: number;
  epoch: number;
  author: DeviceId;
  body: Uint8Array | null;
  added: DeviceId[];
  removed: DeviceId[];
  at: number;
};

/** What one page may weigh: well below what a connection may have waiting. */
const PAGE_BYTES = 400 * 1024;

/** Hands over what waits for a device, in the order of the log, commits and envelopes alike. */
@Injectable()
export class Handover {
  constructor(
    private readonly database: Database,
    private readonly hold: Hold,
  ) {}

  async drain(connection: Connection, room: RoomId, after: number): Promise<void> {
    if (!connection.rooms.has(room)) throw new ConclaveError('not-found', 'there is no such room, or you have not joined it');
    // What was passed on before this device was here may still be on its way into the log: nobody would hand it over again.
    await this.hold.flush();
    const items = await this.#waiting(room, connection.speaker!.device, after);
    let bytes = 0;
    let upTo = after;
    let handed = 0;
    for (const item of items.slice(0, limits.drainPage)) {
      bytes += item.body?.length ?? 0;
      if (handed > 0 && bytes > PAGE_BYTES) break;
      hand(connection, room, item);
      upTo = item.pos;
      handed++;
    }
    connection.tell({ type: 'drained', room, upTo, more: handed < items.length });
  }

  #waiting(room: RoomId, device: DeviceId, after: number): Promise<Item[]> {
    return this.database.rows<Item>(
      `select l.pos, l.generation, l.epoch, l.author, case when l.kind = 'envelope' then l.body end as body, l.added, l.removed, l.created_at as at
       from room_log l left join relay_cursor c on c.room = l.room and c.device = $2
       where l.room = $1 and l.pos > greatest($3::bigint, coalesce(c.pos, 0)) and $2::uuid = any(l.targets) and l.pos <> all(coalesce(c.beyond, '{}'))
       order by l.pos limit ${limits.drainPage + 1}`,
      [room, device, after],
    );
  }
}

function hand(connection: Connection, room: RoomId, { pos, generation, epoch, author, body, added, removed, at }: Item): void {
  if (body) {
    connection.tellEncoded(framed(encodeRelayed({ room, author, at, ciphertext: body }), true));
  } else {
    const as = roleOf(connection.speaker!.device, { author, epoch, added, removed });
    connection.tell({ type: 'committed', room, pos, generation, epoch, as });
  }
}
