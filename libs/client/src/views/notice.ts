import type { ModerationAct, UserId } from '../../../protocol/src/index.ts';

export type Notice =
  | { kind: 'founded'; user: UserId; name: string }
  | { kind: 'joined'; user: UserId; name: string }
  | { kind: 'left'; user: UserId; name: string }
  | { kind: 'device-added'; user: UserId; name: string }
  | { kind: 'key-changed'; user: UserId; name: string }
  /** `count` messages of one author are missing; `askForGap` asks the others. */
  | { kind: 'gap'; user: UserId; name: string; count: number; asked: boolean }
  /** Words of which only unusable bytes came. */
  | { kind: 'undecryptable'; count: number }
  | { kind: 'equivocation'; user: UserId; name: string }
  /** A member has other keys at the same place: the server shows them another room than this device. Nothing leaves. */
  | { kind: 'split' }
  /** This device left the server for a private conversation with these, and came back. */
  | { kind: 'private-begun'; names: string[] }
  | { kind: 'private-ended'; names: string[] }
  | { kind: 'private-declined' }
  /** One had consented, and it did not begin. */
  | { kind: 'private-off' }
  /** Others have gone private; who is not directly connected stays. */
  | { kind: 'private-others'; names: string[] }
  /** A moderator's act; `by` and `name` are people's names. */
  | { kind: 'act'; act: ModerationAct; user: UserId; name: string; by: string; until: number | null; reason: string }
  /** The room's settings were changed. */
  | { kind: 'settings'; disappearAfterMs: number | null; retentionDays: number | null }
  | { kind: 'password-changed' }
  /** What is said from now on is shown to who comes later, so many days back; null: not any more. */
  | { kind: 'newcomers'; days: number | null }
  /** A member's device showed this one what was said before it came. */
  | { kind: 'history-shown'; user: UserId; name: string }
  /** Messages sealed before this device joined are not for it. */
  | { kind: 'beginning' };
