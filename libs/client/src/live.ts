import {
  ConclaveError,
  fromBase64url,
  IceServers,
  KeyPackageCount,
  limits,
  toBase64url,
  type DeviceId,
  type RoomId,
  type ServerFrame,
} from '../../protocol/src/index.ts';
import { MutableCell } from './cell.ts';
import { Delivery } from './delivery/delivery.ts';
import { Directory } from './directory.ts';
import { Mesh } from './mesh/mesh.ts';
import { PrivateMode } from './private/private-mode.ts';
import type { Platform } from './platform.ts';
import { Privacy } from './privacy.ts';
import { HybridClock } from './room/clock.ts';
import type { Session } from './room/context.ts';
import { People } from './room/people.ts';
import { Room } from './room/room.ts';
import type { RoomRow } from './room/rows.ts';
import type { Identity, Sealer } from './sealing/sealer.ts';
import type { RestClient } from './server/rest-client.ts';
import { RelayLink } from './server/relay-link.ts';
import { ServerSignaler } from './server/server-signaler.ts';
import { ServerSocket } from './server/socket.ts';
import type { Store } from './storage/store.ts';
import type { RoomLine } from './views.ts';

type SiteRow = { serverKey: string; relay: boolean };
export type LiveOptions = {
  platform: Platform;
  rest: RestClient;
  store: Store;
  sealer: Sealer;
  identity: Identity;
  site: SiteRow;
  broken: (error: unknown) => void;
};

const iceRefreshMs = 30 * 60_000;
const lastResortMarginMs = 69 * 86_400_000; // renewed after 21 of 90 days

/** One signed-in device at work: socket, mesh, delivery and its rooms, wired together. */
export class Live {
  readonly socket: ServerSocket;
  readonly directory: Directory;
  readonly mesh: Mesh;
  readonly privacy: Privacy;
  readonly private: PrivateMode;
  readonly lines = new MutableCell<RoomLine[]>([]);
  readonly #rooms = new Map<RoomId, Room>();
  readonly #session: Session;
  readonly #stops: (() => void)[] = [];
  #ice: RTCConfiguration = { iceServers: [] };
  #stopped = false;

  constructor(private readonly options: LiveOptions) {
    const { platform, rest, store, sealer, identity, site, broken } = options;
    this.socket = new ServerSocket(rest, platform.openSocket);
    this.directory = new Directory(rest, this.socket);
    const relay = new RelayLink(this.socket);
    this.privacy = new Privacy(store);
    this.mesh = new Mesh({
      rtc: platform.rtc,
      configuration: (shared) => this.#configuration(shared),
      own: { device: identity.device, sign: (bytes) => sealer.sign(bytes) },
      signaler: new ServerSignaler(this.socket),
      visible: platform.visible,
    });
    this.#session = {
      me: { user: identity.user, device: identity.device },
      store,
      sealer,
      clock: new HybridClock(platform.wall),
      people: new People(store),
      rest,
      socket: this.socket,
      relay,
      delivery: new Delivery(this.mesh, relay, () => site.relay),
      mesh: this.mesh,
      serverKey: () => fromBase64url(site.serverKey),
      tellsRead: () => this.privacy.view.value.tellsRead,
      goPrivate: (room) => this.private.propose(room),
      broken,
    };
    this.private = new PrivateMode(this.#session, {
      room: (id) => this.#rooms.get(id),
      leaveServer: () => {
        platform.apart.set(true);
        this.socket.leave();
      },
      comeBack: () => {
        platform.apart.set(false);
        this.socket.start(identity.device);
      },
    });
    this.socket.on('welcome', (frame) => void this.#try(() => this.#welcomed(frame)));
    this.socket.on('expelled', ({ room, reason }) => void this.#try(async () => this.#rooms.get(room)?.expelled(reason)));
    // A membership that began elsewhere: on another device of this account, or by an invitation.
    this.socket.on('members', ({ room, joined }) => {
      const known = this.#rooms.get(room)?.view.value.phase;
      if ((known === undefined || known === 'left') && joined.some(({ id }) => id === identity.user)) this.enter(room);
    });
    this.socket.on('expired', ({ notices }) => void this.#try(() => this.#expired(notices)));
    this.#stops.push(platform.onWake((why) => this.#wake(why)));
    const timer = setInterval(() => {
      if (this.socket.online) void this.#try(() => this.#fetchIce());
      this.#rooms.forEach((room) => room.tend());
    }, iceRefreshMs);
    this.#stops.push(() => clearInterval(timer));
  }

  /** Opens what is stored, so that rooms show before any network; then connects. */
  async start(): Promise<void> {
    await this.privacy.load(); // before anything is connected
    this.#ice = (await this.options.store.get<IceServers>('meta', 'ice')) ?? this.#ice;
    await this.#session.people.load();
    const rooms = await this.options.store.range<RoomRow>('rooms', { prefix: '' });
    if (this.#stopped) return;
    for (const { key, value } of rooms) if (!value.left) this.#open(key);
    if (await this.private.load()) this.socket.leave();
    else if (!this.#stopped) this.socket.start(this.options.identity.device);
  }

  stop(): void {
    this.#stopped = true;
    this.#stops.forEach((stop) => stop());
    this.private.stop();
    this.#rooms.forEach((room) => room.stop());
    this.#session.delivery.stop();
    this.mesh.stop();
    this.socket.stop();
  }

  room(id: RoomId): Room | undefined {
    return this.#rooms.get(id);
  }

  /** Shows this device's address to members of a room, or of all (null), or no more; links are made anew at once (MESH10). */
  async hideAddress(room: RoomId | null, on: boolean): Promise<void> {
    await this.privacy.hide(room, on);
    this.mesh.refresh();
  }

  /** As the site names them now, or, when it cannot be asked, as it did last. */
  async iceServers(): Promise<RTCIceServer[]> {
    await this.#fetchIce().catch((error: unknown) => {
      if (!(error instanceof ConclaveError)) throw error;
    });
    return this.#ice.iceServers ?? [];
  }

  /** The epoch of a room's group as this device sees it, or null without one; for the connection doctor and for tests. */
  async epoch(room: RoomId): Promise<number | null> {
    return (await this.options.sealer.roster(room))?.epoch ?? null;
  }

  /** Who holds this device, as the rooms know it. */
  nameOf(device: DeviceId): string {
    const members = [...this.#rooms.values()].flatMap((room) => room.roster.value.members);
    return members.find(({ devices }) => devices.some((each) => each.device === device))?.name ?? 'a member';
  }

  /** A membership of this account: opens the room and takes part. */
  enter(id: RoomId): Room {
    const room = this.#rooms.get(id) ?? this.#open(id);
    this.socket.send({ type: 'join', room: id });
    return room;
  }

  #open(id: RoomId): Room {
    const room = new Room(this.#session, id);
    this.#rooms.set(id, room);
    this.#stops.push(room.line.subscribe(() => this.#showLines()));
    this.#stops.push(room.view.subscribe(() => this.#showLines()));
    return room;
  }

  #showLines(): void {
    const open = [...this.#rooms.values()].filter((room) => room.view.value.phase !== 'left');
    this.lines.set(
      open.map((room) => room.line.value).sort((a, b) => (b.last?.at ?? 0) - (a.last?.at ?? 0) || a.name.localeCompare(b.name)),
    );
  }

  async #welcomed(frame: Extract<ServerFrame, { type: 'welcome' }>): Promise<void> {
    this.#session.clock.correct(frame.time);
    await this.#try(() => this.#fetchIce()); // before the first offer is made
    if (this.#stopped) return;
    const mine = new Set(frame.rooms);
    for (const id of mine) this.enter(id);
    await this.#meetServer(frame.incarnation);
    for (const [id, room] of this.#rooms) if (!mine.has(id) && room.view.value.phase !== 'left') await room.expelled('removed');
    await this.#try(() => this.#refillKeyPackages());
  }

  #configuration(shared: RoomId[]): RTCConfiguration | null {
    const configuration = this.options.platform.rtcConfiguration?.(this.#ice) ?? this.#ice;
    // A private conversation has an id of its own: it shows as much as the room it branched from.
    const rooms = shared.filter((room) => this.#rooms.has(room));
    return this.privacy.configure(rooms, configuration);
  }

  /** Each start of the server is another incarnation: it may have come back from an older backup (delivery.md D11). */
  async #meetServer(incarnation: string): Promise<void> {
    const { store } = this.options;
    if ((await store.get<string>('meta', 'incarnation')) === incarnation) return;
    for (const room of this.#rooms.values()) await room.serverChanged();
    await store.write([{ table: 'meta', key: 'incarnation', value: incarnation }]);
  }

  async #fetchIce(): Promise<void> {
    const ice = await this.options.rest.as('GET', '/api/ice', IceServers);
    this.#ice = ice;
    await this.options.store.write([{ table: 'meta', key: 'ice', value: ice }]); // STUN may answer when the server does not (P-26)
    this.mesh.refresh(); // a TURN server may make possible what the privacy switch forbade
  }

  async #refillKeyPackages(): Promise<void> {
    const { rest, sealer, identity } = this.options;
    const path = `/api/me/devices/${identity.device}/key-packages`;
    const { oneTime, lastResortExpiresAt } = await rest.as('GET', path, KeyPackageCount);
    const renew = lastResortExpiresAt === null || lastResortExpiresAt - Date.now() < lastResortMarginMs;
    if (oneTime >= limits.keyPackagesRefillBelow && !renew) return;
    const { packages, lastResort } = await sealer.keyPackages(limits.keyPackagesPerDevice - oneTime, renew);
    await rest.ask('POST', path, {
      json: { packages: packages.map(toBase64url), ...(lastResort ? { lastResort: toBase64url(lastResort) } : {}) },
    });
  }

  async #expired(notices: { id: number; room: RoomId; eid: string; devices: string[] }[]): Promise<void> {
    for (const { room, eid, devices } of notices) await this.#rooms.get(room)?.expired(eid, devices);
    for (let i = 0; i < notices.length; i += limits.acksPerFrame)
      this.socket.send({ type: 'acknowledgeExpired', notices: notices.slice(i, i + limits.acksPerFrame).map(({ id }) => id) });
  }

  /** Nobody waits for it: a failure is told, unless this device has stopped working meanwhile. */
  async #try(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (!this.#stopped) this.options.broken(error);
    }
  }

  /** The socket first, then the links (mesh.md, noticing). */
  #wake(why: 'online' | 'visible'): void {
    this.socket.retry(why === 'online' ? 'changed' : 'same');
    if (why === 'online') this.mesh.resume();
    else this.mesh.wake();
  }
}
