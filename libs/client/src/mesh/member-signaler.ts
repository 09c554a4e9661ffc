import { limits, type DeviceId, type LinkMessage, type RoomId } from '../../../protocol/src/index.ts';
import { Emitter } from '../emitter.ts';
import { Budget } from './budget.ts';
import type { Signaler, SignalerEvents } from './signaler.ts';

/** What the signaler needs of the links this device has. */
export type Links = {
  /** Devices with a link that can carry now. */
  linked: () => DeviceId[];
  /** False when it cannot leave now. */
  send: (device: DeviceId, message: LinkMessage) => boolean;
  /** A room in which all of these are, and this device. */
  roomOf: (...devices: DeviceId[]) => RoomId | null;
  /** The server says that the device is connected to it. */
  connected: (device: DeviceId) => boolean;
};
export type ThroughMembers = Extract<LinkMessage, { type: 'signal' | 'neighbours' }>;
/** A device with a link: whom it is linked to by its own word, and a newer word that waits for its turn. */
type Near = { devices: ReadonlySet<DeviceId>; next: DeviceId[] | null; timer: ReturnType<typeof setTimeout> | null; signals: Budget };

const tellMs = 100;
const tellAgainMs = 1_000;
/** Lists of one link are taken no more often; the last one always is. */
const listEveryMs = 500;
/** Per link: a member that re-forms its links to a full room at once stays below, one that floods does not get through. */
const signalBurst = 400;
const signalsPerSecond = 40;

/**
 * Signals through the server where both ends are connected to it, else through any member with a link to both, one hop (P-25). Whoever
 * carries a signal is trusted with nothing: the ends prove themselves to each other (D14). Members tell each other whom they are linked
 * to, as far as the other shares a room with those; that is how a device is known to be there when no server can tell.
 */
export class MemberSignaler extends Emitter<SignalerEvents> implements Signaler {
  readonly #near = new Map<DeviceId, Near>();
  readonly #told = new Map<DeviceId, string>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly own: DeviceId,
    private readonly server: Signaler,
    private readonly links: Links,
    private readonly now: () => number = Date.now,
  ) {
    super();
    server.on('signal', (signal) => this.emit('signal', signal));
    server.on('ready', () => this.emit('ready', null));
  }

  signal(room: RoomId, to: DeviceId, data: string): boolean {
    const there = this.links.connected(to);
    if (there && this.server.signal(room, to, data)) return true;
    const message = { type: 'signal', from: this.own, to, data } as const;
    for (const [device, { devices }] of this.#near) if (devices.has(to) && this.links.send(device, message)) return true;
    return !there && this.server.signal(room, to, data); // presence may be behind
  }

  /** Some member has a link to this device. */
  knows(device: DeviceId): boolean {
    return [...this.#near.values()].some(({ devices }) => devices.has(device));
  }

  /** To be called when a link has opened or closed, or a room's devices have changed. */
  linksChanged(): void {
    const linked = new Set(this.links.linked());
    for (const device of this.#near.keys()) if (!linked.has(device)) this.#forget(device);
    for (const device of this.#told.keys()) if (!linked.has(device)) this.#told.delete(device);
    this.#tellSoon(tellMs);
  }

  /** What came over the link to `link`. */
  heard(link: DeviceId, message: ThroughMembers): void {
    const near = this.#nearOf(link);
    if (message.type === 'neighbours') {
      near.next = message.devices;
      if (!near.timer) this.#take(near);
    } else if (near.signals.take()) this.#pass(link, message);
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    for (const device of this.#near.keys()) this.#forget(device);
    this.#told.clear();
  }

  #take(near: Near): void {
    const devices = near.next;
    near.timer = null;
    near.next = null;
    if (!devices) return;
    near.timer = setTimeout(() => this.#take(near), listEveryMs);
    const news = devices.some((device) => device !== this.own && !this.knows(device));
    near.devices = new Set(devices.filter((device) => device !== this.own));
    if (news) this.emit('ready', null);
  }

  /** Carries only what the link's own device says, and only within a room that all three share. */
  #pass(link: DeviceId, { from, to, data }: Extract<LinkMessage, { type: 'signal' }>): void {
    if (to === this.own) {
      const room = from === this.own ? null : this.links.roomOf(from);
      if (room) this.emit('signal', { room, from, data });
    } else if (from === link && to !== link && this.links.roomOf(from, to)) this.links.send(to, { type: 'signal', from, to, data });
  }

  #nearOf(link: DeviceId): Near {
    const known = this.#near.get(link);
    if (known) return known;
    const near: Near = { devices: new Set(), next: null, timer: null, signals: new Budget(signalBurst, signalsPerSecond, this.now) };
    this.#near.set(link, near);
    return near;
  }

  #forget(link: DeviceId): void {
    const timer = this.#near.get(link)?.timer;
    if (timer) clearTimeout(timer);
    this.#near.delete(link);
  }

  #tellSoon(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#tell();
    }, ms);
  }

  #tell(): void {
    const linked = this.links.linked().sort();
    let refused = false;
    for (const device of linked) {
      const devices = linked.filter((other) => other !== device && this.links.roomOf(device, other)).slice(0, limits.devicesPerRoom);
      const list = devices.join();
      if (list === (this.#told.get(device) ?? '')) continue;
      if (this.links.send(device, { type: 'neighbours', devices })) this.#told.set(device, list);
      else refused = true;
    }
    if (refused) this.#tellSoon(tellAgainMs);
  }
}
