import { Injectable } from '@nestjs/common';
import { ConclaveError, type JoinRequest, type RoomId, type RoomKind, type UserId } from '../../../libs/protocol/src/index.ts';
import { Passwords } from '../auth/passwords.service.ts';
import { Database } from '../database/database.ts';
import { nameKey } from './founding.service.ts';
import { RoomGuesses } from './room-guesses.service.ts';
import { columns, type RoomRow } from './room-row.ts';
import { notThere, Rooms } from './rooms.service.ts';
import { isFor } from './visibility.ts';
import { Waiting } from './waiting.service.ts';

type Visitor = { user: UserId; address: string };
type Door = {
  id: RoomId | null;
  kind: RoomKind | null;
  named: boolean | null;
  isFor: boolean | null;
  member: boolean;
  banned: boolean;
  passwordHash: string | null;
};

const byId = 'id = $1';
const byName = `$1::uuid is null and name_key = $3 and kind = 'hidden'`;
/**
 * Always one row, and for it the same work, whether the room is there or not: what it is, and what the person is to it. Conditions that leave the row
 * out would leave work out with it, and a clock would see that.
 */
const look = (by: string) => `
  select r.id, r.kind, r.name_key = $3 as named, ${isFor} as "isFor", r.password_hash as "passwordHash",
    exists (select 1 from membership m where m.room = x.id and m.account = a.id) as member,
    exists (select 1 from ban b where b.room = x.id and b.account = a.id and (b.until is null or b.until > $4::bigint)) as banned
  from (select coalesce((select id from room where ${by} and archived_at is null), '00000000-0000-4000-8000-000000000000') as id) x
    join account a on a.id = $2 left join room r on r.id = x.id`;

/** The doors of rooms: whoever may come in becomes a member. What somebody may not see is not there, in the same words and time (ROOM1). */
@Injectable()
export class Joining {
  constructor(
    private readonly database: Database,
    private readonly rooms: Rooms,
    private readonly waiting: Waiting,
    private readonly guesses: RoomGuesses,
    private readonly passwords: Passwords,
  ) {}

  /** Throws `not-found`, `bad-credentials`, `banned`, `slow-down`, and `room-full` for who now waits in line (ROOM11). Gives the room that took them. */
  async join({ user, address }: Visitor, room: RoomId, { admission, name }: JoinRequest): Promise<RoomRow> {
    const door = await this.#door(user, room, name);
    // Members show a password too: on another device of theirs, and when it was changed.
    if (door.kind === 'password' && (!door.member || admission !== undefined))
      await this.#requirePassword({ user, address }, room, door.passwordHash, admission);
    if (door.member) return this.rooms.ofMember(room, user);
    const entered = await this.waiting.enter(user, room);
    return this.rooms.ofMember(entered, user);
  }

  /** A hidden room, by its exact name. Throws `not-found`. */
  async find(user: UserId, name: string): Promise<RoomRow> {
    const door = await this.#look(byName, null, user, name);
    if (!mayFind(door)) throw notThere();
    const [row] = await this.database.rows<RoomRow>(`select ${columns} from room r where r.id = $1`, [door.id]);
    if (!row) throw notThere();
    return row;
  }

  /** Also out of the line before a full one. Throws `last-owner`, `not-found`. */
  async leave(user: UserId, room: RoomId): Promise<void> {
    if (!(await this.waiting.leave(user, room))) await this.rooms.leave(user, room);
  }

  async #door(user: UserId, room: RoomId, name = ''): Promise<Door> {
    const door = await this.#look(byId, room, user, name);
    const listed = door.kind === 'open' || door.kind === 'password';
    if (!door.member && !(listed && door.isFor) && !mayFind(door)) throw notThere();
    return door;
  }

  async #look(by: string, room: RoomId | null, user: UserId, name: string): Promise<Door> {
    const [door] = await this.database.rows<Door>(look(by), [room, user, written(name), Date.now()]);
    if (!door) throw new ConclaveError('unauthenticated', 'this account no longer exists');
    return door;
  }

  async #requirePassword({ user, address }: Visitor, room: RoomId, hash: string | null, admission: string | undefined): Promise<void> {
    const wrong = () => new ConclaveError('bad-credentials', 'this is not the password of the room', undefined, 'room-password');
    if (admission === undefined || hash === null) throw wrong();
    if (!(await this.guesses.attempt(user, room, address, () => this.passwords.verify(admission, hash)))) throw wrong();
  }
}

/** A ban keeps a hidden room hidden: whoever is banned from it is told nothing of it. */
const mayFind = ({ kind, named, isFor, banned }: Door): boolean => kind === 'hidden' && named === true && isFor === true && !banned;

function written(name: string): string {
  if (name.includes('\0')) throw new ConclaveError('bad-request', 'name: must not contain NUL');
  return nameKey(name);
}
