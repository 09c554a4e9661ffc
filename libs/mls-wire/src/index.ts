import type { RoomId } from '../../protocol/src/index.ts';
import type { AppliedCommit, KeyPackageInfo, Leaf, PublicGroup } from './types.ts';

export { WireError, type WireErrorCode } from './errors.ts';
export type { AppliedCommit, KeyPackageInfo, Leaf, PublicGroup } from './types.ts';

/** Which group and epoch an application PrivateMessage is of, without decrypting it. Throws WireError. */
export declare function readPrivateHeader(bytes: Uint8Array): { room: RoomId; generation: number; groupId: Uint8Array; epoch: number };

/** Checks the group info of a new group: epoch 0, one valid leaf, the expected group id and external sender. Throws WireError. */
export declare function foundPublicGroup(
  groupInfo: Uint8Array,
  expected: { room: RoomId; generation: number; serverKey: Uint8Array },
): Promise<PublicGroup>;

/**
 * Checks a commit (MLSMessage of a PublicMessage) with the group info uploaded beside it and moves the group on. Removes of others must be
 * the external sender's: the committer carries the server's proposals (makeRemoveProposal) in the commit's authenticated data and commits them
 * by reference, so a commit is complete in itself and nothing has to be looked up. Whether all *pending* Removes are in is the caller's
 * to compare with `removed`. Throws WireError.
 */
export declare function applyCommit(group: PublicGroup, commit: Uint8Array, groupInfo: Uint8Array): Promise<AppliedCommit>;

/** Checks a key package (MLSMessage) as it is now, `now` in ms since 1970. Throws WireError. */
export declare function readKeyPackage(bytes: Uint8Array, now?: number): Promise<KeyPackageInfo>;

/** The external sender's Remove for the group's current epoch, as MLSMessage(PublicMessage). `serverKey` holds raw Ed25519 bytes, 32 each. */
export declare function makeRemoveProposal(
  group: PublicGroup,
  leaf: number,
  serverKey: { privateKey: Uint8Array; publicKey: Uint8Array },
): Promise<Uint8Array>;

export declare function leavesOf(group: PublicGroup): Leaf[];

export declare function encodePublicGroup(group: PublicGroup): Uint8Array;
/** Reads what encodePublicGroup wrote; trusted bytes, so signatures are not checked again. Throws WireError. */
export declare function decodePublicGroup(bytes: Uint8Array): PublicGroup;
