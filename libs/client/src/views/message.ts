import type { DeviceId, UserId } from '../../../protocol/src/index.ts';

/** MSG2: what the author sees of a message. n of m people, fixed at sealing. */
export type MessageState =
  | { state: 'waiting'; why: 'sending' | 'no-relay' | 'offline' | 'joining' | 'removal' | 'audience-grew' | 'split' }
  | { state: 'direct' }
  | { state: 'held' }
  | { state: 'delivered'; n: number; m: number }
  | { state: 'read'; n: number; m: number }
  | { state: 'failed'; reason: string };

/** Who has one message, and how it got there ("by which route"). */
export type MessageDetails = {
  writtenAt: number;
  orderedAt: number;
  /** When it came to this device; null for what was said here. */
  arrivedAt: number | null;
  /** The name of the device that said it is not known here: its id. */
  device: DeviceId;
  /** Ours: of each person. `held`: the relay has it; `direct`: a device took it over a direct link, and has not said so under seal yet. */
  people: { user: UserId; name: string; state: 'waiting' | 'held' | 'direct' | 'delivered' | 'read' }[];
};
