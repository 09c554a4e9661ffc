import { Inject, Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';
import {
  ConclaveError,
  partLength,
  partsOf,
  type RoomId,
  type StoredFile,
  type StoreFileRequest,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database, type Queryable } from '../database/database.ts';
import { Budgets } from '../presence/budgets.ts';
import { Rooms } from '../rooms/rooms.service.ts';
import { FileBytes } from './file-bytes.ts';

type Row = { room: RoomId; id: string; account: UserId | null; size: number; complete: boolean; expiresAt: number };

const columns = 'room, id, account, size, complete, expires_at as "expiresAt"';
const DAY_MS = 86_400_000;
/** What nobody went on with for so long is dropped. */
const ABANDONED_MS = DAY_MS;
/** Files begun by one account: so many at once, and so many an hour in the long run. */
const BURST = 60;
const PER_HOUR = 600;
/** Parts of one account on their way at a time. */
const AT_ONCE = 4;
const QUOTA_LOCK = 1_764_000_000;

const gone = () => new ConclaveError('not-found', 'there is no such file, or it is not for you');

/** Sealed files for those who are away (FILE1): a member puts them there, members of the room fetch them. Name, kind and key are never here. */
@Injectable()
export class SealedFiles {
  readonly #beginnings = new Budgets(PER_HOUR / 3_600, BURST);
  readonly #underWay = new Map<UserId, number>();

  constructor(
    private readonly database: Database,
    private readonly rooms: Rooms,
    private readonly bytes: FileBytes,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Makes place for a file, or tells what is there of it. Throws `too-large`, `server-full` or `conflict` when there is no place for it. */
  async begin(user: UserId, room: RoomId, { id, size }: StoreFileRequest): Promise<StoredFile> {
    await this.rooms.ofMember(room, user);
    const known = await this.#find(room, id);
    if (known) return this.#goOn(known, user, size);
    const wait = this.#beginnings.take(user);
    if (wait > 0) throw new ConclaveError('slow-down', 'so many files at once are too many', wait);
    const row = await this.database.transaction((inside) => this.#insert(inside, user, room, id, size));
    return this.#told(row);
  }

  async status(user: UserId, room: RoomId, id: string): Promise<StoredFile> {
    return this.#told(await this.#ofMember(user, room, id));
  }

  /** Takes one part. Whoever began goes on, nobody else. */
  async put(user: UserId, room: RoomId, id: string, n: number, body: Readable): Promise<StoredFile> {
    const row = await this.#ofMember(user, room, id);
    requireOwn(row, user);
    if (n >= partsOf(row.size)) throw new ConclaveError('bad-request', `n: this file has ${partsOf(row.size)} parts`);
    if (row.complete) throw new ConclaveError('conflict', 'this file is all there');
    await this.#oneOfFew(user, () => this.bytes.write(row, n, partLength(row.size, n), body));
    const parts = await this.bytes.parts(row);
    const complete = parts.length === partsOf(row.size);
    if (complete) await this.database.run('update sealed_file set complete = true where room = $1 and id = $2', [room, id]);
    return { ...told(row, parts), complete };
  }

  /** A file that is all there. */
  async whole(
    user: UserId,
    room: RoomId,
    id: string,
  ): Promise<{ size: number; read: (from: number, to: number) => AsyncIterable<Buffer> }> {
    const row = await this.#ofMember(user, room, id);
    if (!row.complete) throw gone();
    return { size: row.size, read: (from, to) => this.bytes.read(row, row.size, from, to) };
  }

  async drop(user: UserId, room: RoomId, id: string): Promise<void> {
    const row = await this.#ofMember(user, room, id);
    requireOwn(row, user);
    await this.#forget([row]);
  }

  /** Expired, older than the room keeps, begun and left, of a room that everybody has left; and bytes that belong to nothing. */
  async sweep(now = Date.now()): Promise<void> {
    const due = await this.database.rows<Row>(
      `select ${columns.replace('room, id', 'f.room, f.id')} from sealed_file f join room r on r.id = f.room
       where f.expires_at < $1 or (not f.complete and f.created_at < $2)
         or (r.retention_days is not null and f.created_at < $1::bigint - r.retention_days * ${DAY_MS}::bigint)
         or not exists (select 1 from membership m where m.room = f.room)`,
      [now, now - ABANDONED_MS],
    );
    await this.#forget(due);
    for (const place of await this.bytes.all()) if (!(await this.#find(place.room, place.id))) await this.bytes.remove(place);
  }

  /** The row first: bytes without one are swept up, a row without bytes would be a promise. */
  async #forget(rows: Row[]): Promise<void> {
    for (const row of rows) {
      await this.database.run('delete from sealed_file where room = $1 and id = $2', [row.room, row.id]);
      await this.bytes.remove(row);
    }
  }

  async #goOn(row: Row, user: UserId, size: number): Promise<StoredFile> {
    if (row.account !== user || row.size !== size) throw new ConclaveError('conflict', 'id: there is another file of this id');
    return this.#told(row);
  }

  async #insert(inside: Queryable, user: UserId, room: RoomId, id: string, size: number): Promise<Row> {
    const { files } = this.config;
    if (!files) throw new ConclaveError('not-found', 'this server stores no files');
    if (size > files.maxBytes)
      throw new ConclaveError('too-large', `size: at most ${files.maxBytes} bytes are stored`, undefined, 'file-size');
    await inside.rows('select pg_advisory_xact_lock($1)', [QUOTA_LOCK]); // who asks at the same time is counted too
    const [sum] = await inside.rows<{ own: number; all: number }>(
      `select coalesce(sum(size) filter (where account = $1), 0)::bigint as own, coalesce(sum(size), 0)::bigint as all from sealed_file`,
      [user],
    );
    if (sum!.own + size > files.quotaBytes)
      throw new ConclaveError('too-large', 'your files that wait here take all the space you have', undefined, 'file-quota');
    if (sum!.all + size > files.storeBytes)
      throw new ConclaveError('server-full', 'the space for files is used up', undefined, 'file-store');
    const now = Date.now();
    const [row] = await inside.rows<Row>(
      `insert into sealed_file (room, id, account, size, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)
       on conflict do nothing returning ${columns}`,
      [room, id, user, size, now, now + files.days * DAY_MS],
    );
    if (!row) throw new ConclaveError('conflict', 'this file is begun by another request: ask again');
    return row;
  }

  async #oneOfFew(user: UserId, work: () => Promise<void>): Promise<void> {
    const now = this.#underWay.get(user) ?? 0;
    if (now >= AT_ONCE) throw new ConclaveError('slow-down', `at most ${AT_ONCE} parts at a time`, 1_000);
    this.#underWay.set(user, now + 1);
    try {
      await work();
    } finally {
      const left = this.#underWay.get(user)! - 1;
      if (left > 0) this.#underWay.set(user, left);
      else this.#underWay.delete(user);
    }
  }

  /** Through the caller's membership, and that first. */
  async #ofMember(user: UserId, room: RoomId, id: string): Promise<Row> {
    await this.rooms.ofMember(room, user);
    const row = await this.#find(room, id);
    if (!row) throw gone();
    return row;
  }

  async #find(room: RoomId, id: string): Promise<Row | undefined> {
    const [row] = await this.database.rows<Row>(`select ${columns} from sealed_file where room = $1 and id = $2`, [room, id]);
    return row;
  }

  async #told(row: Row): Promise<StoredFile> {
    return told(row, await this.bytes.parts(row));
  }
}

function requireOwn(row: Row, user: UserId): void {
  if (row.account !== user) throw new ConclaveError('forbidden', 'this file is not yours');
}

const told = ({ id, size, complete, expiresAt }: Row, parts: number[]): StoredFile => ({
  id,
  size,
  parts,
  complete,
  expiresAt,
});
