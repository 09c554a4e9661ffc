import {
  ConclaveError,
  fromBase64url,
  IceServers,
  KeyPackageCount,
  limits,
  toBase64url,
  type DeviceId,
  type FileStorage,
  type RoomId,
  type ServerFrame,
  type UserId,
} from '../../protocol/src/index.ts';
import type { TransferPlace } from './archive/transfer.ts';
import type { Blocks } from './site/blocks.ts';
import { MutableCell } from './cell.ts';
import { Files } from './files/files.ts';
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
import { localFinder } from './search/finder.ts';
import { NotedStore } from './search/noted-store.ts';
import { Search } from './search/search.ts';
import type { Identity, Sealer } from './sealing/sealer.ts';
import type { RestClient } from './server/rest-client.ts';
import { RelayLink } from './server/relay-link.ts';
import { ServerSignaler } from './server/server-signaler.ts';
import { ServerSocket } from './server/socket.ts';
import { StoreError, type Store } from './storage/store.ts';
import type { NoticeSettings } from './site/notice-settings.ts';
import type { OwnStatusBoard } from './site/own-status.ts';
import type { Heard } from './views/heard.ts';
import type { RoomLine } from './views/room-list.ts';

type SiteRow = { serverKey: string; relay: boolean; files?: FileStorage | null };
export type LiveOptions = {
  platform: Platform;
  rest: RestClient;
  store: Store;
  sealer: Sealer;
  identity: Identity;
  site: SiteRow;
  blocks: Blocks;
  status: OwnStatusBoard;
  notices: NoticeSettings;
  enterPassword: (room: RoomId, password: string) => Promise<void>;
  /** Once the server is reached, and from time to time after that. */
  tend: () => Promise<void>;
  broken: (error: unknown) => void;
};

/** The index is loaded when the rooms are on the screen. */
const searchAfterMs = 4_000;
const iceRefreshMs = 30 * 60_000;
/** How often the sums for the operators' plots are handed in (MOD4). */
const sumsMs = 60_000;
const lastResortMarginMs = 69 * 86_400_000; // renewed after 21 of 90 days

/** One signed-in device at work: socket, mesh, delivery and its rooms, wired together. */
export class Live {
  readonly socket: ServerSocket;
  readonly directory: Directory;
  readonly mesh: Mesh;
  readonly privacy: Privacy;
  readonly private: PrivateMode;
  readonly files: Files;
  readonly search: Search;
  readonly heard = new MutableCell<Heard | null>(null);
  readonly lines = new MutableCell<RoomLine[]>([]);
  readonly #rooms = new Map<RoomId, Room>();
  readonly #session: Session;
  readonly #stops: (() => void)[] = [];
  #ice: RTCConfiguration = { iceServers: [] };
  #stopped = false;

  constructor(private readonly options: LiveOptions) {
    const { platform, rest, sealer, identity, site, broken } = options;
    const store = new NotedStore(options.store);
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
    this.files = this.#files();
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
      files: this.files,
      serverKey: () => fromBase64url(site.serverKey),
      limitsOwnWords: platform.limitsOwnWords ?? true,
      blocks: (user) => options.blocks.has(user),
      enterPassword: options.enterPassword,
      heard: (event) => this.heard.set(event),
      hides: () => options.status.view.value.status === 'invisible',
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
    this.search = new Search(
      store,
      platform.startFinder ?? localFinder,
      {
        rooms: () => [...this.#rooms.values()].map(({ id, line }) => ({ id, name: line.value.name })),
        people: () => this.people.all,
        nameOf: (user) => this.people.name(user),
        shunned: (user) => options.blocks.has(user),
        me: identity.user,
      },
      broken,
    );
    // With the server away its worker may not be there to load: whoever asks tries again. What storage says still counts.
    const begin = setTimeout(() => void this.#try(() => this.search.start().catch(onlyStorage)), searchAfterMs);
    this.#stops.push(() => clearTimeout(begin));
    this.socket.on('welcome', (frame) => void this.#try(() => this.#welcomed(frame)));
    this.socket.on('expelled', ({ room, reason }) => void this.#try(async () => this.#rooms.get(room)?.expelled(reason)));
    // A membership that began elsewhere: on another device of this account, or by an invitation.
    this.socket.on('members', ({ room, joined }) => {
      const known = this.#rooms.get(room)?.view.value.phase;
      if ((known === undefined || known === 'left') && joined.some(({ id }) => id === identity.user)) this.enter(room);
    });
    this.#stops.push(options.blocks.users.subscribe(() => this.#rooms.forEach((room) => room.blocksChanged())));
    this.#stops.push(options.status.attach(this.socket));
    this.#stops.push(options.notices.view.subscribe(() => this.#showLines()));
    this.#count();
    this.socket.on('expired', ({ notices }) => void this.#try(() => this.#expired(notices)));
    this.#stops.push(platform.onWake((why) => this.#wake(why)));
    const timer = setInterval(() => {
      if (this.socket.online) void this.#try(() => this.#fetchIce());
      this.#rooms.forEach((room) => room.tend());
      void this.#try(() => options.tend());
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
    await this.files.start();
    const apart = await this.private.load();
    this.options.platform.apart.set(apart); // a crash may have come between the two
    if (apart) this.socket.leave();
    else if (!this.#stopped) this.socket.start(this.options.identity.device);
  }

  stop(): void {
    this.#stopped = true;
    this.#stops.forEach((stop) => stop());
    this.private.stop();
    this.files.stop();
    this.search.stop();
    this.#rooms.forEach((room) => room.stop());
    this.#session.delivery.stop();
    this.mesh.stop();
    this.socket.stop();
  }

  /** This device and its account, as others see it. */
  get own(): { user: UserId; device: DeviceId; accountKey: Uint8Array; sign: (bytes: Uint8Array) => Promise<Uint8Array> } {
    const { identity, sealer } = this.options;
    const { user, device, accountKey } = identity;
    return { user, device, accountKey, sign: (bytes) => sealer.sign(bytes) };
  }
  /** What an archive is made of, and taken into. */
  get archive(): TransferPlace {
    return {
      store: this.#session.store,
      own: this.options.identity,
      rooms: () => [...this.#rooms.values()].map(({ id, line }) => ({ id, name: line.value.name })),
      people: () => this.people.all.map(({ user, name, username }) => ({ user, name, username })),
      nameOf: (user) => this.people.name(user),
      room: (id) => this.#rooms.get(id),
    };
  }
  get people(): People {
    return this.#session.people;
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
      open
        .map((room) => ({ ...room.line.value, level: this.options.notices.levelOf(room.id) }))
        .sort((a, b) => (b.last?.at ?? 0) - (a.last?.at ?? 0) || a.name.localeCompare(b.name)),
    );
  }

  async #welcomed(frame: Extract<ServerFrame, { type: 'welcome' }>): Promise<void> {
    this.#session.clock.correct(frame.time);
    const mine = new Set(frame.rooms);
    // As of now: a room that is joined while this goes on was not among them yet.
    const lost = [...this.#rooms].filter(([id, room]) => !mine.has(id) && room.view.value.phase !== 'left');
    await this.#try(() => this.#fetchIce()); // before the first offer is made
    if (this.#stopped) return;
    for (const id of mine) this.enter(id);
    this.files.serverBack();
    await this.#try(() => this.options.blocks.refresh());
    await this.#meetServer(frame.incarnation);
    for (const [, room] of lost) await room.expelled('removed');
    await this.#try(() => this.#refillKeyPackages());
    void this.#try(() => this.options.tend());
  }

  /** Opened at the first need, and closed with this device's work. */
  #files(): Files {
    const { platform, rest, store, identity, site, broken } = this.options;
    const { files } = platform;
    const open = async () => {
      const tools = await files!.open(identity.user);
      this.#stops.push(tools.close);
      if (this.#stopped) tools.close();
      return tools;
    };
    return new Files({
      me: identity.user,
      store,
      mesh: this.mesh,
      rest,
      open: files ? open : null,
      online: () => this.socket.online,
      limits: () => site.files ?? null,
      nameOf: (device) => this.nameOf(device),
      broken,
    });
  }

  /** How many copies went directly, and how many by the relay: sums only, of all rooms, for the operators' plots. */
  #count(): void {
    let direct = 0;
    let relayed = 0;
    this.#stops.push(
      this.#session.delivery.on('acknowledged', ({ devices }) => (direct += devices.length)),
      this.#session.delivery.on('held', ({ devices }) => (relayed += devices.length)),
    );
    const timer = setInterval(() => {
      if (
        direct + relayed === 0 ||
        !this.socket.send({ type: 'sums', direct: Math.min(direct, 100_000), relayed: Math.min(relayed, 100_000) })
      )
        return;
      direct = relayed = 0;
    }, sumsMs);
    this.#stops.push(() => clearInterval(timer));
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

function onlyStorage(error: unknown): void {
  if (error instanceof StoreError) throw error;
}
