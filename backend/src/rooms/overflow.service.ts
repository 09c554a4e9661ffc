import { Inject, Injectable } from '@nestjs/common';
import type { RoomId } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database, type Queryable } from '../database/database.ts';
import { Founding, nameKey } from './founding.service.ts';
import { columns, type RoomRow } from './room-row.ts';

const MOST = 100;

/** A configured room that opens another when it is full: `lobby`, then `lobby-2`, and so on (ROOM11). */
@Injectable()
export class Overflow {
  constructor(
    private readonly database: Database,
    private readonly founding: Founding,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The rooms that take whom this one has no place for, in their order; the last is made when the others are full, too. */
  async *of(room: RoomId): AsyncGenerator<RoomId> {
    const [first] = await this.database.rows<RoomRow>(
      `select ${columns} from room r where r.id = $1 and r.origin = 'config' and r.overflow_of is null and r.archived_at is null`,
      [room],
    );
    if (!first || !this.#opensOthers(first)) return;
    const there = await this.database.rows<{ id: RoomId }>(
      'select id from room where overflow_of = $1 and archived_at is null order by created_at, id',
      [room],
    );
    for (const { id } of there) yield id;
    if (there.length < MOST) yield await this.database.transaction((inside) => this.#open(inside, first, there.length + 2));
  }

  /** Of two who find it full at once the second waits, and takes what the first has made. */
  async #open(inside: Queryable, first: RoomRow, number: number): Promise<RoomId> {
    await inside.rows('select id from room where id = $1 for no key update', [first.id]);
    const name = `${[...first.name].slice(0, 26).join('')}-${number}`;
    const [made] = await inside.rows<{ id: RoomId }>(
      'select id from room where overflow_of = $1 and name_key = $2 and archived_at is null',
      [first.id, nameKey(name)],
    );
    if (made) return made.id;
    const { topic, icon, welcome, for: forRole } = first;
    return this.founding.found(inside, { name, topic, icon, welcome, for: forRole, origin: 'config', overflowOf: first.id });
  }

  #opensOthers({ name }: RoomRow): boolean {
    return this.config.rooms.some((room) => room.overflow && nameKey(room.name) === nameKey(name));
  }
}
