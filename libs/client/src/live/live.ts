import { fromBase64url, type DeviceId, type RoomId, type UserId } from '../../../protocol/src/index.ts';
import type { TransferPlace } from '../archive/transfer.ts';
import { MutableCell } from '../cell.ts';
import { Delivery } from '../delivery/delivery.ts';
import { Directory } from '../directory.ts';
import type { Files } from '../files/files.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { Privacy } from '../privacy.ts';
import { PrivateMode } from '../private/private-mode.ts';
import { HybridClock } from '../room/clock.ts';
import type { Session } from '../room/context.ts';
import { People } from '../room/people.ts';
import type { Room } from '../room/room.ts';
import { localFinder } from '../search/finder.ts';
import { NotedStore } from '../search/noted-store.ts';
import { Search } from '../search/search.ts';
import { RelayLink } from '../server/relay-link.ts';
import { ServerSocket } from '../server/socket.ts';
import { StoreError, type Store } from '../storage/store.ts';
import type { Heard } from '../views/heard.ts';
import { Links } from './links.ts';
import type { LiveOptions } from './live-options.ts';
import { OpenRooms } from './open-rooms.ts';
import { ownFiles } from './own-files.ts';
import { countCopies } from './sums.ts';
import { Unattended } from './unattended.ts';
import { welcomed } from './welcome.ts';

/** The index is loaded when the rooms are on the screen. */
const searchAfterMs = 4_000;
const tendMs = 30 * 60_000;

/** One signed-in device at work: socket, mesh, delivery and its rooms, wired together. */
export class Live {
  readonly socket: ServerSocket;
  readonly directory: Directory;
  readonly private: PrivateMode;
  readonly files: Files;
  readonly search: Search;
  readonly heard = new MutableCell<Heard | null>(null);
  readonly #rooms: OpenRooms;
  readonly #session: Session;
  readonly #links: Links;
  readonly #unattended: Unattended;
  readonly #stops: (() => void)[] = [];

  constructor(private readonly options: LiveOptions) {
    const { platform, rest, notices, broken } = options;
    const store = new NotedStore(options.store);
    this.#unattended = new Unattended(broken);
    this.socket = new ServerSocket(rest, platform.openSocket);
    this.directory = new Directory(rest, this.socket);
    const relay = new RelayLink(this.socket); // hears the socket before what sends by it when a room is joined
    this.#rooms = new OpenRooms(() => this.#session, notices);
    this.#links = new Links(options, store, this.socket, (id) => this.#rooms.has(id));
    this.files = ownFiles(
      options,
      this.mesh,
      this.socket,
      (device) => this.nameOf(device),
      (close) => {
        this.#stops.push(close);
        if (this.#unattended.stopped) close();
      },
    );
    this.#session = this.#share(store, relay);
    this.private = this.#privateMode();
    this.search = this.#searching(store);
    this.#listen();
  }

  /** What the rooms share. */
  #share(store: Store, relay: RelayLink): Session {
    const { platform, rest, sealer, identity, site, blocks, status, enterPassword, broken } = this.options;
    return {
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
      blocks: (user) => blocks.has(user),
      enterPassword,
      heard: (event) => this.heard.set(event),
      hides: () => status.view.value.status === 'invisible',
      tellsRead: () => this.privacy.view.value.tellsRead,
      goPrivate: (room) => this.private.propose(room),
      broken,
    };
  }

  #privateMode(): PrivateMode {
    const { platform, identity } = this.options;
    return new PrivateMode(this.#session, {
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
  }

  #searching(store: NotedStore): Search {
    const { platform, identity, blocks, broken } = this.options;
    const about = {
      rooms: () => this.#rooms.names,
      people: () => this.people.all,
      nameOf: (user: UserId) => this.people.name(user),
      shunned: (user: UserId) => blocks.has(user),
      me: identity.user,
    };
    return new Search(store, platform.startFinder ?? localFinder, about, broken);
  }

  #listen(): void {
    const { platform, store, blocks, status, tend } = this.options;
    const { socket, files } = this;
    const [unattended, rooms, links, session] = [this.#unattended, this.#rooms, this.#links, this.#session];
    const { ice } = links;
    const run = (task: () => Promise<void>) => void unattended.run(task);
    // With the server away its worker may not be there to load: whoever asks tries again. What storage says still counts.
    const begin = setTimeout(() => run(() => this.search.start().catch(onlyStorage)), searchAfterMs);
    const timer = setInterval(() => {
      if (socket.online) run(() => ice.fetch());
      rooms.all.forEach((room) => room.tend());
      run(tend);
    }, tendMs);
    socket.on('welcome', (frame) => run(() => welcomed({ session, store, rooms, ice, files, blocks, tend, unattended }, frame)));
    socket.on('expelled', ({ room, reason }) => run(async () => rooms.get(room)?.expelled(reason)));
    socket.on('members', (frame) => rooms.membersChanged(frame));
    socket.on('expired', (frame) => run(() => rooms.expired(frame)));
    this.#stops.push(
      () => clearTimeout(begin),
      () => clearInterval(timer),
      blocks.users.subscribe(() => rooms.all.forEach((room) => room.blocksChanged())),
      status.attach(socket),
      countCopies(session.delivery, socket),
      platform.onWake((why) => links.wake(why)),
    );
  }

  /** Opens what is stored, so that rooms show before any network; then connects. */
  async start(): Promise<void> {
    const { platform, identity } = this.options;
    const working = () => !this.#unattended.stopped;
    await this.#links.load();
    await this.people.load();
    await this.#rooms.load(working);
    if (!working()) return;
    await this.files.start();
    const apart = await this.private.load();
    platform.apart.set(apart); // a crash may have come between the two
    if (apart) this.socket.leave();
    else if (working()) this.socket.start(identity.device);
  }

  stop(): void {
    this.#unattended.stopped = true;
    this.#stops.forEach((stop) => stop());
    this.private.stop();
    this.files.stop();
    this.search.stop();
    this.#rooms.stop();
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
      rooms: () => this.#rooms.names,
      people: () => this.people.all.map(({ user, name, username }) => ({ user, name, username })),
      nameOf: (user) => this.people.name(user),
      room: (id) => this.#rooms.get(id),
    };
  }
  get mesh(): Mesh {
    return this.#links.mesh;
  }
  get privacy(): Privacy {
    return this.#links.privacy;
  }
  get people(): People {
    return this.#session.people;
  }
  get lines() {
    return this.#rooms.lines;
  }
  room(id: RoomId): Room | undefined {
    return this.#rooms.get(id);
  }
  enter(id: RoomId): Room {
    return this.#rooms.enter(id);
  }
  nameOf(device: DeviceId): string {
    return this.#rooms.nameOf(device);
  }
  iceServers(): Promise<RTCIceServer[]> {
    return this.#links.ice.servers();
  }

  /** The epoch of a room's group as this device sees it, or null without one; for the connection doctor and for tests. */
  async epoch(room: RoomId): Promise<number | null> {
    return (await this.options.sealer.roster(room))?.epoch ?? null;
  }

  hideAddress(room: RoomId | null, on: boolean): Promise<void> {
    return this.#links.hideAddress(room, on);
  }
}

function onlyStorage(error: unknown): void {
  if (error instanceof StoreError) throw error;
}
