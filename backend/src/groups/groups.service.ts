import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import {
  ConclaveError,
  encodeParts,
  toBase64url,
  type DeviceId,
  type Ordered,
  type RoomId,
  type ServerFrame,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';
import { RoomEnds } from '../rooms/room-ends.service.ts';
import { Rooms } from '../rooms/rooms.service.ts';
import { Devices } from '../users/devices.service.ts';
import type { Caller } from '../users/caller.ts';
import { entryOf } from './entry.ts';
import { GroupStatuses } from './group-status.service.ts';
import { GroupStore } from './group-store.ts';
import { endClaims, Ordering, type Bundle, type OrderedCommit, type Restored } from './ordering.service.ts';

export type DeviceCaller = Caller & { device: DeviceId };
type Role = Extract<ServerFrame, { type: 'committed' }>['as'];
type LogRow = {
  author: DeviceId;
  epoch: number;
  body: Uint8Array;
  welcome: Uint8Array | null;
  groupInfo: Uint8Array | null;
  signature: Uint8Array;
  added: DeviceId[];
};

/** Only a session that speaks for a device may touch a group. */
export function withDevice(caller: Caller): DeviceCaller {
  if (!caller.device) throw new ConclaveError('forbidden', 'this session has no device yet: register its key first');
  return caller as DeviceCaller;
}

export function roleOf(
  device: DeviceId,
  commit: { author: DeviceId; epoch: number; added: readonly DeviceId[]; removed: readonly DeviceId[] },
): Role {
  if (commit.author === device) return commit.epoch === 0 ? 'founded' : 'own';
  if (commit.added.includes(device)) return 'welcome';
  return commit.removed.includes(device) ? 'removed' : 'commit';
}

/** After a change was committed: forget the copy in memory, then say so. */
@Injectable()
export class Announcements {
  readonly #logger = new Logger('groups');

  constructor(
    private readonly database: Database,
    private readonly store: GroupStore,
    private readonly statuses: GroupStatuses,
  ) {}

  /** A newcomer to a room; where members let newcomers in, they are asked to. */
  came(room: RoomId): void {
    entryOf(this.database, room)
      .then(({ by }) => by !== 'open' && this.moved(room))
      .catch((error: unknown) => this.#logger.error(error)); // told when somebody's socket joins
  }

  moved(room: RoomId, tell: () => void = () => undefined): void {
    this.store.forget(room);
    tell();
    this.statuses.announce(room);
  }
}

/** The delivery service of MLS: takes bundles, orders them, tells whom they concern. */
@Injectable()
export class Groups {
  constructor(
    private readonly database: Database,
    private readonly presence: Presence,
    private readonly rooms: Rooms,
    private readonly ordering: Ordering,
    private readonly announcements: Announcements,
  ) {}

  async found(caller: DeviceCaller, room: RoomId, groupInfo: Uint8Array): Promise<Ordered> {
    await this.rooms.ofMember(room, caller.user);
    return this.#tell(await this.ordering.found(caller, room, groupInfo));
  }

  async commit(caller: DeviceCaller, room: RoomId, expected: { generation: number; epoch: number }, bundle: Bundle): Promise<Ordered> {
    await this.rooms.ofMember(room, caller.user);
    return this.#tell(await this.ordering.commit(caller, room, expected, bundle));
  }

  /** A member brings back what a restored server has lost. */
  async restore(
    caller: DeviceCaller,
    room: RoomId,
    expected: { generation: number; epoch: number },
    commits: Restored[],
  ): Promise<Ordered> {
    await this.rooms.ofMember(room, caller.user);
    const ordered = await this.ordering.restore(room, expected, commits);
    return ordered.map((commit) => this.#tell(commit)).at(-1)!;
  }

  /** The bytes of a commit, for those it was sent to; whose it is not, sees what is not there. */
  async item(caller: DeviceCaller, room: RoomId, pos: number): Promise<Uint8Array> {
    const [row] = await this.database.rows<LogRow>(
      `select author, epoch, body, welcome, group_info as "groupInfo", server_signature as signature, added from room_log
       where room = $1 and pos = $2 and kind = 'commit' and $3::uuid = any(targets)`,
      [room, pos, caller.device],
    );
    if (!row) throw new ConclaveError('not-found', 'there is no such commit, or it is not for this device');
    if (!row.added.includes(caller.device)) return encodeParts([row.body, row.signature]);
    return encodeParts([row.welcome ?? new Uint8Array(), row.groupInfo ?? new Uint8Array(), row.signature]);
  }

  /** A device that only a member can let in has come nearer: members are asked to. */
  async announceWaiting(user: UserId): Promise<void> {
    const rooms = await this.database.rows<{ room: RoomId }>(
      `select m.room from membership m join room r on r.id = m.room join account a on a.id = m.account
       where m.account = $1 and r.archived_at is null and (a.key_was_reset or (r.kind <> 'open' and exists (
         select 1 from device d where d.account = a.id and d.revoked_at is null and not exists (
           select 1 from room_leaf l where l.room = m.room and l.device = d.id and l.to_epoch is null))))`,
      [user],
    );
    for (const { room } of rooms) this.announcements.moved(room);
  }

  #tell(commit: OrderedCommit): Ordered {
    const { room, pos, generation, epoch, signature } = commit;
    this.announcements.moved(room, () => {
      for (const device of commit.targets) {
        this.presence.inRoom(room, device)?.tell({ type: 'committed', room, pos, generation, epoch, as: roleOf(device, commit) });
      }
    });
    return { pos, generation, epoch, signature: toBase64url(signature) };
  }
}

/** A device that has lost its keys of a room into which only members let anybody: its leaf goes, and is added anew (e2ee.md "Repair"). */
@Injectable()
export class Rejoining {
  constructor(
    private readonly database: Database,
    private readonly store: GroupStore,
    private readonly rooms: Rooms,
    private readonly announcements: Announcements,
  ) {}

  /** Throws `forbidden` in open rooms: there a device replaces its leaf itself, by an admission. */
  async ask({ user, device }: DeviceCaller, room: RoomId): Promise<void> {
    await this.database.transaction(async (inside) => {
      const { kind } = await this.rooms.ofMember(room, user, inside);
      if (kind === 'open') throw new ConclaveError('forbidden', 'this room is open: ask for an admission');
      await this.store.lock(inside, room);
      await inside.run('update room_leaf set removing = true where room = $1 and device = $2 and to_epoch is null', [room, device]);
      await endClaims(inside, room, [device]);
    });
    this.announcements.moved(room);
  }
}

/** Who leaves a room, or whose device is removed, must lose the leaf: pending until a member commits it. */
@Injectable()
export class Departures implements OnModuleInit {
  constructor(
    private readonly store: GroupStore,
    private readonly devices: Devices,
    private readonly rooms: Rooms,
    private readonly ends: RoomEnds,
    private readonly announcements: Announcements,
  ) {}

  onModuleInit(): void {
    this.rooms.onLeft((inside, room, user) => this.#leave(inside, room, user));
    this.rooms.onJoined((room) => this.announcements.came(room));
    this.ends.onDeleted((room) => this.store.forget(room));
    this.devices.onRemoved((inside, _user, devices) => this.#remove(inside, devices));
  }

  async #leave(inside: Queryable, room: RoomId, user: UserId): Promise<() => void> {
    await this.store.lock(inside, room);
    const gone = await inside.rows<{ device: DeviceId }>(
      `with marked as (update room_leaf set removing = true where room = $1 and account = $2 and to_epoch is null returning device) select device from marked`,
      [room, user],
    );
    await endClaims(
      inside,
      room,
      gone.map(({ device }) => device),
    );
    return () => this.announcements.moved(room);
  }

  async #remove(inside: Queryable, devices: DeviceId[]): Promise<() => void> {
    const rooms = await inside.rows<{ room: RoomId }>(
      `select distinct room from room_leaf where device = any($1) and to_epoch is null order by room`,
      [devices],
    );
    for (const { room } of rooms) {
      await this.store.lock(inside, room);
      await inside.run('update room_leaf set removing = true where room = $1 and device = any($2) and to_epoch is null', [room, devices]);
      await endClaims(inside, room, devices);
    }
    await inside.run('delete from key_package where device = any($1)', [devices]);
    return () => rooms.forEach(({ room }) => this.announcements.moved(room));
  }
}
