import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import {
  ConclaveError,
  type ExpelReason,
  type RoomId,
  type RoomMember,
  type RoomRole,
  type ServerFrame,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database, type Queryable } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';
import { AccountRemoval } from '../users/account-removal.service.ts';
import { requireNotBanned } from './bans.ts';
import { Directory } from './directory.service.ts';
import { handOn, requireAnotherOwner } from './ownership.ts';
import { columns, memberColumns, memberOf, type MemberRow, type RoomRow } from './room-row.ts';
import { isFor } from './visibility.ts';

/** What must happen in the same transaction when somebody leaves a room; the result is called once it is committed. */
type Farewell = (inside: Queryable, room: RoomId, user: UserId) => Promise<() => void>;
/** How somebody becomes a member: as whom, and by which invitation (invitation.ts, encoded). */
type Coming = { role?: RoomRole; invitation?: Uint8Array | null };

export const notThere = () => new ConclaveError('not-found', 'there is no such room, or it is not yours');

/** Rooms and memberships: the only answer to "may X be in Y". A room that is not the caller's looks like one that is not there. */
@Injectable()
export class Rooms {
  readonly #farewells: Farewell[] = [];
  readonly #greetings: ((room: RoomId) => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly presence: Presence,
    private readonly directory: Directory,
    @Inject(CONFIG) private readonly config: Config,
    removal: AccountRemoval,
  ) {
    removal.onRemoved((inside, user) => this.#departAll(inside, user));
  }

  onLeft(farewell: Farewell): void {
    this.#farewells.push(farewell);
  }

  /** Called when somebody became a member and it is committed. */
  onJoined(greeting: (room: RoomId) => void): void {
    this.#greetings.push(greeting);
  }

  async mine(user: UserId, inside: Queryable = this.database): Promise<RoomId[]> {
    const rows = await inside.rows<{ room: RoomId }>(
      `select m.room from membership m join room r on r.id = m.room where m.account = $1 and r.archived_at is null order by m.since`,
      [user],
    );
    return rows.map(({ room }) => room);
  }

  /** A room, found through the caller's membership, and that first: where there is none a room that is there costs no more than one that is not. */
  async ofMember(room: RoomId, user: UserId, inside: Queryable = this.database): Promise<RoomRow> {
    const [row] = await inside.rows<RoomRow>(
      `with m as materialized (select room from membership where room = $1 and account = $2)
       select ${columns} from m join room r on r.id = m.room where r.archived_at is null`,
      [room, user],
    );
    if (!row) throw notThere();
    return row;
  }

  async members(room: RoomId): Promise<RoomMember[]> {
    const rows = await this.database.rows<MemberRow>(
      `select ${memberColumns} from membership m join account a on a.id = m.account where m.room = $1 order by m.since, a.id`,
      [room],
    );
    return rows.map(memberOf);
  }

  /** One of them, if they are. */
  async member(room: RoomId, user: UserId, inside: Queryable = this.database): Promise<RoomMember | null> {
    const [row] = await inside.rows<MemberRow>(
      `select ${memberColumns} from membership m join account a on a.id = m.account where m.room = $1 and m.account = $2`,
      [room, user],
    );
    return row ? memberOf(row) : null;
  }

  /**
   * Makes a member of whoever came by the right door, which the caller has seen to; false when they were one before. Throws `not-found` for a room that
   * is not for them, `banned`, and `room-full` when their devices find no place (ROOM11).
   */
  async admit(inside: Queryable, user: UserId, room: RoomId, { role = 'member', invitation = null }: Coming = {}): Promise<boolean> {
    const [open] = await inside.rows(
      `select r.id from room r join account a on a.id = $2 where r.id = $1 and r.archived_at is null and ${isFor} for no key update of r`,
      [room, user],
    );
    if (!open) throw notThere();
    const added = await inside.run(
      `insert into membership (room, account, role, since, invitation) values ($1, $2, $3, $4, $5) on conflict (room, account) do nothing`,
      [room, user, role, Date.now(), invitation],
    );
    if (added === 0) return false;
    await requireNotBanned(inside, room, user);
    await this.#requirePlace(inside, room);
    await inside.run('delete from room_waiting where room = $1 and account = $2', [room, user]);
    return true;
  }

  /** For those who come by another door of the house: true when they are members of it now and were not before. */
  async admitIfPossible(inside: Queryable, user: UserId, room: RoomId): Promise<boolean> {
    await inside.run('savepoint admitted');
    try {
      return await this.admit(inside, user, room);
    } catch (error) {
      if (!(error instanceof ConclaveError) || !['room-full', 'banned', 'not-found'].includes(error.code)) throw error;
      await inside.run('rollback to savepoint admitted');
      return false;
    }
  }

  /** The last owner hands the room on first (ROOM6). Throws `last-owner`. */
  async leave(user: UserId, room: RoomId): Promise<void> {
    const after = await this.database.transaction(async (inside) => {
      await this.ofMember(room, user, inside);
      await inside.rows('select id from room where id = $1 for no key update', [room]);
      await requireAnotherOwner(inside, room, user);
      return this.remove(inside, room, user, 'left');
    });
    after();
  }

  /**
   * Ends a membership, for whatever reason; what this gives is called once the transaction is committed. Throws `not-found` where there is none.
   * Of several rooms take the one with the smallest id first: whoever races for the same ones waits, and neither gives up.
   */
  async remove(inside: Queryable, room: RoomId, user: UserId, reason: ExpelReason): Promise<() => void> {
    await inside.rows('select id from room where id = $1 for no key update', [room]);
    await this.ofMember(room, user, inside);
    await inside.run('delete from membership where room = $1 and account = $2', [room, user]);
    await handOn(inside, room);
    const after: (() => void)[] = [];
    for (const farewell of this.#farewells) after.push(await farewell(inside, room, user));
    return () => {
      this.tellRemoved(room, user, reason);
      for (const then of after) then();
    };
  }

  /** A membership has ended, here or on another server: whoever had it is cut off from the room in this very tick. */
  tellRemoved(room: RoomId, user: UserId, reason: ExpelReason): void {
    this.presence.expel(room, user, reason);
    this.presence.tell({ room }, { type: 'members', room, joined: [], left: [user] });
    this.directory.changed(room);
  }

  /** Also to the newcomer's own connections, on other devices too: they have a room to join now. */
  async tellJoined(room: RoomId, user: UserId): Promise<void> {
    const member = await this.member(room, user);
    if (!member) return; // gone again
    const frame: ServerFrame = { type: 'members', room, joined: [member], left: [] };
    this.presence.tell({ room }, frame);
    this.presence.tellOutside(room, user, frame);
    this.directory.changed(room);
    for (const greet of this.#greetings) greet(room);
  }

  /** Every device of a member may come into the group, so it is devices that are counted; who has none yet will have one. */
  async #requirePlace(inside: Queryable, room: RoomId): Promise<void> {
    const most = this.config.maxDevicesPerRoom;
    const [row] = await inside.rows<{ devices: number }>(
      `select coalesce(sum(greatest(1, (select count(*) from device d where d.account = m.account and d.revoked_at is null))), 0)::int as devices
       from membership m where m.room = $1`,
      [room],
    );
    if (row!.devices > most) throw new ConclaveError('room-full', `this room holds at most ${most} devices`);
  }

  /** Of a deleted account (ACC13): it leaves every room first. */
  async #departAll(inside: Queryable, user: UserId): Promise<() => void> {
    const after: (() => void)[] = [];
    for (const room of (await this.mine(user, inside)).sort()) after.push(await this.remove(inside, room, user, 'left'));
    // A conversation of two goes on being that of somebody and nobody.
    await inside.run(
      `update room set direct_users = (select array_agg(u order by u) from unnest(array_replace(direct_users, $1::uuid, $2::uuid)) as u)
       where kind = 'direct' and $1::uuid = any(direct_users)`,
      [user, randomUUID()],
    );
    return () => after.forEach((then) => then());
  }
}
