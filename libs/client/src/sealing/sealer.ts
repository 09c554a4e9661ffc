import type { DeviceId, Eid, Entry, RoomId, UserId } from '../../../protocol/src/index.ts';

/**
 * Port: end-to-end encryption of rooms (e2ee.md). One MLS group per room, one leaf per device. Arguments and results are
 * structured-cloneable, so that the same interface is spoken to a worker. Each call that moves key state has persisted it before it resolves;
 * calls for one room are served in order.
 */
export interface Sealer {
  /** This device's keys, or null before `enroll` or `acceptLink`. */
  identity(): Promise<Identity | null>;
  /** Makes account key and device key: a first device, or a reset of the account's key. Replaces an earlier identity and forgets its groups. */
  enroll(user: UserId): Promise<Identity>;
  /** Ed25519 by the device key over exactly these bytes; the caller separates domains by a label. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;

  /** Linking, old device: opens a new device's request, signs its key, seals the account key for it. The code never leaves the two screens. */
  answerLink(code: string, request: Uint8Array): Promise<Uint8Array>;
  /** Linking, new device: makes a device key and a request sealed under the code. */
  requestLink(code: string, user: UserId): Promise<Uint8Array>;
  /** Linking, new device: takes certificate and account key from the answer. Throws SealError `bad-link` when it is not of this code and account. */
  acceptLink(code: string, answer: Uint8Array): Promise<Identity>;
  /** The account's keys, sealed under a key of 32 bytes that comes from the recovery phrase (E2E10). */
  backUp(key: Uint8Array): Promise<Uint8Array>;
  /** New browser: takes the account's keys out of a backup, for a new device key. Throws SealError `bad-link` when this key does not open it. */
  recover(user: UserId, key: Uint8Array, sealed: Uint8Array): Promise<Identity>;

  /** Fresh key packages to publish; their private halves are persisted first. */
  keyPackages(count: number, lastResort: boolean): Promise<{ packages: Uint8Array[]; lastResort?: Uint8Array }>;

  /** Whose a key package is, by its own signature chain. Throws SealError `invalid-commit` when it is none, or does not hold. */
  ownerOf(keyPackage: Uint8Array): Promise<Owner>;

  /** Makes the group of a room that has none; pending until `confirm`. The server's key becomes its external sender, `entry` stands for ever. */
  found(room: RoomId, generation: number, serverKey: Uint8Array, entry: Entry): Promise<{ groupInfo: Uint8Array }>;
  /** Joins by external commit with the server's admission; pending until `confirm`. `resync` replaces this device's own old leaf. */
  joinByCommit(room: RoomId, groupInfo: Uint8Array, admission: Uint8Array, serverKey: Uint8Array, resync: boolean): Promise<Bundle>;
  /**
   * Joins by another member's Add. Idempotent for the same welcome. It must be of a later epoch than the group of this device, or than `after`, where
   * the server's group is another one and the epochs of one's own say nothing (delivery.md D11).
   */
  joinByWelcome(room: RoomId, welcome: Uint8Array, groupInfo: Uint8Array, serverKey: Uint8Array, after?: number): Promise<EpochChange>;
  /**
   * Commits every pending Remove, Adds of these key packages, and fresh keys of one's own; pending until `confirm`. In a room with a
   * password an Add takes its key along. Throws SealError `password-needed` without it.
   */
  commit(room: RoomId, keyPackages: Uint8Array[], options?: CommitOptions): Promise<Bundle>;
  /** The server ordered what is pending, as this epoch. Idempotent: null when nothing is pending for it. */
  confirm(room: RoomId, generation: number, epoch: number): Promise<EpochChange | null>;
  /** The server refused what is pending: forget it. */
  discard(room: RoomId): Promise<void>;
  /** Another's commit, in order, with the server's signature over it. A commit already applied is null. */
  apply(room: RoomId, commit: Uint8Array, serverSignature: Uint8Array): Promise<EpochChange | null>;
  /** What a commit at this epoch would do, by the rules that all members keep; nothing changes. Throws SealError `invalid-commit`. */
  preview(room: RoomId, commit: Uint8Array): Promise<Pick<EpochChange, 'added' | 'removed'>>;
  /** Takes the server's Remove proposals: from now on `seal` refuses with `removal-pending` until they are committed. */
  propose(room: RoomId, proposals: Uint8Array[]): Promise<void>;

  /** Seals for everybody in the room; padded. Throws SealError `removal-pending` or `no-group`. */
  seal(room: RoomId, content: Uint8Array, authenticated: Uint8Array): Promise<Sealed>;
  /**
   * Opens one envelope, once. What was opened stands in the `journal` table in the same transaction as the moved ratchet, until
   * its reader deletes it there: a crash in between loses nothing. Throws SealError.
   */
  open(room: RoomId, ciphertext: Uint8Array): Promise<Opened>;
  /** What an envelope authenticates in the clear, by nobody's word as long as it was not opened; null when it is none. */
  authenticatedIn(ciphertext: Uint8Array): Promise<Uint8Array | null>;

  /** Keeps what only members have of the room's password (protocol/room-password.ts), for Adds, commits and Welcomes of this version. */
  setPassword(room: RoomId, version: number, psk: Uint8Array): Promise<void>;
  /** The highest version of the room's password that is kept; 0 with none. */
  passwordVersion(room: RoomId): Promise<number>;
  /** Once the room is left: `forget` keeps them, for coming back. */
  forgetPasswords(room: RoomId): Promise<void>;

  /** The group as this device sees it, or null without one. */
  roster(room: RoomId): Promise<Roster | null>;
  /** Deletes all key state of a room. */
  forget(room: RoomId): Promise<void>;
}

export type CommitOptions = {
  /** Devices to remove by this device's own word, in a group whose external sender it is (the sequencer of a private conversation). */
  removing?: DeviceId[];
  /** The version of the room's password to rest on: with Adds the newest held when absent; without any it is the change to this one. */
  password?: number;
};

export type Identity = {
  user: UserId;
  device: DeviceId;
  deviceKey: Uint8Array;
  accountKey: Uint8Array;
  /** Account key over device key (protocol/certificate.ts). */
  signature: Uint8Array;
};

export type Owner = Pick<Identity, 'user' | 'device' | 'deviceKey' | 'accountKey'>;

export type Leaf = { leaf: number; device: DeviceId; user: UserId; deviceKey: Uint8Array; accountKey: Uint8Array };

export type Roster = {
  generation: number;
  epoch: number;
  entry: Entry;
  leaves: Leaf[];
  /** Devices with a pending Remove. */
  removing: DeviceId[];
  /** Epoch authenticator, for comparing with others. */
  authenticator: Uint8Array;
  /** SHA-256 of the GroupContext, for comparing with the server. */
  context: Uint8Array;
  /** Sealed by this device since its last own key update, for scheduling the next. */
  sealedSinceUpdate: number;
  /** When this device last brought fresh keys of its own; ms since 1970. */
  updatedAt: number;
};

/** What a commit did, from the tree and not from the server. */
export type EpochChange = {
  generation: number;
  epoch: number;
  added: Leaf[];
  removed: Leaf[];
  /** True when this device itself was removed: nothing of the room can be opened from here on. */
  removedSelf: boolean;
};

export type Bundle = { commit: Uint8Array; welcome: Uint8Array; groupInfo: Uint8Array };
export type Sealed = { generation: number; epoch: number; eid: Eid; ciphertext: Uint8Array };

export type Opened = {
  eid: Eid;
  author: DeviceId;
  user: UserId;
  authorKey: Uint8Array;
  generation: number;
  epoch: number;
  content: Uint8Array;
  authenticated: Uint8Array;
};

export type SealErrorCode =
  | 'no-group'
  | 'wrong-group' // another room or generation
  | 'future-epoch' // keep it until its commit has come
  | 'past-epoch' // older than what is kept
  | 'opened-before' // the same bytes or generation again
  | 'own' // sealed by this very device
  | 'removal-pending'
  | 'undecipherable' // damaged, forged, or not for this device
  | 'invalid-commit' // breaks the rules that all members keep
  | 'bad-welcome' // cannot be opened: ask to be added again
  | 'password-needed' // rests on a version of the room's password that this device does not hold, or holds another one for
  | 'bad-link'
  | 'fenced'; // another tab has taken over

export class SealError extends Error {
  override name = 'SealError';
  constructor(
    readonly code: SealErrorCode,
    text: string,
    options?: ErrorOptions,
  ) {
    super(text, options);
  }
}
