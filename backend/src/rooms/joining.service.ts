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
/** Null in every field but `member`: no room that this person may see. */
type Door = { id: RoomId | null; kind: RoomKind | null; member: boolean; passwordHash: string | null };

const byId = 'id = $1';
const byName = `$1::uuid is null and name_key = $3 and kind = 'hidden'`;
/**
 * Always one row, and for it the same work, whether the room is there or not: a clock would see what is left out. So some other room is looked at
 * in place of a missing one, all bans and memberships of the person are read, whichever are asked for, and what may not be seen has no value in the
 * answer. `offset 0` keeps the planner from leaving a column out until it is needed.
 */
const look = (by: string) => `
  select seen and member as member, case when seen then id end as id, case when seen then kind end as kind,
    case when seen then password_hash end as "passwordHash"
  from (
    select *, there and (member or (is_for and (kind in ('open', 'password') or (kind = 'hidden' and named and not banned)))) as seen
    from (
      select r.id, r.kind, r.password_hash, coalesce(r.id = found.id, false) as there, r.name_key = $3 as named, ${isFor} as is_for,
        (select coalesce(bool_or(m.room = r.id), false) from membership m where m.account = a.id) as member,
        (select coalesce(bool_or(b.room = r.id and (b.until is null or b.until > $4::bigint)), false) from ban b where b.account = a.id) as banned
      from (select (select id from room where ${by} and archived_at is null) as id) found
        cross join (select (select id from room order by id limit 1) as id) other
        join account a on a.id = $2 left join room r on r.id = coalesce(found.id, other.id)
      offset 0) looked
    offset 0) door`;

/**
 * The doors of rooms: whoever may come in becomes a member. What somebody may not see is not there, in the same words and time (ROOM1); a ban keeps a
 * hidden room hidden.
 */
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
    const door = await this.#look(byId, room, user, name ?? '');
    if (door.id === null) throw notThere();
    // Members show a password too: on another device of theirs, and when it was changed.
    if (door.kind === 'password' && (!door.member || admission !== undefined))
      await this.#requirePassword({ user, address }, room, door.passwordHash, admission);
    if (door.member) return this.rooms.ofMember(room, user);
    const entered = await this.waiting.enter(user, room);
    return this.rooms.ofMember(entered, user);
  }

  /** A hidden room, by its exact name. Throws `not-found`. */
  async find(user: UserId, name: string): Promise<RoomRow> {
    const { id } = await this.#look(byName, null, user, name);
    if (id === null) throw notThere();
    const [row] = await this.database.rows<RoomRow>(`select ${columns} from room r where r.id = $1`, [id]);
    if (!row) throw notThere();
    return row;
  }

  /** Also out of the line before a full one. Throws `last-owner`, `not-found`. */
  async leave(user: UserId, room: RoomId): Promise<void> {
    if (!(await this.waiting.leave(user, room))) await this.rooms.leave(user, room);
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

function written(name: string): string {
  if (name.includes('\0')) throw new ConclaveError('bad-request', 'name: must not contain NUL');
  return nameKey(name);
}
