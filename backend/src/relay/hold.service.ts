import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { ConclaveError, toBase64url, type DeviceId, type RoomId } from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import type { Connection } from '../presence/connection.ts';
import { leave } from './lanes.ts';
import { refuse, requireEpoch, tellResubmit, type Accepted } from './submission.ts';

type Head = { room: RoomId; generation: number; epoch: number; acceptFrom: number; removing: boolean };
type Known = { room: RoomId; eid: Uint8Array; pos: number; targets: DeviceId[]; done: DeviceId[] };
/** What one transaction decided, told only after it was committed. */
type Verdict = { accepted: Accepted; pos: number } | { accepted: Accepted; error: ConclaveError };

const GATHER_MS = 5;
const BATCH = 500;
const QUEUE = 5_000;
const QUEUE_BYTES = 64 * 1024 * 1024;

/** Stores envelopes, many in one transaction, and says `held` only after it was committed. */
@Injectable()
export class Hold implements BeforeApplicationShutdown {
  /** Since start. */
  stored = 0;
  #queue: Accepted[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #flushing: Promise<void> | null = null;
  readonly #logger = new Logger(Hold.name);

  readonly #listeners: ((accepted: Accepted) => void)[] = [];

  constructor(private readonly database: Database) {}

  /** Calls back once an envelope is stored for its recipients. */
  onStored(listener: (accepted: Accepted) => void): void {
    this.#listeners.push(listener);
  }

  get isFull(): boolean {
    return this.#queue.length >= QUEUE || this.#bytes >= QUEUE_BYTES;
  }

  add(accepted: Accepted): void {
    this.#queue.push(accepted);
    this.#bytes += accepted.ciphertext.length;
    if (!this.#flushing) this.#gather();
  }

  /** Everything queued until now is stored and answered when this resolves. */
  flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#flushing ??= this.#run().finally(() => {
      this.#flushing = null;
      if (this.#queue.length > 0) this.#gather(); // came after the last look, while this was still under way
    });
    return this.#flushing;
  }

  #gather(): void {
    this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.flush();
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, BATCH);
      this.#bytes -= batch.reduce((sum, { ciphertext }) => sum + ciphertext.length, 0);
      try {
        tell(await this.database.transaction((inside) => this.#store(inside, batch)), (accepted) => this.#held(accepted));
      } catch (error) {
        this.#logger.error(error);
        tell(
          batch.map((accepted) => ({ accepted, error: new ConclaveError('unavailable', 'could not be stored: it is tried again', 1_000) })),
        );
      }
    }
  }

  #held(accepted: Accepted): void {
    this.stored++;
    for (const listener of this.#listeners) listener(accepted);
  }

  async #store(inside: Queryable, batch: Accepted[]): Promise<Verdict[]> {
    const rooms = [...new Set(batch.map(({ place }) => place.room))].sort();
    const heads = await this.#heads(inside, rooms);
    const verdicts: Verdict[] = [];
    const good: Accepted[] = [];
    const heldUp = new Map<Connection, Set<RoomId>>();
    for (const accepted of batch) {
      const { place } = accepted;
      const behind = !place.due || heldUp.get(place.connection)?.has(place.room);
      const error = behind ? new ConclaveError('resubmit', '') : judge(accepted, heads.get(place.room));
      if (!error) good.push(accepted);
      else {
        verdicts.push({ accepted, error });
        heldUp.set(place.connection, (heldUp.get(place.connection) ?? new Set()).add(place.room));
      }
    }
    const places = await this.#write(inside, good);
    return [...verdicts, ...good.map((accepted) => ({ accepted, pos: places.get(key(accepted.place.room, accepted.eid))! }))].sort(
      (a, b) => batch.indexOf(a.accepted) - batch.indexOf(b.accepted),
    );
  }

  /** Takes the rooms' heads: from here on no commit is ordered in them before this transaction ends. */
  async #heads(inside: Queryable, rooms: RoomId[]): Promise<Map<RoomId, Head>> {
    await inside.rows('select room from room_head where room = any($1) order by room for update', [rooms]);
    const heads = await inside.rows<Head>(
      `select g.room, g.generation, g.epoch, g.accept_from as "acceptFrom", exists (select 1 from room_leaf l
         where l.room = g.room and l.generation = g.generation and l.to_epoch is null and l.removing) as removing
       from room_group g where g.room = any($1)`,
      [rooms],
    );
    return new Map(heads.map((head) => [head.room, head]));
  }

  /** One row per envelope; the same envelope again is for the union of its recipients. Gives where each stands. */
  async #write(inside: Queryable, good: Accepted[]): Promise<Map<string, number>> {
    const places = new Map<string, number>();
    const merged = new Map<string, Accepted>();
    for (const accepted of good) {
      const id = key(accepted.place.room, accepted.eid);
      const twin = merged.get(id);
      const recipients = twin ? [...new Set([...twin.recipients, ...accepted.recipients])] : accepted.recipients;
      merged.set(id, { ...(twin ?? accepted), recipients });
    }
    for (const known of await this.#known(inside, [...merged.values()])) {
      const id = key(known.room, known.eid);
      places.set(id, await this.#unite(inside, known, merged.get(id)!.recipients));
      merged.delete(id);
    }
    await this.#insert(inside, [...merged.values()], places);
    return places;
  }

  async #known(inside: Queryable, accepted: Accepted[]): Promise<Known[]> {
    if (accepted.length === 0) return [];
    return inside.rows<Known>(
      `select l.room, l.eid, l.pos, l.targets, array(select c.device from relay_cursor c where c.room = l.room and c.device = any(l.targets)
         and (c.pos >= l.pos or l.pos = any(c.beyond))) as done
       from unnest($1::uuid[], $2::text[]) as asked(room, eid)
       join room_log l on l.room = asked.room and l.eid = decode(asked.eid, 'base64') and l.kind = 'envelope' for update of l`,
      [accepted.map(({ place }) => place.room), accepted.map(({ eid }) => eid.toString('base64'))],
    );
  }

  /** Cursors of new recipients may stand beyond the old place already, so the row moves to a new one, for whoever still lacks it. */
  async #unite(inside: Queryable, { room, pos, targets, done }: Known, recipients: DeviceId[]): Promise<number> {
    const fresh = recipients.filter((device) => !targets.includes(device));
    if (fresh.length === 0) return pos;
    const finished = new Set(done);
    const [head] = await this.#advance(inside, [room]);
    const waiting = [...targets.filter((device) => !finished.has(device)), ...fresh];
    await inside.run('update room_log set pos = $3, targets = $4 where room = $1 and pos = $2', [room, pos, head!.pos, waiting]);
    return head!.pos;
  }

  async #insert(inside: Queryable, accepted: Accepted[], places: Map<string, number>): Promise<void> {
    if (accepted.length === 0) return;
    const heads = new Map(
      (
        await this.#advance(
          inside,
          accepted.map(({ place }) => place.room),
        )
      ).map(({ room, pos, count }) => [room, pos - count]),
    );
    const positions = accepted.map(({ place, eid }) => {
      const pos = heads.get(place.room)! + 1;
      heads.set(place.room, pos);
      places.set(key(place.room, eid), pos);
      return pos;
    });
    await inside.run(
      `insert into room_log (room, pos, kind, generation, epoch, eid, author, body, targets, created_at)
       select room, pos, 'envelope', generation, epoch, decode(eid, 'base64'), author, decode(body, 'base64'), targets::uuid[], at
       from unnest($1::uuid[], $2::bigint[], $3::int[], $4::bigint[], $5::text[], $6::uuid[], $7::text[], $8::text[], $9::bigint[])
         as fresh(room, pos, generation, epoch, eid, author, body, targets, at)`,
      [
        accepted.map(({ place }) => place.room),
        positions,
        accepted.map(({ generation }) => generation),
        accepted.map(({ epoch }) => epoch),
        accepted.map(({ eid }) => eid.toString('base64')),
        accepted.map(({ author }) => author),
        accepted.map(({ ciphertext }) => Buffer.from(ciphertext).toString('base64')),
        accepted.map(({ recipients }) => `{${recipients.join(',')}}`),
        accepted.map(({ at }) => at),
      ],
    );
  }

  /** Moves heads on, one for each mention of a room. */
  #advance(inside: Queryable, rooms: RoomId[]): Promise<{ room: RoomId; pos: number; count: number }[]> {
    return inside.rows(
      `with counted as (select room, count(*)::int as count from unnest($1::uuid[]) as mentioned(room) group by room),
         moved as (update room_head h set pos = h.pos + c.count from counted c where h.room = c.room returning h.room, h.pos, c.count)
       select room, pos, count from moved`,
      [rooms],
    );
  }
}

function judge({ generation, epoch }: Accepted, head: Head | undefined): ConclaveError | null {
  if (!head) return new ConclaveError('not-found', 'this room is gone');
  try {
    requireEpoch(generation, epoch, head, head.removing);
    return null;
  } catch (error) {
    if (error instanceof ConclaveError) return error;
    throw error;
  }
}

/** In the order they came: a refusal holds up what follows it in its room. */
function tell(verdicts: Verdict[], held: (accepted: Accepted) => void = () => undefined): void {
  for (const verdict of verdicts) {
    const { place, eid } = verdict.accepted;
    if ('error' in verdict) refuse(place, verdict.error);
    else if (!place.due) tellResubmit(place);
    else {
      leave(place);
      held(verdict.accepted);
      place.connection.tell({ type: 'held', room: place.room, n: place.n, eid: toBase64url(eid), pos: verdict.pos });
    }
  }
}

const key = (room: RoomId, eid: Uint8Array): string => `${room} ${Buffer.from(eid).toString('base64')}`;
