import { Injectable } from '@nestjs/common';
import { ConclaveError, type DeviceId, type RoomId } from '../../../libs/protocol/src/index.ts';
import type { Connection } from '../presence/connection.ts';
import { Presence } from '../presence/presence.service.ts';
import { Passage } from '../rooms/passage.service.ts';

const BURST_PER_MEMBER = 40;

/** Passes offers, answers and candidates between two devices that have both joined a room. What they say is theirs. */
@Injectable()
export class Signals {
  constructor(
    private readonly presence: Presence,
    private readonly passage: Passage,
  ) {}

  async pass(from: Connection, room: RoomId, to: DeviceId, data: string): Promise<void> {
    if (!from.rooms.has(room)) throw new ConclaveError('not-found', 'there is no such room, or you have not joined it');
    from.signals.grow(BURST_PER_MEMBER * this.presence.countIn(room));
    const wait = from.signals.take();
    if (wait > 0) throw new ConclaveError('slow-down', 'too many signals: collect candidates before sending them', wait);
    await this.passage.require(room);
    const receiver = this.presence.inRoom(room, to);
    if (!receiver || !from.rooms.has(room)) throw new ConclaveError('offline', 'this device is not connected to the room now');
    receiver.tell({ type: 'signal', room, from: from.speaker!.device, data });
  }
}
