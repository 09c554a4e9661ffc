import { encodeExternalSender } from 'ts-mls/externalSender.js';
import { encodeGroupContext, type GroupContext } from 'ts-mls/groupContext.js';
import { verifyGroupInfoSignature, type GroupInfo } from 'ts-mls/groupInfo.js';
import { decodeRatchetTree, type RatchetTree } from 'ts-mls/ratchetTree.js';
import { limits, readGroupId, type Entry } from '../../protocol/src/index.ts';
import { decodeMessage, decodeWhole, guard, sameBytes } from './codec.ts';
import { checkPeople } from './entry-rules.ts';
import { WireError } from './errors.ts';
import { suite, SUITE } from './suite.ts';
import { checkTree } from './tree.ts';
import type { PublicGroup } from './types.ts';

export type ReadGroupInfo = { info: GroupInfo; tree: RatchetTree; treeBytes: Uint8Array; externalPub: Uint8Array };

/** Decodes a group info that carries exactly ratchet tree and external key. Nothing is verified yet. */
export function readGroupInfo(bytes: Uint8Array): ReadGroupInfo {
  const info = decodeMessage(bytes, 'mls_group_info', limits.bundle).groupInfo;
  const find = (type: string) => info.extensions.find(({ extensionType }) => extensionType === type)?.extensionData;
  const treeBytes = find('ratchet_tree');
  const externalPub = find('external_pub');
  if (treeBytes === undefined || externalPub?.length !== 32 || info.extensions.length !== 2)
    throw new WireError('malformed', 'a group info carries ratchet tree and external key, and nothing else');
  return { info, tree: decodeWhole(decodeRatchetTree, treeBytes, 'a ratchet tree'), treeBytes, externalPub };
}

/** The one extension of every group context: the server as external sender. */
export function externalSenders(serverKey: Uint8Array): GroupContext['extensions'] {
  const identity = new TextEncoder().encode('conclave server');
  const extensionData = encodeExternalSender({ signaturePublicKey: serverKey, credential: { credentialType: 'basic', identity } });
  return [{ extensionType: 'external_senders', extensionData }];
}

/** Version, suite and external sender as this product founds groups. */
export function checkContext(context: GroupContext, serverKey: Uint8Array): void {
  if (context.version !== 'mls10' || context.cipherSuite !== SUITE) throw new WireError('unsupported', 'another MLS version or suite');
  const expected = encodeGroupContext({ ...context, extensions: externalSenders(serverKey) });
  if (!sameBytes(encodeGroupContext(context), expected))
    throw new WireError('group-info-mismatch', 'the external sender is not this server');
}

export async function checkSigner({ info, tree }: ReadGroupInfo): Promise<void> {
  const signer = tree[2 * info.signer];
  if (signer?.nodeType !== 'leaf') throw new WireError('bad-signature', 'who signed the group info is not in the group');
  const { signature } = await suite();
  const valid = await guard('bad-signature', () => verifyGroupInfoSignature(info, signer.leaf.signaturePublicKey, signature));
  if (!valid) throw new WireError('bad-signature', 'the group info is not signed by its signer');
}

/**
 * Takes a group from a group info of any epoch, with every check a newcomer must make: external sender, leaves, certificates, tree,
 * signature. Throws WireError.
 */
export async function openGroupInfo(bytes: Uint8Array, serverKey: Uint8Array): Promise<{ group: PublicGroup; externalPub: Uint8Array }> {
  const read = readGroupInfo(bytes);
  const { groupContext, confirmationTag } = read.info;
  checkContext(groupContext, serverKey);
  await checkTree(read.tree, groupContext.groupId, groupContext.treeHash);
  await checkSigner(read);
  const group = publicGroup(groupContext, read.tree, confirmationTag, serverKey);
  await checkPeople(group.entry, read.tree);
  return { group, externalPub: read.externalPub };
}

/** Names a group by what its context says. */
export function publicGroup(
  groupContext: GroupContext,
  tree: RatchetTree,
  confirmationTag: Uint8Array,
  serverKey: Uint8Array,
): PublicGroup {
  const { room, generation, entry } = namesOf(groupContext.groupId);
  return { room, generation, entry, epoch: epochOf(groupContext.epoch), serverKey, internal: { groupContext, tree, confirmationTag } };
}

export function namesOf(groupId: Uint8Array): { room: string; generation: number; entry: Entry } {
  try {
    return readGroupId(groupId);
  } catch (error) {
    throw new WireError('wrong-group', 'not the id of a room, generation and entry', { cause: error });
  }
}

/** BigInt → number; an epoch beyond 2^53 is not one this product made. */
export function epochOf(epoch: bigint): number {
  if (epoch > BigInt(Number.MAX_SAFE_INTEGER)) throw new WireError('wrong-epoch', 'the epoch is out of range');
  return Number(epoch);
}
