import {
  decodeLinkMessage,
  encodeLinkMessage,
  fromBase64url,
  timing,
  toBase64url,
  type DeviceId,
  type Eid,
  type RoomId,
} from '../../../protocol/src/index.ts';
import type { Envelope, Link, LinkEvents } from '../delivery/link.ts';
import { Emitter } from '../emitter.ts';
import type { Reach } from '../views.ts';
import { Peer } from './peer.ts';
import { parseSignal, type Identity } from './rtc-link.ts';
import type { Signaler } from './signaler.ts';

/** A device that shares a room with us: its key comes from the group, its being there from the server. */
export type Expected = { device: DeviceId; deviceKey: Uint8Array; online: boolean };

export type MeshOptions = {
  /** Null where the browser has no WebRTC: everything goes by the relay (APP6). */
  rtc: typeof RTCPeerConnection | null;
  configuration: () => RTCConfiguration;
  own: Identity;
  signaler: Signaler;
  visible: () => boolean;
  now?: () => number;
};

export type MeshEvents = LinkEvents & {
  /** A device that shares a room with us told us something over a proved link that is no envelope. */
  told: { from: DeviceId; body: Uint8Array };
};

const ackBatchMs = 20;
/** Signals of devices that the group does not know yet: their commit is on its way. So many in all, and for so long. */
const earlyMax = 200;
const earlyMs = 10_000;

/** Direct links to every device one shares a room with: who and when. One connection serves all rooms of a pair. */
export class Mesh extends Emitter<MeshEvents> implements Link {
  readonly #rooms = new Map<RoomId, Map<DeviceId, Expected>>();
  readonly #peers = new Map<DeviceId, Peer>();
  readonly #acks = new Map<DeviceId, Eid[]>();
  #early: { room: RoomId; from: DeviceId; data: string; at: number }[] = [];
  readonly #timer: ReturnType<typeof setInterval>;
  #stopped = false;

  constructor(private readonly options: MeshOptions) {
    super();
    options.signaler.on('signal', ({ room, from, data }) => this.#signalled(room, from, data));
    options.signaler.on('ready', () => this.#peers.forEach((peer) => peer.state === 'waiting' && peer.resume()));
    this.#timer = setInterval(() => this.#peers.forEach((peer) => peer.tick(options.visible())), timing.peerPingMs);
  }

  /** Replaces what is known of one room's devices, oneself excluded. Links to devices that share no room any more are closed. */
  expect(room: RoomId, devices: Expected[]): void {
    if (this.#stopped) return;
    const before = new Set(devices.filter(({ device }) => this.#online(device)).map(({ device }) => device));
    this.#rooms.set(room, new Map(devices.map((expected) => [expected.device, expected])));
    for (const { device } of devices) this.#meet(device, before.has(device));
    this.#closeStrangers();
    this.#replay(room);
  }

  /** The room is left: nothing of it passes here any more. */
  forget(room: RoomId): void {
    this.#rooms.delete(room);
    this.#closeStrangers();
  }

  reach(device: DeviceId, online: boolean): Reach {
    const peer = this.#peers.get(device);
    if (peer?.state === 'open') return peer.turn ? 'turn' : 'direct';
    if (!online) return 'away';
    return peer?.state === 'connecting' && peer.hopeful ? 'connecting' : 'relay';
  }

  /** States of all RTCPeerConnections, for the connection doctor and for stories. */
  connectionStates(): (RTCPeerConnectionState | 'none')[] {
    return [...this.#peers.values()].map((peer) => peer.connectionState);
  }

  reaches(device: DeviceId): boolean {
    return this.#peers.get(device)?.state === 'open';
  }

  /** Devices with an open link. */
  open(): DeviceId[] {
    return [...this.#peers].filter(([, { state }]) => state === 'open').map(([device]) => device);
  }

  /** Hands at most `limits.told` bytes to a device. False when they cannot leave now; nothing is repeated. */
  tell(device: DeviceId, body: Uint8Array<ArrayBuffer>): boolean {
    return this.#peers.get(device)?.send(encodeLinkMessage({ type: 'told', body })) ?? false;
  }

  carry(envelope: Envelope, recipients: DeviceId[]): void {
    const bytes = encodeLinkMessage({ type: 'envelope', room: envelope.room, ciphertext: envelope.ciphertext });
    for (const device of recipients) this.#peers.get(device)?.send(bytes); // refused: unanswered, so delivery takes the relay
  }

  release(): void {
    // Nothing is kept here: an envelope is handed to the channel or not at all.
  }

  /** The network changed: every link looks for a new way. */
  resume(): void {
    this.#peers.forEach((peer) => peer.resume());
  }

  /** The way connections are made has changed: every link is made anew. */
  reconnect(): void {
    this.#peers.forEach((peer) => peer.reconnect());
  }

  /** The page is seen again after it may have been frozen: ask every link whether it still lives. */
  wake(): void {
    this.#peers.forEach((peer) => peer.tick(true));
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#rooms.clear();
    this.#closeStrangers();
  }

  #now(): number {
    return (this.options.now ?? Date.now)();
  }

  #expected(device: DeviceId): { room: RoomId; expected: Expected } | null {
    for (const [room, devices] of this.#rooms) {
      const expected = devices.get(device);
      if (expected) return { room, expected };
    }
    return null;
  }

  /** Seen in any room: who is away from one may be in another. */
  #online(device: DeviceId): boolean {
    return [...this.#rooms.values()].some((devices) => devices.get(device)?.online);
  }

  #meet(device: DeviceId, wasOnline: boolean): void {
    const peer = this.#peers.get(device);
    if (this.#online(device)) (peer ?? this.#peer(device))?.begin(!wasOnline);
    else if (wasOnline && peer) {
      if (peer.state === 'open' || peer.state === 'suspect') peer.doubt();
      else peer.close();
    }
  }

  #peer(device: DeviceId): Peer | null {
    const found = this.#expected(device);
    if (!this.options.rtc || !found) return null;
    const { rtc, configuration, own } = this.options;
    const peer = new Peer({
      rtc,
      configuration,
      own,
      peer: { device, deviceKey: found.expected.deviceKey },
      signal: (message) => {
        const room = this.#expected(device)?.room;
        if (room) this.options.signaler.signal(room, device, JSON.stringify(message));
      },
      message: (bytes) => this.#received(device, bytes),
      changed: () => this.emit('changed', null),
      wanted: () => this.#online(device),
      now: () => this.#now(),
    });
    this.#peers.set(device, peer);
    return peer;
  }

  /** A device that is not in the group gets no link, whatever the server says; but a newcomer's offer may be ahead of their commit. */
  #signalled(room: RoomId, from: DeviceId, data: string): void {
    if (this.#rooms.get(room)?.has(from)) return this.#signal(from, data);
    if (this.#early.length >= earlyMax) this.#early.shift();
    this.#early.push({ room, from, data, at: this.#now() });
  }

  #replay(room: RoomId): void {
    const since = this.#now() - earlyMs;
    const known = this.#rooms.get(room);
    const due = this.#early.filter((signal) => signal.room === room && known?.has(signal.from) && signal.at > since);
    this.#early = this.#early.filter((signal) => signal.at > since && !due.includes(signal));
    for (const { from, data } of due) this.#signal(from, data);
  }

  #signal(from: DeviceId, data: string): void {
    const message = parseSignal(data);
    if (message) (this.#peers.get(from) ?? this.#peer(from))?.handle(message);
  }

  #received(from: DeviceId, bytes: Uint8Array): void {
    let message;
    try {
      message = decodeLinkMessage(bytes);
    } catch (error) {
      if (error instanceof RangeError) return; // rubbish from a member: worth nothing, harms nobody
      throw error;
    }
    if (message.type === 'ack') for (const eid of message.eids) this.emit('acknowledged', { eid: toBase64url(eid), devices: [from] });
    else if (message.type === 'told') this.emit('told', { from, body: message.body });
    else if (message.type === 'envelope' && this.#rooms.get(message.room)?.has(from)) {
      const { room, ciphertext } = message;
      this.emit('arrived', { room, ciphertext, via: 'mesh', from, acknowledge: (eid) => this.#acknowledge(from, eid) });
    }
  }

  #acknowledge(device: DeviceId, eid: Eid): void {
    const batch = this.#acks.get(device);
    if (batch) return void batch.push(eid);
    this.#acks.set(device, [eid]);
    setTimeout(() => this.#flushAcks(device), ackBatchMs);
  }

  #flushAcks(device: DeviceId): void {
    const eids = this.#acks.get(device) ?? [];
    this.#acks.delete(device);
    for (let i = 0; i < eids.length; i += 200)
      this.#peers.get(device)?.send(encodeLinkMessage({ type: 'ack', eids: eids.slice(i, i + 200).map((eid) => fromBase64url(eid)) }));
  }

  #closeStrangers(): void {
    for (const [device, peer] of this.#peers) {
      if (this.#expected(device)) continue;
      this.#peers.delete(device);
      peer.close();
    }
  }
}
