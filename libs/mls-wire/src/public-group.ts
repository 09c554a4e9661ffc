import { decodeExternalSender } from 'ts-mls/externalSender.js';
import { decodeGroupContext, encodeGroupContext } from 'ts-mls/groupContext.js';
import { decodeRatchetTree, encodeRatchetTree } from 'ts-mls/ratchetTree.js';
import { decodeParts, encodeParts, groupIdOf } from '../../protocol/src/index.ts';
import { decodeWhole, sameBytes } from './codec.ts';
import { WireError } from './errors.ts';
import { openGroupInfo, publicGroup } from './group-info.ts';
import { leafNodes, leafOf } from './leaves.ts';
import type { Leaf, PublicGroup } from './types.ts';

export type Founding = Pick<PublicGroup, 'room' | 'generation' | 'entry' | 'serverKey'>;

/** Checks the group info of a new group: epoch 0, one valid leaf, the expected group id and external sender. Throws WireError. */
export async function foundPublicGroup(groupInfo: Uint8Array, expected: Founding): Promise<PublicGroup> {
  const { group } = await openGroupInfo(groupInfo, expected.serverKey);
  const { groupContext, tree } = group.internal;
  if (!sameBytes(groupContext.groupId, groupIdOf(expected.room, expected.generation, expected.entry)))
    throw new WireError('wrong-group', 'this is the group of another room, generation or entry');
  if (group.epoch !== 0 || groupContext.confirmedTranscriptHash.length > 0) throw new WireError('wrong-epoch', 'a new group has epoch 0');
  if (tree.length !== 1) throw new WireError('invalid-tree', 'a new group has one member');
  return group;
}

/** The devices in the group, by ascending leaf index. */
export function leavesOf(group: PublicGroup): Promise<Leaf[]> {
  return Promise.all(leafNodes(group.internal.tree).map(({ node, leaf }) => leafOf(node, leaf)));
}

/** SHA-256 of the GroupContext (RFC 9420, 8.1): two groups under one epoch that differ in anything differ in this. */
export async function contextHashOf({ internal }: PublicGroup): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', encodeGroupContext(internal.groupContext).slice()));
}

/** For storage beside the room: group context, tree and confirmation tag. */
export function encodePublicGroup({ internal }: PublicGroup): Uint8Array<ArrayBuffer> {
  return encodeParts([encodeGroupContext(internal.groupContext), encodeRatchetTree(internal.tree), internal.confirmationTag]);
}

/** Reads what encodePublicGroup wrote; trusted bytes, so signatures are not checked again. Throws WireError. */
export function decodePublicGroup(bytes: Uint8Array): PublicGroup {
  const [context, tree, confirmationTag] = parts(bytes);
  const groupContext = decodeWhole(decodeGroupContext, context!, 'a group context');
  const sender = groupContext.extensions.find(({ extensionType }) => extensionType === 'external_senders');
  if (sender === undefined) throw new WireError('malformed', 'a group without external sender');
  const { signaturePublicKey } = decodeWhole(decodeExternalSender, sender.extensionData, 'an external sender');
  return publicGroup(groupContext, decodeWhole(decodeRatchetTree, tree!, 'a ratchet tree'), confirmationTag!.slice(), signaturePublicKey);
}

function parts(bytes: Uint8Array): Uint8Array[] {
  try {
    return decodeParts(bytes, 3);
  } catch (error) {
    throw new WireError('malformed', 'not a stored group', { cause: error });
  }
}
