import { nextEpochContext } from 'ts-mls/clientState.js';
import { verifyFramedContentSignature, type FramedContentCommit } from 'ts-mls/framedContent.js';
import type { LeafNode } from 'ts-mls/leafNode.js';
import { encodeRatchetTree, filteredDirectPathAndCopathResolution, type RatchetTree } from 'ts-mls/ratchetTree.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { leafToNodeIndex, toLeafIndex } from 'ts-mls/treemath.js';
import { applyUpdatePath, type UpdatePath } from 'ts-mls/updatePath.js';
import { encodeGroupContext } from 'ts-mls/groupContext.js';
import { limits } from '../../protocol/src/index.ts';
import { decodeMessage, guard, sameBytes } from './codec.ts';
import { WireError } from './errors.ts';
import { checkSigner, publicGroup, readGroupInfo } from './group-info.ts';
import { checkTogether, leafOf } from './leaves.ts';
import { suite } from './suite.ts';
import { checkKeysUnique, checkLeaf } from './tree.ts';
import { changeByMember, changeByNewcomer, type TreeChange } from './tree-change.ts';
import type { AppliedCommit, PublicGroup } from './types.ts';

/**
 * Checks a commit (MLSMessage of a PublicMessage) with the group info uploaded beside it and moves the group on. Removes of others must be
 * the external sender's: the committer carries the server's proposals (makeRemoveProposal) in the commit's authenticated data and commits them
 * by reference, so a commit is complete in itself and nothing has to be looked up. Whether all *pending* Removes are in is the caller's
 * to compare with `removed`. Throws WireError.
 */
export async function applyCommit(group: PublicGroup, commit: Uint8Array, groupInfo: Uint8Array): Promise<AppliedCommit> {
  const applied = await followCommit(group, commit);
  await checkUploaded(applied, groupInfo);
  return applied;
}

/** applyCommit for members, who make the next epoch themselves and need no group info. Throws WireError. */
export async function followCommit(group: PublicGroup, commit: Uint8Array): Promise<AppliedCommit> {
  const { content, auth } = decodeMessage(commit, 'mls_public_message', limits.bundle).publicMessage;
  if (content.contentType !== 'commit' || auth.contentType !== 'commit') throw new WireError('unsupported', 'not a commit');
  const { groupContext } = group.internal;
  if (!sameBytes(content.groupId, groupContext.groupId)) throw new WireError('wrong-group', 'a commit for another group');
  if (content.epoch !== groupContext.epoch) throw new WireError('wrong-epoch', 'a commit for another epoch');
  const { path } = content.commit;
  if (path === undefined) throw new WireError('no-path', 'a commit always brings fresh keys of its author');
  if (auth.confirmationTag.length !== 32) throw new WireError('malformed', 'a confirmation tag has 32 bytes');
  await checkSignature(group, content, auth, path.leafNode);
  const change = await changeOf(group, content, path.leafNode);
  checkTogether(change.tree);
  const tree = await applyPath(group, change, path);
  return result(group, content, auth, change, tree);
}

async function checkSignature(
  group: PublicGroup,
  content: FramedContentCommit,
  auth: Parameters<typeof verifyFramedContentSignature>[3],
  newcomer: LeafNode,
): Promise<void> {
  const key = content.sender.senderType === 'member' ? memberKey(group, content.sender.leafIndex) : newcomer.signaturePublicKey;
  const { signature } = await suite();
  const valid = await guard('bad-signature', () =>
    verifyFramedContentSignature(key, 'mls_public_message', content, auth, group.internal.groupContext, signature),
  );
  if (!valid) throw new WireError('bad-signature', 'the commit is not signed by its sender');
}

function memberKey({ internal }: PublicGroup, leaf: number): Uint8Array {
  const node = internal.tree[2 * leaf];
  if (node?.nodeType !== 'leaf') throw new WireError('bad-signature', 'the sender is not in the group');
  return node.leaf.signaturePublicKey;
}

function changeOf(group: PublicGroup, content: FramedContentCommit, leafNode: LeafNode): Promise<TreeChange> {
  switch (content.sender.senderType) {
    case 'member':
      return changeByMember(group, content.sender.leafIndex, content, leafNode);
    case 'new_member_commit':
      return changeByNewcomer(group, content, leafNode);
    default:
      throw new WireError('unsupported', 'only members and newcomers commit');
  }
}

/** The committer's fresh keys on top of the proposals. */
async function applyPath(group: PublicGroup, change: TreeChange, path: UpdatePath): Promise<RatchetTree> {
  const { hash } = await suite();
  const committer = toLeafIndex(change.committer);
  await checkLeaf(path.leafNode, change.committer, group.internal.groupContext.groupId);
  const tree = await guard('invalid-tree', () => {
    checkRecipients(change, path);
    return applyUpdatePath(change.tree, committer, path, hash, change.external);
  });
  checkKeysUnique(tree);
  return tree;
}

/** Each node of the path is encrypted to exactly those who must learn it: nobody is silently left out. */
function checkRecipients({ tree, committer, added }: TreeChange, path: UpdatePath): void {
  const newcomers = new Set(added.map(({ leaf }) => leafToNodeIndex(toLeafIndex(leaf))));
  const expected = filteredDirectPathAndCopathResolution(toLeafIndex(committer), tree).map(
    ({ resolution }) => resolution.filter((node) => !newcomers.has(node)).length,
  );
  const actual = path.nodes.map(({ encryptedPathSecret }) => encryptedPathSecret.length);
  if (expected.length !== actual.length || expected.some((count, i) => count !== actual[i]))
    throw new WireError('invalid-tree', 'the path is not encrypted to every member');
}

async function result(
  group: PublicGroup,
  content: FramedContentCommit,
  auth: { signature: Uint8Array; confirmationTag: Uint8Array },
  change: TreeChange,
  tree: RatchetTree,
): Promise<AppliedCommit> {
  const { hash } = await suite();
  const { groupContext, confirmationTag } = group.internal;
  const treeHash = await treeHashRoot(tree, hash);
  const next = await nextEpochContext(groupContext, 'mls_public_message', content, auth.signature, treeHash, confirmationTag, hash);
  const committerNode = tree[2 * change.committer];
  if (committerNode?.nodeType !== 'leaf') throw new WireError('invalid-tree', 'the committer is not in the group');
  const committer = await leafOf(committerNode.leaf, change.committer);
  return {
    group: publicGroup(next, tree, auth.confirmationTag, group.serverKey),
    committer,
    external: change.external,
    resync: change.external && change.removed.length > 0,
    added: change.external ? [{ ...committer, keyPackageRef: null }] : change.added,
    removed: change.removed,
    admission: change.admission,
    psks: change.psks,
    authenticatedData: content.authenticatedData,
  };
}

/** The group info says exactly what the commit made, signed by the committer: newcomers will build on it. */
async function checkUploaded({ group, committer }: AppliedCommit, bytes: Uint8Array): Promise<void> {
  const read = readGroupInfo(bytes);
  const { groupContext, tree, confirmationTag } = group.internal;
  if (read.info.signer !== committer.leaf) throw new WireError('group-info-mismatch', 'the group info is not signed by the committer');
  if (
    !sameBytes(encodeGroupContext(read.info.groupContext), encodeGroupContext(groupContext)) ||
    !sameBytes(read.info.confirmationTag, confirmationTag) ||
    !sameBytes(read.treeBytes, encodeRatchetTree(tree))
  )
    throw new WireError('group-info-mismatch', 'the group info does not say what the commit made');
  await checkSigner({ ...read, tree });
}
