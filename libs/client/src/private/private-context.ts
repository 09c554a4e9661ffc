import type { DeviceId, RoomId } from '../../../protocol/src/index.ts';
import type { Session } from '../room/context.ts';
import type { Room } from '../room/room.ts';
import type { PrivateMessage } from './messages.ts';

/** What the parts of private mode share: this device, whom it tells, and one queue in which they run, one thing after the other. */
export type PrivateContext = {
  /** With a delivery that has no relay. */
  session: Session;
  room: (id: RoomId) => Room | undefined;
  /** Over the direct link; false when there is none. */
  tell: (device: DeviceId, message: PrivateMessage) => boolean;
  /** A step of the queue that nobody waits for. */
  soon: (step: () => Promise<void>) => void;
  /** The same, ms from now: instead of whatever was to come before, as there is one thing to wait for at a time. */
  after: (ms: number, step: () => Promise<void>) => void;
  /** Something of the view may be different now. */
  show: () => void;
};
