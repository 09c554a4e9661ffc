import type {
  ConclaveError,
  Device,
  DeviceId,
  Invite,
  InviteRequest,
  Mid,
  NewInvite,
  Person,
  RoomId,
  RoomRequest,
  RoomSummary,
  SetupRequest,
  SiteConfig,
  RegisterRequest,
  Role,
  UserId,
} from '../../protocol/src/index.ts';
import type { Cell } from './cell.ts';
import type { Examination } from './doctor/checks.ts';

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
  | { state: 'ready'; user: Me; device: DeviceId };

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
  name: string;
  topic: string;
  unread: number;
  /** Last message: words and time, for the second line of the list. */
  last: { author: string; text: string; at: number } | null;
  online: number;
  members: number;
};

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

export type MemberView = {
  user: UserId;
  name: string;
  username: string;
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
  | { phase: 'left'; reason: 'left' | 'removed' | 'deleted' };

export type RoomView = RoomPhase & { id: RoomId; name: string; topic: string; unread: number };

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
      reactions: { emoji: string; users: UserId[]; mine: boolean }[];
      /** The author's clock was more than five minutes ahead. */
      clockAhead: boolean;
      /** Said in private: with whom, oneself excluded. */
      private: string[] | null;
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
  /** Others have gone private; who is not directly connected stays. */
  | { kind: 'private-others'; names: string[] }
  /** Messages sealed before this device joined are not for it. */
  | { kind: 'beginning' };

/** A window of the timeline, oldest first. */
export type TimelineView = {
  items: TimelineItem[];
  /** Older items exist beyond `items[0]`. */
  hasOlder: boolean;
  /** Key of the first unread item when the room was opened, for the marker. */
  firstUnread: string | null;
  /** Messages that arrived above the read mark since the room was opened ("3 earlier messages arrived"). */
  arrivedAbove: number;
};

export interface RoomHandle {
  readonly id: RoomId;
  readonly view: Cell<RoomView>;
  readonly timeline: Cell<TimelineView>;
  readonly roster: Cell<RosterView>;
  /** Resolves when the words are persisted: only then may the composer clear (MSG8). Throws ConclaveError `too-large` or `bad-request`. */
  say(text: string, replyTo?: Mid): Promise<Mid>;
  edit(target: Mid, text: string): Promise<Mid>;
  remove(target: Mid): Promise<Mid>;
  react(target: Mid, emoji: string, on: boolean): Promise<Mid>;
  /** A failed message again; one that waits because the audience grew, anyway. */
  retry(mid: Mid): Promise<void>;
  /** Takes an unsent message back. */
  cancel(mid: Mid): Promise<void>;
  /** Loads a page of older items into `timeline`. */
  older(): Promise<void>;
  /** Everything shown up to now is read: clears unread, sends receipts. Call only while the room is visible. */
  markRead(): Promise<void>;
  /** Asks members for what a gap notice misses. */
  askForGap(key: string): Promise<void>;
  /** Asks those who are directly connected to leave the server together. Throws ConclaveError `conflict` when there is nobody, or one goes on. */
  proposePrivate(): Promise<void>;
  /** The changed key of this person was seen. */
  acknowledgeKey(user: UserId): Promise<void>;
  draft(): Promise<string>;
  saveDraft(text: string): Promise<void>;
  leave(): Promise<void>;
}

/** The client core as one object; made by `createConclave` (conclave.ts). Every method that talks to the server throws ConclaveError. */
export interface ConclaveClient {
  readonly site: Cell<SiteConfig | null>;
  readonly session: Cell<SessionView>;
  readonly connection: Cell<ConnectionView>;
  readonly rooms: Cell<RoomLine[]>;
  readonly directory: Cell<DirectoryView>;
  readonly privateMode: Cell<PrivateView | null>;
  /** Sum of unread messages, for title and badge. */
  readonly unread: Cell<number>;
  /** The privacy switch (MESH10), kept on this device. */
  readonly privacy: Cell<PrivacyView>;
  /** Last unexpected error, for a toast; null when none. */
  readonly trouble: Cell<ConclaveError | null>;

  start(): Promise<void>;
  /** Tries the server now instead of at `retryAt`. */
  reconnect(): void;
  takeOver(): Promise<void>;

  setup(request: SetupRequest): Promise<void>;
  register(request: RegisterRequest): Promise<void>;
  login(username: string, password: string): Promise<void>;
  /** `forget`: deletes what this browser stores and removes the device from the account. */
  logout(forget: boolean): Promise<void>;

  invites(): Promise<Invite[]>;
  invite(request: InviteRequest): Promise<NewInvite>;
  revokeInvite(id: string): Promise<void>;

  devices(): Promise<Device[]>;
  removeDevice(device: DeviceId): Promise<void>;
  /** Signed-in device: offers a code (for people: groups of letters) and resolves `done` when another browser used it. */
  offerLink(): Promise<{ code: string; expiresAt: number; done: Promise<void>; cancel(): void }>;
  /** New browser (`needs-device`): uses the code. */
  useLink(code: string): Promise<void>;
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

  createRoom(request: RoomRequest): Promise<RoomId>;
  joinRoom(room: RoomId): Promise<void>;
  /** Live directory while somebody looks at it. */
  watchDirectory(on: boolean): void;
  /** The room's handle; same object for the same room. Throws ConclaveError `not-found` when one is no member and stores nothing of it. */
  room(id: RoomId): RoomHandle;
}
