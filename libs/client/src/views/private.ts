import type { RoomId, UserId } from '../../../protocol/src/index.ts';

/** Somebody who is asked into a private conversation; `cannot`: not directly connected, so they stay. */
export type PrivatePerson = { user: UserId; name: string; answer: 'asked' | 'yes' | 'no' | 'cannot' };

/** Private mode (MESH6) on this device, or null. `until`: ms since 1970, by this device's clock. */
export type PrivateView =
  | { phase: 'proposed'; room: RoomId; until: number; people: PrivatePerson[] }
  /** Somebody asks; `answerPrivate` says yes or no, silence is no. */
  | { phase: 'asked'; room: RoomId; until: number; by: string }
  | { phase: 'consented'; room: RoomId; until: number; by: string }
  /** Away from the server. `lost`: no direct link to this person now; `gone`: they went back. */
  | { phase: 'private'; room: RoomId; people: { user: UserId; name: string; self: boolean; reach: 'here' | 'lost' | 'gone' }[] };
