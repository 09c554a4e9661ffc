import type { DeviceId, Eid } from '../../../protocol/src/index.ts';
import { Emitter } from '../emitter.ts';
import type { Envelope, Link, LinkEvents } from './link.ts';

/** A link for tests: remembers what it was given, reaches whom it is told, and answers when it is told. */
export class MemoryLink extends Emitter<LinkEvents> implements Link {
  readonly carried: { eid: Eid; recipients: DeviceId[] }[] = [];
  readonly released: Eid[] = [];
  readonly #reached = new Set<DeviceId>();

  reach(...devices: DeviceId[]): void {
    this.#reached.clear();
    devices.forEach((device) => this.#reached.add(device));
    this.emit('changed', null);
  }

  reaches(device: DeviceId): boolean {
    return this.#reached.has(device);
  }
  carry({ eid }: Envelope, recipients: DeviceId[]): void {
    this.carried.push({ eid, recipients });
  }
  release(eid: Eid): void {
    this.released.push(eid);
  }
}
