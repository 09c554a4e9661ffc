import type { Mid, RoomId, UserId } from '../../../protocol/src/index.ts';

/** Something worth a sound or a notice happened just now; `mentioned`: one is called by name, or it was said to oneself alone. */
export type Heard =
  | { kind: 'message'; room: RoomId; mid: Mid; author: UserId; name: string; text: string; mentioned: boolean }
  | { kind: 'joined'; room: RoomId; name: string }
  | { kind: 'failed'; room: RoomId };
