import type { DeviceId, RoomId } from '../../../protocol/src/index.ts';
import { Emitter } from '../emitter.ts';
import type { Signaler, SignalerEvents } from './signaler.ts';

/** A signaler for tests: devices of one process tell each other what they like; the way can be cut and mended. */
export class MemorySignaler extends Emitter<SignalerEvents> implements Signaler {
  open = true;

  constructor(
    private readonly own: DeviceId,
    private readonly others: Map<DeviceId, MemorySignaler>,
  ) {
    super();
    others.set(own, this);
  }

  signal(room: RoomId, to: DeviceId, data: string): boolean {
    const other = this.others.get(to);
    if (!this.open || !other) return false;
    setTimeout(() => other.emit('signal', { room, from: this.own, data }));
    return true;
  }

  mend(): void {
    this.open = true;
    this.emit('ready', null);
  }
}
