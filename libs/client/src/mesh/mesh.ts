import {
  ConclaveError,
  decodeLinkMessage,
  encodeLinkMessage,
  fromBase64url,
  timing,
  toBase64url,
  type DeviceId,
  type Eid,
  type LinkMessage,
  type RoomId,
} from '../../../protocol/src/index.ts';
import type { Envelope, Link, LinkEvents } from '../delivery/link.ts';
import { Emitter } from '../emitter.ts';
import type { Reach } from '../views/members.ts';
import { ByHand } from './by-hand.ts';
import { EarlySignals } from './early-signals.ts';
import { Expectations, type Expected } from './expectations.ts';
import type { FileLane } from './file-lane.ts';
import { MemberSignaler } from './member-signaler.ts';
import { linksInAll, linksPerRoom } from './near.ts';
import { Peer } from './peer.ts';
import { RtcLink, type Identity, type Other, type SendSignal } from './rtc-link.ts';
import { parseSignal } from './signal-message.ts';
import type { Signaler } from './signaler.ts';

export type MeshOptions = {
  /** Null where the browser has no WebRTC: everything goes by the relay (APP6). */
  rtc: typeof RTCPeerConnection | null;
  /** How to connect to a device with which these rooms are shared, or, with none, to whoever answers by hand. Null: not at all (MESH10). */
  configuration: (rooms: RoomId[]) => RTCConfiguration | null;
  own: Identity;
  signaler: Signaler;
  visible: () => boolean;
  now?: () => number;
};

export type MeshEvents = LinkEvents & {
  /** A device that shares a room with us told us something over a proved link that is no envelope. */
  told: { from: DeviceId; body: Uint8Array };
  /** Something about a file, on the channel for files. */
  file: { from: DeviceId; bytes: Uint8Array };
};

const ackBatchMs = 20;

/** Direct links to the devices one shares a room with: who and when. One connection serves all rooms of a pair. */
export class Mesh extends Emitter<MeshEvents> implements Link {
  readonly #rooms: Expectations;
  readonly #peers = new Map<DeviceId, Peer>();
  readonly #acks = new Map<DeviceId, Eid[]>();
  readonly #early = new EarlySignals(() => this.#now());
  readonly #signaler: MemberSignaler;
  /** The way back in where nothing passes signals (P-26). */
  readonly byHand: ByHand;
  readonly #timer: ReturnType<typeof setInterval>;
  #stopped = false;

  constructor(private readonly options: MeshOptions) {
    super();
    const links = {
      linked: () => [...this.#peers].filter(([, { linked }]) => linked).map(([device]) => device),
      send: (device: DeviceId, message: LinkMessage) => this.#send(device, message),
      roomOf: (...devices: DeviceId[]) => this.#rooms.common(devices),
      connected: (device: DeviceId) => this.#rooms.connected(device),
    };
    this.#rooms = new Expectations(options.own.device, (device) => this.#signaler.knows(device));
    this.#signaler = new MemberSignaler(options.own.device, options.signaler, links, () => this.#now());
    this.#signaler.on('signal', ({ room, from, data }) => this.#signalled(room, from, data));
    this.#signaler.on('ready', () => this.#seekAll());
    this.byHand = new ByHand(options.own.device, {
      link: (peer) => this.#linkByHand(peer),
      expected: (device) => this.#rooms.find(device),
      signal: (device) => this.#signalTo(device),
      adopt: (device, link, patienceMs) => (this.#peers.get(device) ?? this.#newPeer(device))?.adopt(link, patienceMs),
    });
    this.#timer = setInterval(() => this.#peers.forEach((peer) => peer.tick(options.visible())), timing.peerPingMs);
  }

  /**
   * Replaces what is known of one room's devices, oneself excluded. Links to devices that share no room any more are closed. `relayed`: a relay
   * carries to whom no link goes, so that links need not be many (MESH9).
   */
  expect(room: RoomId, devices: Expected[], relayed = true): void {
    if (this.#stopped) return;
    const before = new Set(devices.filter(({ device }) => this.#rooms.connected(device)).map(({ device }) => device));
    this.#rooms.set(room, devices, relayed);
    for (const { device } of devices) this.#meet(device, before.has(device));
    this.#closeStrangers();
    this.#closeFar();
    this.refresh(); // with other rooms in common
    this.#signaler.linksChanged();
    for (const { from, data } of this.#early.due(room, new Set(this.#rooms.in(room)))) this.#signal(from, data);
  }

  /** The room is left: nothing of it passes here any more. */
  forget(room: RoomId): void {
    this.#rooms.delete(room);
    this.#closeStrangers();
    this.refresh();
  }

  reach(device: DeviceId, online: boolean): Reach {
    const peer = this.#peers.get(device);
    if (peer?.state === 'open') return peer.turn ? 'turn' : 'direct';
    if (!online) return peer?.state === 'connecting' && this.#signaler.knows(device) ? 'connecting' : 'away';
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

  /** The channel for files to a device; null without an open link. */
  files(device: DeviceId): FileLane | null {
    return this.#peers.get(device)?.files ?? null;
  }

  /** True when this device is one of the room's: what is in the room is for it, too. */
  shares(room: RoomId, device: DeviceId): boolean {
    return this.#rooms.has(room, device);
  }

  /** Other devices of the room. */
  devicesIn(room: RoomId): DeviceId[] {
    return this.#rooms.in(room);
  }

  /** Devices of the room that are linked directly now. */
  linkedIn(room: RoomId): DeviceId[] {
    return this.devicesIn(room).filter((device) => this.reaches(device));
  }

  /** Hands at most `limits.told` bytes to a device. False when they cannot leave now; nothing is repeated. */
  tell(device: DeviceId, body: Uint8Array<ArrayBuffer>): boolean {
    return this.#send(device, { type: 'told', body });
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

  /** The privacy switch was turned, or servers have come: links that are not made as they may be now are made anew, at once. */
  refresh(): void {
    this.#peers.forEach((peer) => peer.refresh());
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
    this.byHand.stop();
    clearInterval(this.#timer);
    this.#rooms.clear();
    this.#closeStrangers();
    this.#signaler.stop();
  }

  #now(): number {
    return (this.options.now ?? Date.now)();
  }

  #configuration(device: DeviceId): RTCConfiguration | null {
    return this.options.configuration(this.#rooms.roomsOf(device));
  }

  #send(device: DeviceId, message: LinkMessage): boolean {
    return this.#peers.get(device)?.send(encodeLinkMessage(message)) ?? false;
  }

  /** Signals pass again, or to more devices than before. */
  #seekAll(): void {
    this.#rooms.moved();
    for (const device of this.#rooms.all()) {
      const peer = this.#peers.get(device);
      if (peer?.state === 'waiting') peer.resume();
      else if (peer?.linked) peer.repeat();
      else if (this.#rooms.wanted(device)) this.#peer(device)?.begin(false);
    }
  }

  #meet(device: DeviceId, wasConnected: boolean): void {
    const peer = this.#peers.get(device);
    const connected = this.#rooms.connected(device);
    if (wasConnected && !connected && peer?.linked) peer.doubt();
    else if (this.#rooms.wanted(device)) this.#peer(device)?.begin(connected && !wasConnected);
    else if (wasConnected && !connected) peer?.close();
  }

  /** Null without WebRTC, for strangers, and for one more while there are links enough. */
  #peer(device: DeviceId): Peer | null {
    const known = this.#peers.get(device);
    if (known && known.state !== 'idle') return known;
    const links = [...this.#peers.values()].filter(({ state }) => state !== 'idle').length;
    return links >= linksInAll && this.#rooms.relayed(device) ? null : (known ?? this.#newPeer(device));
  }

  #newPeer(device: DeviceId): Peer | null {
    const found = this.#rooms.find(device);
    if (!this.options.rtc || !found) return null;
    const { rtc, own } = this.options;
    const peer = new Peer({
      rtc,
      configuration: () => this.#configuration(device),
      own,
      peer: { device, deviceKey: found.deviceKey },
      signal: this.#signalTo(device),
      message: (bytes) => this.#received(device, bytes),
      file: (bytes) => this.emit('file', { from: device, bytes }),
      changed: () => this.#changed(),
      wanted: () => this.#rooms.wanted(device),
      now: () => this.#now(),
    });
    this.#peers.set(device, peer);
    return peer;
  }

  #signalTo(device: DeviceId): SendSignal {
    return (message) => {
      const room = this.#rooms.common([device]);
      if (room) this.#signaler.signal(room, device, JSON.stringify(message));
    };
  }

  #linkByHand(peer: Other | null): RtcLink | null {
    const { rtc, own } = this.options;
    const configuration = peer ? this.#configuration(peer.device) : this.options.configuration([]);
    if (!configuration)
      throw new ConclaveError(
        'forbidden',
        'Your privacy switch hides your address, and there is no TURN server: nothing can connect directly.',
      );
    return rtc && new RtcLink({ rtc, configuration, own, peer, initiator: peer === null, signal: null });
  }

  #changed(): void {
    this.#signaler.linksChanged();
    this.emit('changed', null);
  }

  /** A device that is not in the group gets no link, whatever the server says; but a newcomer's offer may be ahead of their commit. */
  #signalled(room: RoomId, from: DeviceId, data: string): void {
    if (this.#rooms.has(room, from)) return this.#signal(from, data);
    this.#early.keep({ room, from, data });
  }

  #signal(from: DeviceId, data: string): void {
    const message = parseSignal(data);
    if (message) this.#peer(from)?.handle(message);
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
    else if (message.type === 'signal' || message.type === 'neighbours') this.#signaler.heard(from, message);
    else if (message.type === 'told') this.emit('told', { from, body: message.body });
    else if (this.#rooms.has(message.room, from)) {
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
      this.#send(device, { type: 'ack', eids: eids.slice(i, i + 200).map((eid) => fromBase64url(eid)) });
  }

  #closeStrangers(): void {
    for (const [device, peer] of this.#peers) {
      if (this.#rooms.find(device)) continue;
      this.#peers.delete(device);
      peer.close();
    }
  }

  /** In a large room others come between: such links are kept for a while, since who comes often goes again; the oldest of many close (MESH9). */
  #closeFar(): void {
    const far = [...this.#peers].filter(([device]) => this.#rooms.far(device));
    for (const [device, peer] of far.slice(0, -linksPerRoom)) {
      this.#peers.delete(device);
      peer.close();
    }
  }
}
