import type { DeviceId, RoomId } from '../../../protocol/src/index.ts';
import { linksPerRoom, nearIn } from './near.ts';
import type { Other } from './rtc-link.ts';

/** A device that shares a room with us: its key comes from the group, its being there from the server. */
export type Expected = Other & { online: boolean };

/** Whose devices are in the rooms of this one, which of them are there, and with which of those it wants a link. */
export class Expectations {
  readonly #rooms = new Map<RoomId, Map<DeviceId, Expected>>();
  /** Rooms in which nothing but links carries (MESH4, MESH6): there is no bound in them. */
  readonly #linksOnly = new Set<RoomId>();
  /** With whom links are wanted in a large room, until anybody comes or goes. */
  readonly #near = new Map<RoomId, ReadonlySet<DeviceId>>();

  constructor(
    private readonly own: DeviceId,
    /** Some member says that it is linked to this device. */
    private readonly known: (device: DeviceId) => boolean,
  ) {}

  /** `relayed`: a relay carries to whom no link goes. */
  set(room: RoomId, devices: Expected[], relayed: boolean): void {
    if (relayed) this.#linksOnly.delete(room);
    else this.#linksOnly.add(room);
    this.#rooms.set(room, new Map(devices.map((expected) => [expected.device, expected])));
    this.moved();
  }

  delete(room: RoomId): void {
    this.#rooms.delete(room);
    this.#linksOnly.delete(room);
    this.moved();
  }

  clear(): void {
    this.#rooms.clear();
    this.#linksOnly.clear();
    this.moved();
  }

  /** Others are there than before. */
  moved(): void {
    this.#near.clear();
  }

  all(): Set<DeviceId> {
    return new Set([...this.#rooms.values()].flatMap((devices) => [...devices.keys()]));
  }

  /** Other devices of the room. */
  in(room: RoomId): DeviceId[] {
    return [...(this.#rooms.get(room)?.keys() ?? [])];
  }

  has(room: RoomId, device: DeviceId): boolean {
    return this.#rooms.get(room)?.has(device) ?? false;
  }

  find(device: DeviceId): Expected | null {
    const room = this.common([device]);
    return room === null ? null : this.#rooms.get(room)!.get(device)!;
  }

  /** A room in which all of these are. */
  common(devices: DeviceId[]): RoomId | null {
    return [...this.#rooms].find(([, known]) => devices.every((device) => known.has(device)))?.[0] ?? null;
  }

  roomsOf(device: DeviceId): RoomId[] {
    return [...this.#rooms].filter(([, devices]) => devices.has(device)).map(([room]) => room);
  }

  /** By the server's word, in any room: who is away from one may be in another. */
  connected(device: DeviceId): boolean {
    return [...this.#rooms.values()].some((devices) => devices.get(device)?.online);
  }

  /** There, by the server's word or a member's, and near enough in a room. */
  wanted(device: DeviceId): boolean {
    return this.#there(device) && this.roomsOf(device).some((room) => this.#nearby(room).has(device));
  }

  /** It can be done without a link to it. */
  relayed(device: DeviceId): boolean {
    return !this.roomsOf(device).some((room) => this.#linksOnly.has(room));
  }

  /** There, but not near in any room. */
  far(device: DeviceId): boolean {
    return this.#there(device) && !this.wanted(device);
  }

  #there(device: DeviceId): boolean {
    return this.connected(device) || this.known(device);
  }

  #nearby(room: RoomId): { has: (device: DeviceId) => boolean } {
    const devices = this.#rooms.get(room)!;
    if (devices.size <= linksPerRoom || this.#linksOnly.has(room)) return devices;
    const known = this.#near.get(room);
    if (known) return known;
    const near = nearIn(
      this.own,
      [...devices.keys()].filter((device) => this.#there(device)),
    );
    this.#near.set(room, near);
    return near;
  }
}
