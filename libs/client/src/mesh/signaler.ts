import type { DeviceId, RoomId } from '../../../protocol/src/index.ts';
import type { Emitter } from '../emitter.ts';

export type SignalerEvents = {
  signal: { room: RoomId; from: DeviceId; data: string };
  /** Signals can pass again, after they could not. */
  ready: null;
};

/** Port: passes small texts between two devices of a room until they have a link of their own. Who carries them is not trusted. */
export interface Signaler extends Emitter<SignalerEvents> {
  /** False when nothing can be passed now; the caller tries again later. */
  signal(room: RoomId, to: DeviceId, data: string): boolean;
}
