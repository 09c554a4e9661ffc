import { memoryDisk, type MemoryDisk } from '../../../libs/client/src/storage/memory-store.ts';
import { MlsSealer } from '../../../libs/client/src/sealing/mls-sealer.ts';
import type { Platform } from '../../../libs/client/src/platform.ts';
import type { RoomHandle } from '../../../libs/client/src/index.ts';
import type { AuthorRow, EntryRow, OutboxRow } from '../../../libs/client/src/room/rows.ts';
import { NodePerson, until } from '../../node-person.ts';
import type { Proxy } from '../net/proxy.ts';
import { FaultyStore } from './faulty-store.ts';
import { PeerNetwork } from './faulty-rtc.ts';

type House = { origin: string; setupToken: string | null };
const submission = 1;

/** One of the five: the real client core, on a disk, a clock, a network and a way to the server that we can spoil. */
export class Member {
  person: NodePerson;
  room!: RoomHandle;
  store!: FaultyStore;
  readonly disk: MemoryDisk = memoryDisk();
  readonly peers = new PeerNetwork();
  /** How far this device's clock is off. */
  clockOffMs = 0;
  /** Between a crash and the next start. */
  dead = false;
  /** Called when a submission has just left for the server. */
  onSubmitted: () => void = () => undefined;
  onReloaded: () => void = () => undefined;
  #remembered: string | null = null;
  #wake: (why: 'online' | 'visible') => void = () => undefined;

  constructor(
    readonly name: string,
    private readonly house: House,
    readonly proxy: Proxy,
    readonly direct: boolean,
  ) {
    this.person = this.#born();
  }

  get online(): boolean {
    return !this.dead && this.person.client.connection.value.state === 'online';
  }

  /** The network is back: as the browser's `online` event. */
  wake(): void {
    this.#wake('online');
  }

  async take(room: RoomHandle): Promise<void> {
    this.room = room;
    await until(room.view, ({ phase }) => phase === 'ready');
  }

  /** The process is gone: nothing of it is written, sent or heard any more. */
  crash(): void {
    this.dead = true;
    this.store.die();
    this.proxy.reset();
    this.peers.kill();
    this.person.stop();
  }

  /** Starts on what the disk holds; the server may be away. */
  async start(): Promise<void> {
    this.person = await this.person.reload();
    await until(this.person.client.session, ({ state }) => state === 'ready', 30_000);
    this.room = this.person.client.room(this.room.id);
    this.dead = false;
    this.onReloaded();
  }

  /** Own entries that were sealed, and that somebody has neither acknowledged nor holds for others. */
  underWay(): number {
    let count = 0;
    for (const row of this.#rows<OutboxRow>('outbox')) if (row.sealed && row.remaining.length > 0) count++;
    return count;
  }
  outboxSize(): number {
    return [...this.#rows('outbox')].length;
  }

  /** The stored timeline, oldest first: all of it, not only the window. */
  transcript(): EntryRow[] {
    const rows = this.disk.tables.get('messages')!;
    return [...rows.keys()].sort().map((key) => rows.get(key) as unknown as EntryRow);
  }
  get transcriptSize(): number {
    return this.disk.tables.get('messages')!.size;
  }
  /** What the window shows, oldest first. */
  shown(): string[] {
    return this.room.timeline.value.items.flatMap((item) => (item.type === 'message' ? [item.text] : []));
  }
  notices(): string[] {
    return [...this.#rows<{ notice: { kind: string } }>('notices')].map(({ notice }) => notice.kind);
  }
  /** Authors of whom this device believes that something is missing. */
  holes(): string[] {
    const rows = [...this.disk.tables.get('authors')!].filter(([key]) => key.startsWith(`${this.room.id}/h/`));
    return rows
      .map(([, row]) => row as unknown as AuthorRow)
      .flatMap(({ user, aseq, highest }) => (highest > aseq ? [`${user} ${aseq + 1}–${highest}`] : []));
  }
  knows(eid: string): boolean {
    return this.disk.tables.get('envelopes')!.has(`${this.room.id}/${eid}`);
  }

  *#rows<T>(table: 'outbox' | 'notices'): Iterable<T> {
    yield* this.disk.tables.get(table)!.values() as Iterable<T>;
  }

  #born(): NodePerson {
    return new NodePerson(this.house, this.name, this.disk, undefined, this.direct ? this.peers.rtc : null, (platform) =>
      this.#platform(platform),
    );
  }

  #platform(platform: Platform): Platform {
    return {
      ...platform,
      openSocket: (url) => this.#watched(platform.openSocket(url)),
      wall: () => Date.now() + this.clockOffMs,
      open: async () => {
        const store = new FaultyStore(this.disk);
        this.store = store;
        return { store, sealer: new MlsSealer(store), close: () => void store.close() };
      },
      remembered: { get: () => this.#remembered, set: (user) => (this.#remembered = user) },
      onWake: (listener) => {
        this.#wake = listener;
        return () => undefined;
      },
    };
  }

  #watched(socket: WebSocket): WebSocket {
    const send = socket.send.bind(socket);
    socket.send = (data) => {
      send(data);
      if (data instanceof Uint8Array && data[0] === submission) this.onSubmitted();
    };
    return socket;
  }
}
