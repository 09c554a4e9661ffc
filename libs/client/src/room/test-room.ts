import { encodeParts, type DeviceId, type Eid, type ErrorCode, type ServerFrame } from '../../../protocol/src/index.ts';
import { Delivery } from '../delivery/delivery.ts';
import { MemoryLink } from '../delivery/memory-link.ts';
import type { Envelope } from '../delivery/link.ts';
import { Emitter } from '../emitter.ts';
import type { Device } from '../sealing/test-world.ts';
import type { TestServer } from '../sealing/test-server.ts';
import { MlsSealer } from '../sealing/mls-sealer.ts';
import { openMemoryStore } from '../storage/memory-store.ts';
import { HybridClock } from './clock.ts';
import type { Heard } from '../views/heard.ts';
import { People } from './people.ts';
import { Room } from './room.ts';

/** A relay for tests: carries nothing by itself, remembers the bytes, and answers as the story wants. */
export class TestRelay extends MemoryLink {
  readonly sent: { envelope: Envelope; recipients: DeviceId[] }[] = [];
  override carry(envelope: Envelope, recipients: DeviceId[]): void {
    super.carry(envelope, recipients);
    this.sent.push({ envelope, recipients });
  }
  acknowledgeCommit(): void {}
}

/**
 * One device's real room over its real sealer and a store in memory. What is fake: the server (frames are emitted by the story), the mesh
 * (reaches nobody), the relay (TestRelay). `restart` is a crash: only the disk is left.
 */
export class TestRoom {
  relay = new TestRelay();
  room!: Room;
  store!: ReturnType<typeof openMemoryStore>;
  people!: People;
  /** What the server would hand out of its log, by position. */
  readonly log = new Map<number, Uint8Array>();
  readonly frames: unknown[] = [];
  readonly trouble: unknown[] = [];
  tellsRead = true;
  readonly heard: Heard[] = [];
  readonly blocked = new Set<string>();
  socket = Object.assign(new Emitter<Record<string, never>>(), { online: true, send: (frame: unknown) => this.frames.push(frame) > 0 });

  constructor(
    readonly device: Device,
    readonly id: string,
    /** What stands in for the rest of the server, and for links between members. */
    private readonly parts: { rest?: object; mesh?: object; serverKey?: Uint8Array } = {},
  ) {
    this.restart();
  }

  restart(): void {
    this.room?.stop();
    this.relay = new TestRelay();
    this.store = openMemoryStore(this.device.disk);
    this.device.sealer = new MlsSealer(this.store);
    this.people = new People(this.store);
    const mesh = Object.assign(new MemoryLink(), {
      expect: () => undefined,
      forget: () => undefined,
      reach: () => 'relay',
      tell: () => false,
    });
    const session = {
      me: { user: this.device.identity.user, device: this.device.identity.device },
      store: this.store,
      sealer: this.device.sealer,
      clock: new HybridClock(() => Date.now()),
      people: this.people,
      socket: this.socket,
      relay: this.relay,
      delivery: new Delivery(mesh, this.relay, () => true),
      mesh: this.parts.mesh ?? mesh,
      files: { said: async () => undefined, heard: async () => undefined, gone: async () => undefined },
      rest: {
        ask: async () => undefined,
        bytes: async (path: string) => this.log.get(Number(path.split('/').at(-1)))!,
        ...this.parts.rest,
      },
      serverKey: () => this.parts.serverKey ?? new Uint8Array(32),
      heard: (event: Heard) => this.heard.push(event),
      hides: () => false,
      tellsRead: () => this.tellsRead,
      limitsOwnWords: true,
      blocks: (user: string) => this.blocked.has(user),
      enterPassword: async () => undefined,
      goPrivate: async () => undefined,
      broken: (error: unknown) => this.trouble.push(error),
    };
    this.room = new Room(session as never, this.id);
  }

  /** Everything asked of the room so far is done. */
  async idle(): Promise<void> {
    for (let i = 0; i < 3; i++) await this.room.cancel('nothing');
  }

  /** Says something and hands back its envelope. */
  async said(text: string): Promise<Envelope> {
    await this.room.say(text);
    await this.idle();
    return this.relay.sent.at(-1)!.envelope;
  }

  /** An envelope comes by relay; resolves with the eids that were acknowledged for it. */
  async gets({ ciphertext }: Envelope, from = 'somebody'): Promise<Eid[]> {
    const acknowledged: Eid[] = [];
    this.relay.emit('arrived', { room: this.id, ciphertext, via: 'relay', from, acknowledge: (eid) => acknowledged.push(eid) });
    await this.idle();
    return acknowledged;
  }

  /** The newest commit of the server comes. */
  async follows(server: TestServer): Promise<void> {
    const { bundle, signature, epoch } = server.log.at(-1)!;
    this.log.set(epoch, encodeParts([bundle.commit, signature]));
    this.hears({ type: 'committed', room: this.id, pos: epoch, generation: 0, epoch, as: 'commit' });
    await this.idle();
  }

  hears(frame: ServerFrame): void {
    this.socket.emit(frame.type, frame as never);
  }

  async refused(eid: Eid, devices: DeviceId[], code: ErrorCode): Promise<void> {
    this.relay.emit('refused', { eid, room: this.id, devices, code });
    await this.idle();
  }

  async texts(): Promise<string[]> {
    return (await this.items()).flatMap((item) => (item.type === 'message' ? [item.text] : []));
  }
  async notices(): Promise<string[]> {
    return (await this.items()).flatMap((item) => (item.type === 'notice' ? [item.notice.kind] : []));
  }
  async states() {
    return (await this.items()).flatMap((item) => (item.type === 'message' ? [item.state] : []));
  }
  async items() {
    await this.idle();
    await new Promise((resolve) => setTimeout(resolve, 5)); // the view is rebuilt at most once a turn
    return this.room.timeline.value.items;
  }
}
