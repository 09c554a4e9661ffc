import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import {
  ConclaveError,
  type Person,
  type RoomId,
  type RoomList,
  type RoomRequest,
  type RoomSummary,
  type ServerFrame,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { isDuplicate } from '../database/failures.ts';
import { Presence } from '../presence/presence.service.ts';
import { personOf, Users, type Account } from '../users/users.service.ts';
import { Directory, type RoomRow } from './directory.service.ts';

/** What must happen in the same transaction when somebody leaves a room; the result is called once it is committed. */
type Farewell = (inside: Queryable, room: RoomId, user: UserId) => Promise<() => void>;

/** Rooms and memberships: the only answer to "may X be in Y". A room that is not the caller's looks like one that is not there. */
@Injectable()
export class Rooms {
  readonly #farewells: Farewell[] = [];

  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly presence: Presence,
    private readonly directory: Directory,
  ) {}

  onLeft(farewell: Farewell): void {
    this.#farewells.push(farewell);
  }

  async create(owner: UserId, request: RoomRequest): Promise<RoomSummary> {
    const room = await this.database.transaction((inside) => this.found(inside, owner, request));
    await this.#tellJoined(room, owner);
    return this.directory.summary(await this.ofMember(room, owner));
  }

  async found(inside: Queryable, owner: UserId, { name, topic }: RoomRequest): Promise<RoomId> {
    const id = randomUUID();
    const now = Date.now();
    try {
      await inside.run('insert into room (id, kind, name, name_key, topic, created_at) values ($1, $2, $3, $4, $5, $6)', [
        id,
        'open',
        name,
        name.normalize('NFKC').toLowerCase(),
        topic ?? '',
        now,
      ]);
    } catch (error) {
      if (isDuplicate(error)) throw new ConclaveError('conflict', 'there is a room of this name: choose another');
      throw error;
    }
    await inside.run('insert into room_head (room) values ($1)', [id]);
    await inside.run('insert into room_group (room) values ($1)', [id]);
    await inside.run(`insert into membership (room, account, role, since) values ($1, $2, 'owner', $3)`, [id, owner, now]);
    return id;
  }

  async list(user: UserId): Promise<RoomList> {
    const rows = await this.directory.all();
    return { rooms: rows.map((row) => this.directory.summary(row)), mine: await this.mine(user), signedIn: this.presence.signedIn };
  }

  async mine(user: UserId): Promise<RoomId[]> {
    const rows = await this.database.rows<{ room: RoomId }>(
      `select m.room from membership m join room r on r.id = m.room where m.account = $1 and r.archived_at is null order by m.since`,
      [user],
    );
    return rows.map(({ room }) => room);
  }

  /** A room, found through the caller's membership. Throws `not-found`. */
  async ofMember(room: RoomId, user: UserId, inside: Queryable = this.database): Promise<RoomRow> {
    const [row] = await inside.rows<RoomRow>(
      `select r.id, r.kind, r.name, r.topic, (select count(*)::int from membership where room = r.id) as members
       from room r join membership m on m.room = r.id and m.account = $2 where r.id = $1 and r.archived_at is null`,
      [room, user],
    );
    if (!row) throw new ConclaveError('not-found', 'there is no such room, or it is not yours');
    return row;
  }

  async members(room: RoomId): Promise<Person[]> {
    const rows = await this.database.rows<Account>(
      `select a.id, a.username, a.display_name as "displayName", a.account_key as "accountKey"
       from membership m join account a on a.id = m.account where m.room = $1 order by m.since, a.id`,
      [room],
    );
    return rows.map(personOf);
  }

  async join(user: UserId, room: RoomId): Promise<RoomSummary> {
    const joined = await this.database.transaction((inside) => this.admit(inside, user, room));
    if (joined) await this.#tellJoined(room, user);
    return this.directory.summary(await this.ofMember(room, user));
  }

  /** Makes a member of an open room; false when they were one before. */
  async admit(inside: Queryable, user: UserId, room: RoomId): Promise<boolean> {
    const [open] = await inside.rows(`select id from room where id = $1 and kind = 'open' and archived_at is null for no key update`, [
      room,
    ]);
    if (!open) throw new ConclaveError('not-found', 'there is no such room, or it is not yours');
    const added = await inside.run(
      `insert into membership (room, account, role, since) values ($1, $2, 'member', $3) on conflict (room, account) do nothing`,
      [room, user, Date.now()],
    );
    return added > 0;
  }

  async leave(user: UserId, room: RoomId): Promise<void> {
    const after = await this.database.transaction(async (inside) => {
      await inside.rows('select id from room where id = $1 for no key update', [room]);
      await this.ofMember(room, user, inside);
      await inside.run('delete from membership where room = $1 and account = $2', [room, user]);
      await this.#handOn(inside, room);
      const after: (() => void)[] = [];
      for (const farewell of this.#farewells) after.push(await farewell(inside, room, user));
      return after;
    });
    this.presence.expel(room, user, 'left');
    this.presence.tell({ room }, { type: 'members', room, joined: [], left: [user] });
    this.directory.changed(room);
    for (const then of after) then();
  }

  /** A room without an owner gets its longest-standing member as one; a room without members is archived. */
  async #handOn(inside: Queryable, room: RoomId): Promise<void> {
    await inside.run(
      `update membership set role = 'owner' where room = $1
         and not exists (select 1 from membership where room = $1 and role = 'owner')
         and account = (select account from membership where room = $1 order by since, account limit 1)`,
      [room],
    );
    await inside.run('update room set archived_at = $2 where id = $1 and not exists (select 1 from membership where room = $1)', [
      room,
      Date.now(),
    ]);
  }

  /** Also to the newcomer's own connections, on other devices too: they have a room to join now. */
  async #tellJoined(room: RoomId, user: UserId): Promise<void> {
    const frame: ServerFrame = { type: 'members', room, joined: [personOf(await this.users.byId(user))], left: [] };
    this.presence.tell({ room }, frame);
    this.presence.tellOutside(room, user, frame);
    this.directory.changed(room);
  }
}
