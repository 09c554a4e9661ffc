import { timing, type DeviceId, type Eid, type RoomId } from '../../../protocol/src/index.ts';
import { Emitter } from '../emitter.ts';
import type { Envelope, Link, LinkEvents } from './link.ts';

/** How far one envelope got with one recipient: when it last left over an open direct link, and what the relay said. */
type Leg = { direct: number | null; relay: 'not-asked' | 'asked' | 'held' | LinkEvents['refused'] };
type Shipment = { envelope: Envelope; legs: Map<DeviceId, Leg> };

type Events = Pick<LinkEvents, 'arrived' | 'acknowledged' | 'held' | 'refused'>;

/**
 * Carries envelopes to devices: over the mesh where a direct link is open, through the relay where it is not, and through the relay as
 * well when a direct link has not acknowledged within the 4 s of MESH3. An envelope is repeated, under the same eid, until each
 * recipient has acknowledged or the relay holds it; receivers know what they have by its eid, so repeating never doubles anything.
 */
export class Delivery extends Emitter<Events> {
  readonly #shipments = new Map<Eid, Shipment>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly mesh: Link,
    private readonly relay: Link,
    /** False when the site has switched the relay off: what cannot go directly waits here (MESH4). */
    private readonly relayAllowed: () => boolean,
    private readonly now: () => number = Date.now,
  ) {
    super();
    for (const link of [mesh, relay]) {
      link.on('arrived', (event) => this.emit('arrived', event));
      link.on('acknowledged', ({ eid, devices }) => this.#acknowledged(eid, devices));
      link.on('changed', () => this.#advanceAll());
    }
    relay.on('held', ({ eid, devices }) => this.#held(eid, devices));
    relay.on('refused', (event) => this.#refused(event));
  }

  /** Whom no link reaches is reached all the same. */
  get relays(): boolean {
    return this.relayAllowed();
  }

  /** Something may leave for one of these devices now; otherwise it waits here, since no relay keeps it (MESH4). */
  mayLeaveFor(devices: Iterable<DeviceId>): boolean {
    return this.relayAllowed() || [...devices].some((device) => this.mesh.reaches(device));
  }

  /** Takes charge of an envelope for these devices. Calling again with the same eid adds recipients. */
  dispatch(envelope: Envelope, recipients: DeviceId[]): void {
    const shipment = this.#shipments.get(envelope.eid) ?? { envelope, legs: new Map<DeviceId, Leg>() };
    this.#shipments.set(envelope.eid, shipment);
    for (const device of recipients) if (!shipment.legs.has(device)) shipment.legs.set(device, { direct: null, relay: 'not-asked' });
    this.#advance(shipment);
  }

  /** These devices are no recipients any more: delivered otherwise, or removed. */
  settle(eid: Eid, devices: Iterable<DeviceId>): void {
    const shipment = this.#shipments.get(eid);
    if (!shipment) return;
    for (const device of devices) shipment.legs.delete(device);
    this.#finishIfDone(shipment);
  }

  /** Nothing of this envelope needs carrying any more. */
  release(eid: Eid): void {
    this.#shipments.delete(eid);
    this.mesh.release(eid);
    this.relay.release(eid);
  }

  releaseRoom(room: RoomId): void {
    for (const [eid, { envelope }] of this.#shipments) if (envelope.room === room) this.release(eid);
  }

  /** Carries nothing any more. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#shipments.clear();
  }

  #advanceAll(): void {
    for (const shipment of this.#shipments.values()) this.#advance(shipment);
  }

  #advance(shipment: Shipment): void {
    const direct: DeviceId[] = [];
    const relayed: DeviceId[] = [];
    for (const [device, leg] of shipment.legs) {
      if (leg.relay === 'held') continue;
      const open = this.mesh.reaches(device);
      if (!open)
        leg.direct = null; // goes directly once more as soon as the link is back
      else if (leg.direct === null || (this.#late(leg) && !this.relayAllowed())) {
        leg.direct = this.now(); // without a relay nobody else repeats it
        direct.push(device);
      }
      if ((!open || this.#late(leg)) && leg.relay === 'not-asked' && this.relayAllowed()) {
        leg.relay = 'asked';
        relayed.push(device);
      }
    }
    if (direct.length) this.mesh.carry(shipment.envelope, direct);
    if (relayed.length) this.relay.carry(shipment.envelope, relayed);
    if (direct.length) this.#watch();
    this.#giveUpRefused(shipment);
  }

  #late({ direct }: Leg): boolean {
    return direct !== null && this.now() - direct >= timing.peerSuspectMs;
  }

  /** Refused by the relay, and no direct link or none that answers: only the author can mend it. */
  #giveUpRefused(shipment: Shipment): void {
    for (const [device, leg] of shipment.legs) {
      if (typeof leg.relay === 'string' || (this.mesh.reaches(device) && !this.#late(leg))) continue;
      shipment.legs.delete(device);
      this.emit('refused', { ...leg.relay, devices: [device] });
    }
    this.#finishIfDone(shipment);
  }

  /** One timer for all direct tries: when the oldest runs late, the relay takes over for it. */
  #watch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#advanceAll();
      const waiting = [...this.#shipments.values()].some(({ legs }) =>
        [...legs.values()].some((leg) => leg.direct !== null && leg.relay !== 'asked' && leg.relay !== 'held'),
      );
      if (waiting) this.#watch();
    }, timing.peerSuspectMs + 100);
  }

  #acknowledged(eid: Eid, devices: DeviceId[]): void {
    const shipment = this.#shipments.get(eid);
    devices.forEach((device) => shipment?.legs.delete(device));
    this.emit('acknowledged', { eid, devices });
    if (shipment) this.#finishIfDone(shipment);
  }

  #held(eid: Eid, devices: DeviceId[]): void {
    const shipment = this.#shipments.get(eid);
    for (const device of devices) {
      const leg = shipment?.legs.get(device);
      if (leg) leg.relay = 'held';
    }
    this.emit('held', { eid, devices });
    if (shipment) this.#finishIfDone(shipment);
  }

  #refused(event: LinkEvents['refused']): void {
    const shipment = this.#shipments.get(event.eid);
    if (!shipment) return;
    for (const device of event.devices) {
      const leg = shipment.legs.get(device);
      if (leg) leg.relay = event;
    }
    this.#giveUpRefused(shipment);
  }

  #finishIfDone({ envelope, legs }: Shipment): void {
    if ([...legs.values()].some((leg) => leg.relay !== 'held')) return;
    this.release(envelope.eid);
  }
}
