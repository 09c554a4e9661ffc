import { Conclave } from '../libs/client/src/conclave.ts';
import { memoryPlace, type MemoryFiles } from '../libs/client/src/files/memory-place.ts';
import { asItIs } from '../libs/client/src/files/prepare.ts';
import { FileVault } from '../libs/client/src/files/vault.ts';
import type { Platform } from '../libs/client/src/platform.ts';
import { NodePeerConnection } from '../libs/client/src/mesh/node-rtc.ts';
import { MlsSealer } from '../libs/client/src/sealing/mls-sealer.ts';
import { memoryDisk, openMemoryStore } from '../libs/client/src/storage/memory-store.ts';
import type { Cell } from '../libs/client/src/cell.ts';
import type { RoomHandle, TimelineItem } from '../libs/client/src/index.ts';
import type { TestServer } from './server.ts';

type Message = Extract<TimelineItem, { type: 'message' }>;

/** The real client core in Node: real sealer, real socket, memory for a disk. Without `rtc` everything goes by the relay. */
export class NodePerson {
  readonly client: Conclave;
  /** Binary frames that came over the socket. */
  readonly heard: Uint8Array[] = [];
  /** Sealed files that this "browser" keeps, over reloads. */
  files: MemoryFiles = new Map();
  readonly #cookies: Map<string, string>;
  #user: string | null = null;
  #apart = false;

  constructor(
    private readonly server: Pick<TestServer, 'origin' | 'setupToken'>,
    readonly name: string,
    /** What this "browser" stores, over reloads. */
    readonly disk = memoryDisk(),
    cookies: ReadonlyMap<string, string> = new Map(),
    private readonly rtc: typeof RTCPeerConnection | null = null,
    /** Last word on what the client runs on: faults, clocks. */
    private readonly adjust: (platform: Platform) => Platform = (platform) => platform,
  ) {
    this.#cookies = new Map(cookies);
    this.client = new Conclave(this.adjust(this.#platform()));
  }

  get password(): string {
    return `violet kettles over the ${this.name} marsh`;
  }

  /** One with WebRTC. */
  static direct(server: TestServer, name: string): NodePerson {
    return new NodePerson(server, name, undefined, undefined, NodePeerConnection);
  }

  get device(): string {
    const session = this.client.session.value;
    if (session.state !== 'ready') throw new Error(`${this.name} is ${session.state}`);
    return session.device;
  }

  /** Reload: the page is gone, the disk is not. */
  async reload(): Promise<NodePerson> {
    this.stop();
    const again = new NodePerson(this.server, this.name, this.disk, this.#cookies, this.rtc, this.adjust);
    again.#user = this.#user;
    again.files = this.files;
    again.#apart = this.#apart;
    await again.client.start();
    return again;
  }

  stop(): void {
    this.client.live?.stop();
  }

  async setUp(room: string): Promise<void> {
    await this.client.start();
    const token = this.server.setupToken!;
    await this.client.doors.setup({ token, username: this.name, displayName: this.name, password: this.password, rooms: [room] });
    await this.ready();
  }

  async register(invite: string): Promise<void> {
    await this.client.start();
    await this.client.doors.register({ invite, username: this.name, displayName: this.name, password: this.password });
    await this.ready();
  }

  async ready(): Promise<void> {
    await until(this.client.session, ({ state }) => state === 'ready');
    await until(this.client.connection, ({ state }) => state === 'online');
  }

  /** Joins a room of the directory by name, or opens one's own; resolves when words can be sealed. */
  async enter(name: string): Promise<RoomHandle> {
    this.client.watchDirectory(true);
    const directory = await until(this.client.directory, ({ rooms }) => rooms.some((room) => room.name === name));
    const { id } = directory.rooms.find((room) => room.name === name)!;
    if (!directory.mine.has(id)) await this.client.joinRoom(id);
    await until(this.client.rooms, (rooms) => rooms.some((room) => room.id === id));
    const room = this.client.room(id);
    await until(room.view, ({ phase }) => phase === 'ready');
    return room;
  }

  #platform(): Platform {
    return {
      origin: this.server.origin,
      fetch: (input, init) => this.#fetch(input as string, init),
      openSocket: (url) => {
        const socket = new WebSocket(url, { headers: { origin: this.server.origin } } as never);
        socket.addEventListener('message', ({ data }) => typeof data !== 'string' && this.heard.push(new Uint8Array(data as ArrayBuffer)));
        return socket;
      },
      rtc: this.rtc,
      missing: () => [],
      deviceName: () => 'Node',
      open: async () => {
        const store = openMemoryStore(this.disk);
        return { store, sealer: new MlsSealer(store), close: () => void store.close() };
      },
      files: {
        open: async () => ({ vault: new FileVault(memoryPlace(this.files)), prepare: asItIs, close: () => undefined }),
        destroy: async () => this.files.clear(),
      },
      remembered: { get: () => this.#user, set: (user) => (this.#user = user) },
      apart: { get: () => this.#apart, set: (apart) => (this.#apart = apart) },
      ownership: { take: async () => true, release: () => undefined, onLost: () => undefined },
      visible: () => true,
      limitsOwnWords: false,
      onWake: () => () => undefined,
    };
  }

  async #fetch(url: string, init?: RequestInit): Promise<Response> {
    const headers = new Headers(init?.headers);
    if (this.#cookies.size) headers.set('cookie', [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    headers.set('origin', this.server.origin);
    const response = await fetch(url, { ...init, headers });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.#cookies.set(name, value);
    }
    return response;
  }
}

/** Waits until the cell's value fits; rejects after a minute, by which a slow machine has long been done, with what it was last. */
export function until<T>(cell: Cell<T>, fits: (value: T) => boolean, ms = 60_000): Promise<T> {
  return new Promise((resolve, reject) => {
    let stop: () => void = () => undefined;
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`not within ${ms} ms; last: ${JSON.stringify(cell.value, null, 1).slice(-4_000)}`));
    }, ms);
    stop = cell.subscribe((value) => {
      if (!fits(value)) return;
      clearTimeout(timer);
      queueMicrotask(() => stop());
      resolve(value);
    });
  });
}

export function messagesOf(room: RoomHandle): Message[] {
  return room.timeline.value.items.filter((item): item is Message => item.type === 'message');
}
export function textsOf(room: RoomHandle): string[] {
  return messagesOf(room).map(({ text }) => text);
}
/** Waits until exactly these texts stand in the room, in this order. */
export async function shows(room: RoomHandle, texts: string[], ms?: number): Promise<void> {
  const fits = () => JSON.stringify(textsOf(room)) === JSON.stringify(texts);
  await until(room.timeline, fits, ms);
}
