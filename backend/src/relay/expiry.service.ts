import { Inject, Injectable } from '@nestjs/common';
import { toBase64url, type DeviceId, type RoomId, type ServerFrame, type UserId } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';

type Notice = { id: number; room: RoomId; eid: Uint8Array; devices: DeviceId[] };

const DAY_MS = 86_400_000;
const COMMIT_DAYS = 60;
const NOTICE_DAYS = 90;
const BATCH = 500;
const ROUNDS = 200;
const TOLD = 200;

/** Nothing waits longer than the house allows, and in a room that keeps less, not longer than that (ROOM10). */
const afterAll = 'l.created_at < $1';
const afterTheRoom = `r.retention_days is not null and l.created_at < $2::bigint - r.retention_days * ${DAY_MS}::bigint and $1::bigint is not null`;

/** What nobody fetched is dropped in the end, and its author is told (delivery.md D7). */
@Injectable()
export class Expiry {
  constructor(
    private readonly database: Database,
    private readonly presence: Presence,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Notices that no device of this account has acknowledged. */
  async notices(user: UserId): Promise<Extract<ServerFrame, { type: 'expired' }> | null> {
    const rows = await this.database.rows<Notice>(
      'select id, room, eid, devices from expiry_notice where account = $1 order by id limit $2',
      [user, TOLD],
    );
    if (rows.length === 0) return null;
    return { type: 'expired', notices: rows.map(({ id, room, eid, devices }) => ({ id, room, eid: toBase64url(eid), devices })) };
  }

  async acknowledge(user: UserId, notices: number[]): Promise<void> {
    await this.database.run('delete from expiry_notice where account = $1 and id = any($2::bigint[])', [user, notices]);
  }

  async sweep(now = Date.now()): Promise<void> {
    for (const isOld of [afterAll, afterTheRoom]) {
      for (let round = 0; round < ROUNDS; round++) if ((await this.#expire(now, isOld)) < BATCH) break;
    }
    await this.database.run(`delete from room_log where kind = 'commit' and created_at < $1`, [now - COMMIT_DAYS * DAY_MS]);
    await this.database.run('delete from expiry_notice where created_at < $1', [now - NOTICE_DAYS * DAY_MS]);
  }

  /** One batch; gives how many envelopes it dropped. */
  async #expire(now: number, isOld: string): Promise<number> {
    const dropped = await this.database.transaction(async (inside) => {
      return inside.rows<{ account: UserId | null }>(
        `with old as (delete from room_log where (room, pos) in (select l.room, l.pos from room_log l join room r on r.id = l.room where l.kind = 'envelope' and ${isOld}
             limit ${BATCH} for update of l skip locked)
             returning room, pos, eid, author, targets),
           missed as (select d.account, o.room, o.eid, array(select t from unnest(o.targets) t where not exists (select 1 from relay_cursor c
             where c.room = o.room and c.device = t and (c.pos >= o.pos or o.pos = any(c.beyond)))) as devices from old o left join device d on d.id = o.author),
           told as (insert into expiry_notice (account, room, eid, devices, created_at)
             select account, room, eid, devices, $2 from missed where account is not null and devices <> '{}' returning id)
         select account from missed`,
        [now - this.config.relayDays * DAY_MS, now],
      );
    });
    for (const user of new Set(dropped.map(({ account }) => account))) {
      const frame = user && (await this.notices(user));
      if (frame) this.presence.tell({ user }, frame);
    }
    return dropped.length;
  }

  async waiting(): Promise<number> {
    return (await this.database.rows<{ count: number }>(`select count(*)::int as count from room_log where kind = 'envelope'`))[0]!.count;
  }
}
