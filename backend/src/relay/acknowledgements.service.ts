import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { DeviceId, Eid, RoomId } from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { dropAcknowledged } from '../groups/ordering.service.ts';
import { Hold } from './hold.service.ts';

type Batch = { room: RoomId; device: DeviceId; eids: Set<Eid>; commits: Set<number> };
type Done = { room: RoomId; device: DeviceId; pos: number };

const FLUSH_MS = 250;
/** Devices and rooms whose acknowledgements are kept while the database is away. */
const KEPT = 20_000;
const KEPT_EACH = 2_000;

/** Cursors with exceptions, one per device and room: up to `pos` everything is acknowledged, and what stands in `beyond`. */
@Injectable()
export class Acknowledgements implements BeforeApplicationShutdown {
  #waiting = new Map<string, Batch>();
  #flushing: Promise<void> | null = null;
  readonly #logger = new Logger(Acknowledgements.name);
  readonly #timer = setInterval(() => void this.flush(), FLUSH_MS);

  constructor(
    private readonly database: Database,
    private readonly hold: Hold,
  ) {}

  add(room: RoomId, device: DeviceId, eids: Eid[], commits: number[]): void {
    const id = `${room} ${device}`;
    const batch = this.#waiting.get(id) ?? { room, device, eids: new Set(), commits: new Set() };
    // Lost is harmless, with a crash as well as here: the items are handed over again, and acknowledged again.
    if (!this.#waiting.has(id) && this.#waiting.size >= KEPT) return;
    for (const eid of eids) if (batch.eids.size < KEPT_EACH) batch.eids.add(eid);
    for (const pos of commits) if (batch.commits.size < KEPT_EACH) batch.commits.add(pos);
    this.#waiting.set(id, batch);
  }

  /** Everything acknowledged until now is stored when this resolves, or kept for the next time. */
  flush(): Promise<void> {
    this.#flushing ??= this.#run().finally(() => (this.#flushing = null));
    return this.#flushing;
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    await this.flush();
  }

  async #run(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const batches = [...this.#waiting.values()];
    this.#waiting = new Map();
    // An envelope is passed on before it is stored: what was acknowledged may still be on its way into the log, and would not be found.
    await this.hold.flush();
    try {
      await this.database.transaction((inside) => settle(inside, batches));
    } catch (error) {
      this.#logger.error(error);
      for (const { room, device, eids, commits } of batches) this.add(room, device, [...eids], [...commits]);
    }
  }
}

async function settle(inside: Queryable, batches: Batch[]): Promise<void> {
  // Whoever changes a room's log holds its head: nothing is stored, moved or dropped meanwhile.
  await inside.rows('select room from room_head where room = any($1) order by room for update', [batches.map(({ room }) => room)]);
  const done = [...(await positionsOfEids(inside, batches)), ...(await positionsOfCommits(inside, batches))];
  if (done.length === 0) return;
  await remember(inside, done);
  await compact(inside, done);
  await dropAcknowledged(inside, done);
}

function positionsOfEids(inside: Queryable, batches: Batch[]): Promise<Done[]> {
  const asked = batches.flatMap(({ room, device, eids }) => [...eids].map((eid) => ({ room, device, eid })));
  return inside.rows<Done>(
    `select l.room, a.device, l.pos from unnest($1::uuid[], $2::uuid[], $3::text[]) as a(room, device, eid)
     join room_log l on l.room = a.room and l.eid = decode(a.eid, 'base64') and l.kind = 'envelope' and a.device = any(l.targets)`,
    [
      asked.map(({ room }) => room),
      asked.map(({ device }) => device),
      asked.map(({ eid }) => Buffer.from(eid, 'base64url').toString('base64')),
    ],
  );
}

function positionsOfCommits(inside: Queryable, batches: Batch[]): Promise<Done[]> {
  const asked = batches.flatMap(({ room, device, commits }) => [...commits].map((pos) => ({ room, device, pos })));
  return inside.rows<Done>(
    `select l.room, a.device, l.pos from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as a(room, device, pos)
     join room_log l on l.room = a.room and l.pos = a.pos and l.kind = 'commit' and a.device = any(l.targets)`,
    [asked.map(({ room }) => room), asked.map(({ device }) => device), asked.map(({ pos }) => pos)],
  );
}

async function remember(inside: Queryable, done: Done[]): Promise<void> {
  await inside.run(
    `insert into relay_cursor as c (room, device, beyond)
     select room, device, array_agg(distinct pos order by pos) from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as d(room, device, pos) group by room, device
     on conflict (room, device) do update set beyond = array(select distinct b from unnest(c.beyond || excluded.beyond) b where b > c.pos order by b)`,
    columns(done),
  );
}

/** Moves each cursor up to before the first item of the device that it has not acknowledged, or else to the head. */
async function compact(inside: Queryable, done: Done[]): Promise<void> {
  await inside.run(
    `update relay_cursor c set pos = f.floor, beyond = array(select b from unnest(c.beyond) b where b > f.floor order by b)
     from (select m.room, m.device, coalesce(
         (select l.pos - 1 from room_log l where l.room = m.room and l.pos > m.pos and m.device = any(l.targets) and l.pos <> all(m.beyond)
          order by l.pos limit 1), h.pos) as floor
       from (select distinct room, device from unnest($1::uuid[], $2::uuid[]) as d(room, device)) d
       join relay_cursor m on m.room = d.room and m.device = d.device join room_head h on h.room = m.room) f
     where c.room = f.room and c.device = f.device and f.floor > c.pos`,
    columns(done).slice(0, 2),
  );
}

const columns = (done: Done[]): unknown[] => [done.map(({ room }) => room), done.map(({ device }) => device), done.map(({ pos }) => pos)];
