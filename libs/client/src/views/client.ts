import type { ConclaveError, DeletionRequest, RoomId, SiteConfig, UserId } from '../../../protocol/src/index.ts';
import type { Account } from '../account/account.ts';
import type { Doors } from '../account/doors.ts';
import type { LocalLock, Proof } from '../account/local-lock.ts';
import type { HistoryFiles } from '../archive/contract.ts';
import type { Cell } from '../cell.ts';
import type { Examination } from '../doctor/checks.ts';
import type { RecoveryFace } from '../recovery/contract.ts';
import type { KnownPerson } from '../room/people.ts';
import type { Cursor, SearchPage } from '../search/question.ts';
import type { Blocks } from '../site/blocks.ts';
import type { Console } from '../site/console.ts';
import type { NoticeSettings } from '../site/notice-settings.ts';
import type { OwnStatusBoard } from '../site/own-status.ts';
import type { NewRoom, RoomKey } from '../site/room-doors.ts';
import type { Verification } from '../site/verification.ts';
import type { FilesHandle } from './files.ts';
import type { Heard } from './heard.ts';
import type { PrivacyView } from './privacy.ts';
import type { PrivateView } from './private.ts';
import type { RoomHandle } from './room-handle.ts';
import type { DirectoryView, RoomLine } from './room-list.ts';
import type { ConnectionView, SessionView } from './session.ts';

/** The client core as one object; made by `createConclave` (conclave.ts). Every method that talks to the server throws ConclaveError. */
export interface ConclaveClient {
  readonly site: Cell<SiteConfig | null>;
  readonly session: Cell<SessionView>;
  readonly connection: Cell<ConnectionView>;
  readonly rooms: Cell<RoomLine[]>;
  readonly directory: Cell<DirectoryView>;
  readonly privateMode: Cell<PrivateView | null>;
  /** Sum of unread messages, as far as their rooms' levels want them counted, for title and badge. */
  readonly unread: Cell<number>;
  /** The last thing that was heard of: each is a new value. Messages of before, one's own and those of blocked people are none. */
  readonly heard: Cell<Heard | null>;
  /** The privacy switch (MESH10), kept on this device. */
  readonly privacy: Cell<PrivacyView>;
  /** Last unexpected error, for a toast; null when none. */
  readonly trouble: Cell<ConclaveError | null>;
  /** Files in messages (FILE1). */
  readonly files: FilesHandle;

  start(): Promise<void>;
  /** Tries the server now instead of at `retryAt`. */
  reconnect(): void;
  takeOver(): Promise<void>;

  /** Ways in; after each the session goes on to where this browser stands. */
  readonly doors: Pick<Doors, keyof Doors>;
  /** One's own account, and what others say of theirs. */
  readonly account: Pick<Account, keyof Account>;
  /** The lock on what this browser stores (ACC16). */
  readonly localLock: Pick<LocalLock, keyof LocalLock>;
  /** Forgets the keys until somebody unlocks; nothing happens where there is no lock. */
  lock(): Promise<void>;
  /** Throws ConclaveError `bad-credentials` when it does not open. */
  unlock(proof: Proof): Promise<void>;
  /** `forget`: deletes what this browser stores and removes the device from the account. */
  logout(forget: boolean): Promise<void>;
  /** Deletes the account at the server and what this browser stores of it (ACC13). */
  removeAccount(request: DeletionRequest): Promise<void>;

  /** Signed-in device: offers a code (for people: groups of letters) and resolves `done` when another browser used it. */
  offerLink(): Promise<{ code: string; expiresAt: number; done: Promise<void>; cancel(): void }>;
  /** New browser (`needs-device`): uses the code. */
  useLink(code: string): Promise<void>;
  /**
   * New browser: by the recovery phrase (E2E10). Throws ConclaveError `not-found` without a backup, `bad-credentials` for words that are no
   * phrase or not the newest one.
   */
  useRecoveryPhrase(words: string): Promise<void>;
  /** New browser: a new account key; every earlier device is removed and everybody in one's rooms sees it. */
  resetAccountKey(): Promise<void>;

  /** One's own consent to what somebody proposed. */
  answerPrivate(yes: boolean): Promise<void>;
  /** Back to the server from a private conversation; takes back a proposal that has not begun. */
  leavePrivate(): Promise<void>;

  /** Tries what a connection needs, tells after every step, and says who can mend what (MESH8). Takes up to a minute; never throws. */
  examineConnection(tell: (examination: Examination) => void): Promise<Examination>;

  /** Never show this device's address to members of `room`, or of any room (null): only by TURN or relay. Links are made anew at once. */
  hideAddress(room: RoomId | null, on: boolean): Promise<void>;
  /** Tell others from now on, or no more, what was read here. */
  tellRead(on: boolean): Promise<void>;

  /*
   * Back into the mesh without the server (ACC16): texts that people carry, as QR code or paste. All three throw ConclaveError with
   * words: `bad-request` for a text that is none, `forbidden` for a device that shares no room, `conflict` for the answer to another
   * offer, `unavailable` when no connection came about.
   */
  /** Who is cut off begins: the text for any member of one of one's rooms. An earlier one is void; good for ten minutes. */
  offerByHand(): Promise<{ text: string }>;
  /** A member takes it, and gives back this text. `name`: who asks. */
  answerByHand(text: string): Promise<{ text: string; name: string }>;
  /** Who began takes the answer. Resolves when the link is open and both have proved who they are. `name`: whom one is linked to. */
  acceptByHand(text: string): Promise<{ name: string }>;

  createRoom(request: NewRoom): Promise<RoomId>;
  /**
   * `key`: the password of a password room. Answers with the room that took one: another one, where a full one opens others (ROOM11). Throws ConclaveError `bad-credentials` (`room-password`), `room-full`, `banned`.
   */
  joinRoom(room: RoomId, key?: RoomKey): Promise<RoomId>;
  /** A hidden room by its exact name, entered at once. Throws ConclaveError `not-found`. */
  joinHidden(name: string): Promise<RoomId>;
  /** By the fragment of an invitation's link (ROOM8). */
  joinByInvitation(fragment: string): Promise<RoomId>;
  /** The room that stands for something in the embedding site (ROOM9). Throws ConclaveError `not-found`. */
  joinBySlug(slug: string): Promise<RoomId>;
  /** The conversation with this person (ROOM5). */
  direct(user: UserId): Promise<RoomId>;
  /** What one says of oneself (PRES1). */
  readonly status: Pick<OwnStatusBoard, keyof OwnStatusBoard>;
  /** What this device tells of, and how (PRES2 to PRES5). */
  readonly notices: Pick<NoticeSettings, keyof NoticeSettings>;
  /** People whom one has blocked (MOD2). */
  readonly blocks: Pick<Blocks, keyof Blocks>;
  /** Safety numbers and marks (E2E4). */
  readonly verification: Pick<Verification, keyof Verification>;
  /** The recovery phrase and the sealed backup on the server (E2E10). */
  readonly recovery: RecoveryFace;
  /** One's history in a file, and back (FIND4). */
  readonly history: HistoryFiles;
  /** What moderators and administrators see and do (MOD4). */
  readonly console: Pick<Console, keyof Console>;
  /**
   * What was said, newest first, page by page; `room`: only there. Words, "a phrase", `from:`, `in:`, `has:file`, `has:link`, `before:`, `after:`.
   * On this device alone: works without the server.
   */
  find(text: string, room?: RoomId | null, cursor?: Cursor | null): Promise<SearchPage>;
  /** Everybody one has met in a room, by name (FIND2). */
  people(): KnownPerson[];
  /** Live directory while somebody looks at it. */
  watchDirectory(on: boolean): void;
  /** The room's handle; same object for the same room. Throws ConclaveError `not-found` when one is no member and stores nothing of it. */
  room(id: RoomId): RoomHandle;
}
