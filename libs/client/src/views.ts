import type {
  ActPreview,
  Attachment,
  BanPage,
  ConclaveError,
  DeletionRequest,
  Device,
  DeviceId,
  ExpelReason,
  MemberRules,
  Mid,
  ModerationAct,
  Person,
  ReportedMessage,
  ReportReason,
  RoomChange,
  RoomFor,
  RoomId,
  RoomInvite,
  RoomKind,
  RoomRole,
  RoomSettings,
  RoomSummary,
  SiteConfig,
  Status,
  Role,
  UserId,
} from '../../protocol/src/index.ts';
import type { Cell } from './cell.ts';
import type { Account } from './account/account.ts';
import type { Examination } from './doctor/checks.ts';
import type { Blocks } from './site/blocks.ts';
import type { Console } from './site/console.ts';
import type { Doors } from './account/doors.ts';
import type { LocalLock, Proof } from './account/local-lock.ts';
import type { NewRoom, RoomKey } from './site/room-doors.ts';
import type { Cursor, SearchPage } from './search/question.ts';
import type { RoomLevel } from './notify/notices-row.ts';
import type { NoticeSettings } from './site/notice-settings.ts';
import type { OwnStatusBoard } from './site/own-status.ts';
import type { KnownPerson } from './room/people.ts';
import type { HistoryFiles } from './archive/contract.ts';
import type { RecoveryFace } from './recovery/contract.ts';
import type { Verification } from './site/verification.ts';
export type { Cursor, SearchHit, SearchPage } from './search/question.ts';
export type { RoomLevel, SoundEvent } from './notify/notices-row.ts';
export type { NoticesChange, NoticesView } from './site/notice-settings.ts';
export type { KnownPerson } from './room/people.ts';
export type { ImportResult } from './archive/contract.ts';
export type { RecoveryView } from './recovery/contract.ts';
export type { LockView, Proof } from './account/local-lock.ts';

/* What a face of the product (PWA, command line, bot) sees of the client core, and all it can ask of it. */

/** Where this browser stands. Each state names the one screen to show. */
export type SessionView =
  | { state: 'starting' }
  /** The browser lacks something; each entry is a phrase for people. */
  | { state: 'unsupported'; missing: string[] }
  /** The server has never been reached and nothing is stored: nothing to show yet. */
  | { state: 'unreachable' }
  | { state: 'setup-needed' }
  /** `ended`: the session was ended elsewhere or ran out. */
  | { state: 'signed-out'; reason: 'fresh' | 'signed-out' | 'ended' }
  /** Another tab of this browser is the owner; `takeOver()` moves here. */
  | { state: 'elsewhere' }
  /** Signed in, but this browser holds no device key of the account: link it, or reset the account's key. */
  | { state: 'needs-device'; user: Me; devices: Device[] }
  | { state: 'ready'; user: Me; device: DeviceId }
  /** What is stored here is locked (ACC16); `unlock` opens it, with or without the server. `name` when it is known. */
  | { state: 'locked'; name: string | null; passphrase: boolean; passkey: boolean };

export type Me = Person & { role: Role };

/** The link to the server, not to people. */
export type ConnectionView =
  | { state: 'online' }
  /** `since`: when the server was last reached, ms; the banner speaks after 10 s, and again after 10 s. */
  | { state: 'connecting'; since: number }
  /** Left on purpose, for a private conversation. */
  | { state: 'private' }
  | { state: 'waiting'; since: number; retryAt: number; reason: 'unreachable' | 'server-full' | 'restarting' };

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

/** One line of "my rooms". */
export type RoomLine = {
  id: RoomId;
  kind: RoomKind;
  /** Of a direct conversation: the other person's. */
  name: string;
  icon: string | null;
  /** The other person of a direct conversation, their picture, and whether they are there. */
  with: ({ user: UserId; avatar: string | null } & Standing) | null;
  topic: string;
  unread: number;
  /** Unread ones that call one by name; in a direct conversation all. */
  mentions: number;
  level: RoomLevel;
  /** Last message: words and time, for the second line of the list. */
  last: { author: string; text: string; at: number } | null;
  online: number;
  members: number;
  /** What was begun and not sent. */
  draft: string;
};

/** Whether somebody is there, by the best of their devices, and what they say of it (PRES1). */
export type Standing = { status: Status | 'offline'; statusText: string };

/** Something worth a sound or a notice happened just now; `mentioned`: one is called by name, or it was said to oneself alone. */
export type Heard =
  | { kind: 'message'; room: RoomId; mid: Mid; author: UserId; name: string; text: string; mentioned: boolean }
  | { kind: 'joined'; room: RoomId; name: string }
  | { kind: 'failed'; room: RoomId };

/** Who may see this device's address: nobody at all, or nobody in these rooms. Whoever shares another room with one sees it there. */
export type PrivacyView = {
  everywhere: boolean;
  rooms: ReadonlySet<RoomId>;
  /** Others are told what this person has read (MSG2). That it arrived is always told: their devices stop sending on it. */
  tellsRead: boolean;
};

export type DirectoryView = { rooms: RoomSummary[]; mine: ReadonlySet<RoomId>; signedIn: number; loaded: boolean };

/** How a device or person is reached now (MESH7). */
export type Reach = 'self' | 'direct' | 'turn' | 'relay' | 'connecting' | 'away';

export type MemberView = Standing & {
  user: UserId;
  name: string;
  username: string;
  /** Names their picture (`account.avatar`), if any. */
  avatar: string | null;
  self: boolean;
  /** Best of the person's devices. `connecting`: a direct link is being tried, the relay carries meanwhile. */
  reach: Reach;
  /** Messages of mine that wait for this person. */
  waiting: number;
  devices: { device: DeviceId; reach: Reach }[];
  /** Not in the group yet: nobody who could add them was awake. */
  joining: boolean;
  /** The account key differs from the one pinned at first use; until acknowledged. */
  keyChanged: boolean;
  /** One's own mark: the safety number was compared. */
  verified: boolean;
  role: RoomRole;
  /** Muted by a moderator; `until` null: until it is taken back. */
  muted: { until: number | null; reason: string } | null;
  rules: MemberRules | null;
  /** One has blocked them oneself. */
  blocked: boolean;
};

export type RosterView = {
  members: MemberView[];
  /** "7 of 9 direct": people who are not away, oneself included. */
  direct: number;
  total: number;
};

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

/** MSG2: what the author sees of a message. n of m people, fixed at sealing. */
export type MessageState =
  | { state: 'waiting'; why: 'sending' | 'no-relay' | 'offline' | 'joining' | 'removal' | 'audience-grew' | 'split' }
  | { state: 'direct' }
  | { state: 'held' }
  | { state: 'delivered'; n: number; m: number }
  | { state: 'read'; n: number; m: number }
  | { state: 'failed'; reason: string };

export type TimelineItem =
  | {
      type: 'message';
      key: string;
      mid: Mid;
      author: { user: UserId; device: DeviceId; name: string };
      mine: boolean;
      /** When it was written by its author's clock, ms. */
      writtenAt: number;
      /** Place in the order, ms; what day separators go by. */
      orderedAt: number;
      /** Markdown source; empty when deleted. */
      text: string;
      edited: boolean;
      deleted: boolean;
      replyTo: Mid | null;
      /** The message it answers, when it is stored here: who said it, and its first words. */
      quote: { author: string; text: string } | null;
      files: Attachment[];
      /** People whom it names. */
      mentions: UserId[];
      /** One is named oneself. */
      mentioned: boolean;
      reactions: { emoji: string; users: UserId[]; mine: boolean }[];
      /** The author's clock was more than five minutes ahead. */
      clockAhead: boolean;
      /** From an archive, and nothing here proves who wrote it. */
      imported: boolean;
      /** Said in private: with whom, oneself excluded. */
      private: string[] | null;
      /** Why it is not shown at once: its author was muted when it was said, is blocked here, or repeats themselves. Null: it is. */
      hidden: 'muted' | 'blocked' | 'flood' | 'images' | null;
      /** When it vanishes, ms since 1970 (MSG5); null: it stays. */
      vanishesAt: number | null;
      /** Own messages only. */
      state: MessageState | null;
    }
  | { type: 'notice'; key: string; orderedAt: number; notice: Notice };

export type Notice =
  | { kind: 'founded'; user: UserId; name: string }
  | { kind: 'joined'; user: UserId; name: string }
  | { kind: 'left'; user: UserId; name: string }
  | { kind: 'device-added'; user: UserId; name: string }
  | { kind: 'key-changed'; user: UserId; name: string }
  /** `count` messages of one author are missing; `askForGap` asks the others. */
  | { kind: 'gap'; user: UserId; name: string; count: number; asked: boolean }
  | { kind: 'undecryptable'; name: string; count: number }
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

/** A window of the timeline, oldest first. */
export type TimelineView = {
  items: TimelineItem[];
  /** Older items exist beyond `items[0]`. */
  hasOlder: boolean;
  /** Newer ones exist below: one has jumped up to an old message. */
  hasNewer: boolean;
  /** Key of the first unread item when the room was opened, for the marker. */
  firstUnread: string | null;
  /** Messages that arrived above the read mark since the room was opened ("3 earlier messages arrived"). */
  arrivedAbove: number;
};

/** Acts of a moderator; each throws ConclaveError `forbidden` for who may not. */
export interface RoomModeration {
  kick(user: UserId, reason?: string): Promise<void>;
  /** `until` null: until it is taken back. */
  ban(user: UserId, until: number | null, reason?: string): Promise<void>;
  unban(user: UserId): Promise<void>;
  mute(user: UserId, until: number | null, reason?: string): Promise<void>;
  unmute(user: UserId): Promise<void>;
  /** What this person may not show; both false: everything again. */
  forbid(user: UserId, rules: MemberRules, reason?: string): Promise<void>;
  /** Whom this room keeps out. */
  bans(): Promise<BanPage>;
  /** What it would do now. */
  preview(act: ModerationAct, user: UserId): Promise<ActPreview>;
}

/** What owners set; each throws ConclaveError `forbidden` for who may not. */
export interface RoomAdministration {
  change(change: RoomChange): Promise<void>;
  /** Throws ConclaveError `last-owner` when nobody would be left who owns the room. */
  setRole(user: UserId, role: RoomRole): Promise<void>;
  changePassword(password: string): Promise<void>;
  archive(): Promise<void>;
  destroy(): Promise<void>;
  /** A link for people with an account; `fragment` is what follows its `#room=`, and is nowhere else. */
  invite(uses: number, days: number): Promise<{ id: string; fragment: string; expiresAt: number }>;
  invites(): Promise<RoomInvite[]>;
  revoke(invite: string): Promise<void>;
}

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

/** How a file travels: from a member's device, by a TURN server between, or from the sealed storage. */
export type FileRoute = 'direct' | 'turn' | 'storage';
/** How far a file is on its way here. `have` counts sealed bytes, as FileView.size does; rates are bytes per second. */
export type FileComing =
  | { state: 'absent' }
  /** Wanted, and nobody who has it can be reached now. */
  | { state: 'waiting' }
  | { state: 'coming'; have: number; rate: number; route: FileRoute }
  | { state: 'checking' }
  | { state: 'here' }
  /** `damaged`: everybody who has it gave something else than was sealed; it was thrown away. */
  | { state: 'failed'; why: 'damaged' | 'no-space' };
/** A file on its way from here: to a person, or (null) into the sealed storage. */
export type FileGoing = { to: string | null; at: number; rate: number; route: FileRoute };
export type FileView = {
  coming: FileComing;
  /** Sealed bytes; 0 when this device knows nothing of the file. */
  size: number;
  going: FileGoing[];
  /** Own files: given to nobody any more. */
  withheld: boolean;
  /** Own files: for those who are away. `refused`: too large, or no room there: it goes directly only. */
  stored: 'no' | 'owed' | 'yes' | 'refused';
};
/** A file that is being made ready to be sent. `done` of `size` plain bytes are sealed. */
export type Attaching = {
  readonly progress: Cell<{ state: 'preparing' | 'sealing' | 'ready' | 'failed'; done: number; size: number }>;
  /** For `say`. Rejects with ConclaveError `unavailable` when this device has no room for it. */
  readonly attachment: Promise<Attachment>;
  /** It is not sent after all: nothing of it stays. */
  discard(): void;
};

export interface FilesHandle {
  /** False where this browser keeps no files: they can be neither sent nor received. */
  readonly available: boolean;
  /** Begins to scale (pictures), seal and keep a file. `beside`: what is known of a spoken message. */
  attach(room: RoomId, file: File, beside?: { duration?: number; voice?: number[] }): Attaching;
  view(id: string): Cell<FileView>;
  /** One wants it: it comes when somebody gives it, also after a reload. */
  fetch(room: RoomId, message: { mid: Mid; author: { user: UserId } }, attachment: Attachment): Promise<void>;
  /** No more now; what has come stays, and `fetch` goes on with it. */
  cancel(id: string): Promise<void>;
  /** Own files: gives it to nobody any more, or again. */
  withhold(id: string, on: boolean): Promise<void>;
  /** The plain file; `close` when it is not looked at any more. Throws ConclaveError `not-found` or `bad-request`. */
  open(attachment: Attachment): Promise<Blob>;
  close(id: string): void;
}

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
