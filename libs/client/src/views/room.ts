import type { ExpelReason, RoomFor, RoomId, RoomKind, RoomRole, RoomSettings, UserId } from '../../../protocol/src/index.ts';

export type RoomPhase =
  | { phase: 'loading' }
  /** Joining the group: a moment. */
  | { phase: 'joining' }
  /** Nobody who can add this device is awake; history shows, words queue. */
  | { phase: 'waiting-for-member' }
  | { phase: 'ready' }
  /** Not a member any more. */
  | { phase: 'left'; reason: ExpelReason }
  /** The room's password was changed, or this device never had it: `enterPassword`. */
  | { phase: 'password-needed' };

export type RoomView = RoomPhase & {
  id: RoomId;
  kind: RoomKind;
  name: string;
  topic: string;
  icon: string | null;
  for: RoomFor | null;
  slug: string | null;
  settings: RoomSettings;
  /** The other person of a direct conversation. */
  with: UserId | null;
  /** What one is in this room oneself. */
  role: RoomRole;
  /** One may not speak here now. */
  muted: { until: number | null; reason: string } | null;
  /** They ask to come in, and somebody of the room has to let them (hidden rooms). */
  knocking: { user: UserId; name: string }[];
  /** Digits of the epoch authenticator: equal for all who share the keys of this moment. Null without a group. */
  code: string | null;
  unread: number;
};
