import type { GroupContext } from 'ts-mls/groupContext.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import type { AdmissionTicket, DeviceId, Entry, RoomId, UserId } from '../../protocol/src/index.ts';

/** One device in a group; `leaf` is its index among the leaves. */
export type Leaf = { leaf: number; device: DeviceId; user: UserId; deviceKey: Uint8Array; accountKey: Uint8Array };

/** The public half of a group at one epoch: all that a delivery service needs, and no secret. Immutable. */
export type PublicGroup = {
  room: RoomId;
  generation: number;
  epoch: number;
  /** Who may come in, as the group id says since the founding. */
  entry: Entry;
  /** Ed25519 key of the external sender. */
  serverKey: Uint8Array;
  /** For this package only. */
  internal: { groupContext: GroupContext; tree: RatchetTree; confirmationTag: Uint8Array };
};

/** What a commit did, read from the tree. */
export type AppliedCommit = {
  /** The group after the commit. */
  group: PublicGroup;
  /** The committer as it is after the commit. */
  committer: Leaf;
  /** True when the committer came in by this commit, on `admission`. */
  external: boolean;
  /** An external commit that replaced the committer's own old leaf; that leaf is in `removed`, the new one in `added`. */
  resync: boolean;
  /** `keyPackageRef` (base64url of the MLS reference) names the key package that was used up; null for an external commit. */
  added: (Leaf & { keyPackageRef: string | null })[];
  removed: Leaf[];
  /** The ticket of an external commit, its signature, room and keys already checked. Expiry, single use and group-info hash are the server's to check. */
  admission: AdmissionTicket | null;
  /** Ids of the pre-shared keys it rests on (pskIdOf); none outside rooms with a password. What is in them only members know. */
  psks: Uint8Array[];
  authenticatedData: Uint8Array;
};

/** A key package that was checked: signatures, certificate, suite and lifetime. */
export type KeyPackageInfo = {
  device: DeviceId;
  user: UserId;
  accountKey: Uint8Array;
  deviceKey: Uint8Array;
  /** ms since 1970 */
  notBefore: number;
  notAfter: number;
  /** MLS KeyPackageRef, base64url */
  ref: string;
};
