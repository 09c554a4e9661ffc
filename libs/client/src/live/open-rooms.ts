import { limits, type DeviceId, type RoomId, type ServerFrame } from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import type { Session } from '../room/context.ts';
import { Room } from '../room/room.ts';
import type { RoomRow } from '../room/rows.ts';
import type { NoticeSettings } from '../site/notice-settings.ts';
import type { RoomLine } from '../views/room-list.ts';

/** The rooms of this device, each opened once, and the list of them. */
export class OpenRooms {
  readonly lines = new MutableCell<RoomLine[]>([]);
  readonly #rooms = new Map<RoomId, Room>();
  readonly #stops: (() => void)[] = [];

  constructor(
    private readonly session: () => Session,
    private readonly notices: NoticeSettings,
  ) {
    this.#stops.push(notices.view.subscribe(() => this.#showLines()));
  }

  /** A room that is entered meanwhile is among them. */
  [Symbol.iterator](): Iterator<Room> {
    return this.#rooms.values();
  }
  get all(): Room[] {
    return [...this];
  }
  get(id: RoomId): Room | undefined {
    return this.#rooms.get(id);
  }
  has(id: RoomId): boolean {
    return this.#rooms.has(id);
  }
  get names(): { id: RoomId; name: string }[] {
    return this.all.map(({ id, line }) => ({ id, name: line.value.name }));
  }
  /** Those that one is a member of, as far as this device knows. */
  get joined(): Room[] {
    return this.all.filter((room) => room.view.value.phase !== 'left');
  }

  /** Who holds this device, as the rooms know it. */
  nameOf(device: DeviceId): string {
    const members = this.all.flatMap((room) => room.roster.value.members);
    return members.find(({ devices }) => devices.some((each) => each.device === device))?.name ?? 'a member';
  }

  /** What is stored of them, before any network. `wanted`: false once this device has stopped working. */
  async load(wanted: () => boolean): Promise<void> {
    const rooms = await this.session().store.range<RoomRow>('rooms', { prefix: '' });
    if (!wanted()) return;
    for (const { key, value } of rooms) if (!value.left) this.#open(key);
  }

  /** A membership of this account: opens the room and takes part. */
  enter(id: RoomId): Room {
    const room = this.#rooms.get(id) ?? this.#open(id);
    this.session().socket.send({ type: 'join', room: id });
    return room;
  }

  /** A membership that began elsewhere: on another device of this account, or by an invitation. */
  membersChanged({ room, joined }: Extract<ServerFrame, { type: 'members' }>): void {
    const known = this.#rooms.get(room)?.view.value.phase;
    if ((known === undefined || known === 'left') && joined.some(({ id }) => id === this.session().me.user)) this.enter(room);
  }

  async expired({ notices }: Extract<ServerFrame, { type: 'expired' }>): Promise<void> {
    for (const { room, eid, devices } of notices) await this.#rooms.get(room)?.expired(eid, devices);
    for (let i = 0; i < notices.length; i += limits.acksPerFrame)
      this.session().socket.send({ type: 'acknowledgeExpired', notices: notices.slice(i, i + limits.acksPerFrame).map(({ id }) => id) });
  }

  stop(): void {
    this.#stops.forEach((stop) => stop());
    this.#rooms.forEach((room) => room.stop());
  }

  #open(id: RoomId): Room {
    const room = new Room(this.session(), id);
    this.#rooms.set(id, room);
    this.#stops.push(room.line.subscribe(() => this.#showLines()));
    this.#stops.push(room.view.subscribe(() => this.#showLines()));
    return room;
  }

  #showLines(): void {
    this.lines.set(
      this.joined
        .map((room) => ({ ...room.line.value, level: this.notices.levelOf(room.id) }))
        .sort((a, b) => (b.last?.at ?? 0) - (a.last?.at ?? 0) || a.name.localeCompare(b.name)),
    );
  }
}
