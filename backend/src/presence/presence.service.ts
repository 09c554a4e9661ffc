import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import {
  timing,
  type DeviceId,
  type ErrorCode,
  type ExpelReason,
  type OnlineDevice,
  type OwnStatus,
  type RoomId,
  type ServerFrame,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import { appearance, isShown } from './appearance.ts';
import { encode, type Connection, type Encoded, type Speaker } from './connection.ts';

type Audience = { user: UserId } | { device: DeviceId } | { room: RoomId };

const RESTART_MS = 1_000;

/** Who is connected now: the only holder of sockets. */
@Injectable()
export class Presence implements BeforeApplicationShutdown {
  readonly #byDevice = new Map<DeviceId, Connection>();
  readonly #byUser = new Map<UserId, Set<Connection>>();
  readonly #byRoom = new Map<RoomId, Map<DeviceId, Connection>>();
  readonly #changes = new Map<RoomId, Map<DeviceId, UserId>>();
  /** Of whom others in the room know: whoever is invisible when they leave was never there. */
  readonly #shown = new Map<RoomId, Set<DeviceId>>();
  readonly #listeners: ((room: RoomId) => void)[] = [];
  readonly #deltas = setInterval(() => this.#tellDeltas(), timing.presenceDeltaMs);

  /** A connection whose ticket was accepted. One device has one live connection: an older one is told and closed. */
  admit(connection: Connection): void {
    const { device, user } = connection.speaker!;
    const older = this.#byDevice.get(device);
    if (older && older !== connection) {
      this.dismiss(older);
      older.bye('conflict', 'this device has connected again elsewhere');
    }
    this.#byDevice.set(device, connection);
    const ofUser = this.#byUser.get(user) ?? new Set();
    this.#byUser.set(user, ofUser.add(connection));
  }

  dismiss(connection: Connection): void {
    if (!connection.speaker) return;
    const { device, user } = connection.speaker;
    for (const room of [...connection.rooms]) this.leave(connection, room);
    if (this.#byDevice.get(device) === connection) this.#byDevice.delete(device);
    const ofUser = this.#byUser.get(user);
    ofUser?.delete(connection);
    if (ofUser?.size === 0) this.#byUser.delete(user);
  }

  join(connection: Connection, room: RoomId): void {
    const { device, user } = connection.speaker!;
    connection.rooms.add(room);
    const members = this.#byRoom.get(room) ?? new Map<DeviceId, Connection>();
    this.#byRoom.set(room, members.set(device, connection));
    this.#changed(room, device, user);
  }

  leave(connection: Connection, room: RoomId): void {
    if (!connection.rooms.delete(room)) return;
    const { device, user } = connection.speaker!;
    const members = this.#byRoom.get(room);
    if (members?.get(device) === connection) members.delete(device);
    if (members?.size === 0) this.#byRoom.delete(room);
    this.#changed(room, device, user);
  }

  /** Cuts a user's connections off from a room, at once. */
  expel(room: RoomId, user: UserId, reason: ExpelReason): void {
    for (const connection of this.#byUser.get(user) ?? []) {
      this.leave(connection, room);
      connection.tell({ type: 'expelled', room, reason });
    }
  }

  tell(audience: Audience, frame: ServerFrame): void {
    this.tellEncoded(audience, encode(frame));
  }

  /** To those connections of a user that have not joined this room. */
  tellOutside(room: RoomId, user: UserId, frame: ServerFrame): void {
    const encoded = encode(frame);
    for (const connection of this.connectionsOf(user)) if (!connection.rooms.has(room)) connection.tellEncoded(encoded);
  }

  tellEncoded(audience: Audience, encoded: Encoded): void {
    for (const connection of this.#of(audience)) connection.tellEncoded(encoded);
  }

  /** The connection of a device that has joined this room, if any. */
  inRoom(room: RoomId, device: DeviceId): Connection | undefined {
    return this.#byRoom.get(room)?.get(device);
  }

  connectionsIn(room: RoomId): Iterable<Connection> {
    return this.#byRoom.get(room)?.values() ?? [];
  }

  connectionsOf(user: UserId): Iterable<Connection> {
    return this.#byUser.get(user) ?? [];
  }

  countIn(room: RoomId): number {
    return this.#byRoom.get(room)?.size ?? 0;
  }

  /** As `viewer` may see it: their own devices always. */
  online(room: RoomId, viewer: UserId): OnlineDevice[] {
    return [...this.connectionsIn(room)]
      .filter((connection) => isShown(connection) || connection.speaker!.user === viewer)
      .map((connection) => appearance(connection));
  }

  /** What was chosen on one device holds on all of them. */
  setStatus(user: UserId, status: OwnStatus): void {
    for (const connection of this.connectionsOf(user)) {
      connection.status = status;
      connection.tell({ type: 'status', ...status });
      for (const room of connection.rooms) this.#changed(room, connection.speaker!.device, user);
    }
  }

  setIdle(connection: Connection, idle: boolean): void {
    if (connection.idle === idle) return;
    connection.idle = idle;
    const { device, user } = connection.speaker!;
    for (const room of connection.rooms) this.#changed(room, device, user);
  }

  isConnected(device: DeviceId): boolean {
    return this.#byDevice.has(device);
  }

  /** For the figures of operators. */
  onlineUsers(room: RoomId): number {
    return new Set([...this.connectionsIn(room)].map(({ speaker }) => speaker!.user)).size;
  }

  /** For everybody: without those who are invisible. */
  shownUsers(room: RoomId): number {
    return new Set([...this.connectionsIn(room)].filter(isShown).map(({ speaker }) => speaker!.user)).size;
  }

  /** Users, not devices; for the figures of operators. */
  get signedIn(): number {
    return this.#byUser.size;
  }

  /** For everybody: without those who are invisible. */
  get shownSignedIn(): number {
    return [...this.#byUser.values()].filter((connections) => [...connections].some(isShown)).length;
  }

  get sockets(): number {
    return this.#byDevice.size;
  }

  socketsOf(user: UserId): number {
    return this.#byUser.get(user)?.size ?? 0;
  }

  /** Whose sockets are here. */
  *speakers(): Iterable<Speaker> {
    for (const { speaker } of this.#byDevice.values()) if (speaker) yield speaker;
  }

  watchers(): Connection[] {
    return [...this.#byDevice.values()].filter((connection) => connection.watchesDirectory);
  }

  endSessions(user: UserId, sessions: ReadonlySet<string>): void {
    for (const connection of [...(this.#byUser.get(user) ?? [])]) {
      if (sessions.has(connection.speaker!.session)) this.#end(connection, 'session-ended', 'you were signed out');
    }
  }

  endDevices(devices: DeviceId[]): void {
    for (const device of devices) {
      const connection = this.#byDevice.get(device);
      if (connection) this.#end(connection, 'session-ended', 'this device was removed');
    }
  }

  /** Calls back whenever somebody joins or leaves a room's live delivery. */
  onChange(listener: (room: RoomId) => void): void {
    this.#listeners.push(listener);
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.#deltas);
    for (const connection of [...this.#byDevice.values()]) connection.bye('not-ready', 'the server restarts', RESTART_MS, 1012);
  }

  #end(connection: Connection, code: ErrorCode, text: string): void {
    this.dismiss(connection);
    connection.bye(code, text);
  }

  #of(audience: Audience): Iterable<Connection> {
    if ('room' in audience) return this.connectionsIn(audience.room);
    if ('user' in audience) return this.connectionsOf(audience.user);
    const connection = this.#byDevice.get(audience.device);
    return connection ? [connection] : [];
  }

  #changed(room: RoomId, device: DeviceId, user: UserId): void {
    const devices = this.#changes.get(room) ?? new Map<DeviceId, UserId>();
    this.#changes.set(room, devices.set(device, user));
    const connection = this.inRoom(room, device);
    // From now on somebody who joins sees it: so it must be told when it goes, even before the next delta.
    if (connection && isShown(connection)) this.#shown.set(room, (this.#shown.get(room) ?? new Set()).add(device));
    for (const listener of this.#listeners) listener(room);
  }

  /** Collected, since a broadcast for each of a thousand arrivals costs eight times as much. */
  #tellDeltas(): void {
    for (const [room, devices] of this.#changes) this.#tellDelta(room, devices);
    this.#changes.clear();
  }

  #tellDelta(room: RoomId, devices: Map<DeviceId, UserId>): void {
    const shown = this.#shown.get(room);
    const online: OnlineDevice[] = [];
    const offline: DeviceId[] = [];
    for (const [device, user] of devices) {
      const connection = this.inRoom(room, device);
      if (connection && isShown(connection)) online.push(appearance(connection));
      else {
        if (shown?.delete(device)) offline.push(device);
        this.#tellOwn(room, user, connection ? { online: [appearance(connection)], offline: [] } : { online: [], offline: [device] });
      }
    }
    if (shown?.size === 0) this.#shown.delete(room);
    if (online.length > 0 || offline.length > 0) this.tell({ room }, { type: 'presence', room, online, offline });
  }

  /** One's own devices find each other whatever others see: history passes between them (E2E8). After what everybody is told. */
  #tellOwn(room: RoomId, user: UserId, { online, offline }: { online: OnlineDevice[]; offline: DeviceId[] }): void {
    const own = [...this.connectionsOf(user)].filter(({ rooms }) => rooms.has(room));
    setImmediate(() => own.forEach((connection) => connection.tell({ type: 'presence', room, online, offline })));
  }
}
