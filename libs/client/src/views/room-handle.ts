import type { Attachment, Mid, ReportReason, ReportedMessage, RoomId, UserId } from '../../../protocol/src/index.ts';
import type { Cell } from '../cell.ts';
import type { RosterView } from './members.ts';
import type { MessageDetails } from './message.ts';
import type { RoomAdministration, RoomModeration } from './room-acts.ts';
import type { RoomView } from './room.ts';
import type { TimelineView } from './timeline.ts';

export interface RoomHandle {
  readonly id: RoomId;
  readonly view: Cell<RoomView>;
  readonly timeline: Cell<TimelineView>;
  readonly roster: Cell<RosterView>;
  /** Who is writing now, of those with a direct link. */
  readonly typing: Cell<UserId[]>;
  /** One writes: others with a direct link are told, at most every three seconds. */
  type(): void;
  /** Resolves when the words are persisted: only then may the composer clear (MSG8). Throws ConclaveError `too-large` or `bad-request`. */
  say(text: string, beside?: { replyTo?: Mid; mentions?: UserId[]; files?: Attachment[] }): Promise<Mid>;
  edit(target: Mid, text: string): Promise<Mid>;
  remove(target: Mid): Promise<Mid>;
  react(target: Mid, emoji: string, on: boolean): Promise<Mid>;
  /** A failed message again; one that waits because the audience grew, anyway. */
  retry(mid: Mid): Promise<void>;
  /** Takes an unsent message back. */
  cancel(mid: Mid): Promise<void>;
  /** Loads a page of older items into `timeline`. */
  older(): Promise<void>;
  /** Loads a page of newer ones, where `hasNewer`. */
  newer(): Promise<void>;
  /** Back to the newest. */
  latest(): Promise<void>;
  /** Brings a message into `timeline`, however old; false when it is not stored here. */
  jumpTo(mid: Mid): Promise<boolean>;
  /** Null when it is not stored here. */
  details(mid: Mid): Promise<MessageDetails | null>;
  /** Everything shown up to now is read: clears unread, sends receipts. Call only while the room is visible. */
  markRead(): Promise<void>;
  /** Asks members for what a gap notice misses. */
  askForGap(key: string): Promise<void>;
  /** Asks those who are directly connected to leave the server together. Throws ConclaveError `conflict` when there is nobody, or one goes on. */
  proposePrivate(): Promise<void>;
  /** The changed key of this person was seen. */
  acknowledgeKey(user: UserId): Promise<void>;
  /** Lets somebody in who asks (`knocking`). */
  letIn(user: UserId): Promise<void>;
  /** The room's password, typed again where this device lacks it. Throws ConclaveError `bad-credentials`. */
  enterPassword(password: string): Promise<void>;
  /** What a moderator may do to members (MOD1). */
  readonly moderation: RoomModeration;
  /** What owners set, and invitations. */
  readonly administration: RoomAdministration;
  /** What a report of these messages would disclose, word for word (MOD3). */
  disclose(mids: Mid[]): Promise<{ text: string; message: ReportedMessage }[]>;
  report(mids: Mid[], reason: ReportReason, note: string): Promise<void>;
  draft(): Promise<string>;
  saveDraft(text: string): Promise<void>;
  leave(): Promise<void>;
}
