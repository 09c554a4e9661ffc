import { encodeMlsMessage } from 'ts-mls/message.js';
import { zeroOutUint8Array } from 'ts-mls/util/byteArray.js';
import { exportSecret, nextEpochContext } from 'ts-mls/clientState.js';
import { createConfirmationTag, createContentCommitSignature } from 'ts-mls/framedContent.js';
import { initializeEpoch } from 'ts-mls/keySchedule.js';
import { protectPublicMessage } from 'ts-mls/messageProtectionPublic.js';
import { pathToPathSecrets } from 'ts-mls/pathSecrets.js';
import { toPrivateKeyPath, updateLeafKey } from 'ts-mls/privateKeyPath.js';
import type { Proposal } from 'ts-mls/proposal.js';
import { addLeafNode, removeLeafNode, type RatchetTree } from 'ts-mls/ratchetTree.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { nodeToLeafIndex, toLeafIndex, type LeafIndex } from 'ts-mls/treemath.js';
import { createUpdatePath } from 'ts-mls/updatePath.js';
import { suite, type PublicGroup } from '../../../../mls-wire/src/index.ts';
import type { OwnKeys } from '../identity.ts';
import type { Bundle } from '../sealer.ts';
import { makeKeyPackage } from './found.ts';
import { commitSecretOf, makeGroupInfo } from './make-commit.ts';
import { makeRatchets, type Member, type NextEpoch } from './member.ts';

/**
 * An external commit into a group whose group info was checked (openGroupInfo). The library's joinGroupExternal is not used: its check of
 * the tree refuses ordinary trees. `oldLeaf` is this device's own, replaced by the commit.
 */
export async function commitExternally(
  own: OwnKeys,
  group: PublicGroup,
  externalPub: Uint8Array,
  oldLeaf: number | undefined,
  authenticatedData: Uint8Array,
): Promise<{ bundle: Bundle; next: NextEpoch }> {
  const cs = await suite();
  const { groupContext, tree: before, confirmationTag } = group.internal;
  const { enc, secret: initSecret } = await exportSecret(externalPub, cs);
  const { leaf, tree, updatePath, secrets, privatePath } = await ownPath(own, group, before, oldLeaf);
  const commitSecret = await commitSecretOf(tree, secrets);
  const proposals: Proposal[] = [{ proposalType: 'external_init', externalInit: { kemOutput: enc } }];
  if (oldLeaf !== undefined) proposals.unshift({ proposalType: 'remove', remove: { removed: oldLeaf } });
  const { signature, framedContent } = await createContentCommitSignature(
    groupContext,
    'mls_public_message',
    { proposals: proposals.map((proposal) => ({ proposalOrRefType: 'proposal', proposal })), path: updatePath },
    { senderType: 'new_member_commit' },
    authenticatedData,
    own.devicePrivate,
    cs.signature,
  );
  const treeHash = await treeHashRoot(tree, cs.hash);
  const context = await nextEpochContext(groupContext, 'mls_public_message', framedContent, signature, treeHash, confirmationTag, cs.hash);
  const epoch = await initializeEpoch(initSecret, commitSecret, context, new Uint8Array(cs.kdf.size), cs.kdf);
  const tag = await createConfirmationTag(epoch.keySchedule.confirmationKey, context.confirmedTranscriptHash, cs.hash);
  const member: Member = { context, tree, schedule: epoch.keySchedule, path: { leafIndex: leaf, privateKeys: privatePath }, tag };
  const publicMessage = await protectPublicMessage(
    epoch.keySchedule.membershipKey,
    context,
    {
      wireformat: 'mls_public_message',
      content: framedContent,
      auth: { contentType: 'commit', signature, confirmationTag: tag },
    },
    cs,
  );
  const bundle = {
    commit: encodeMlsMessage({ version: 'mls10', wireformat: 'mls_public_message', publicMessage }),
    welcome: new Uint8Array(),
    groupInfo: await makeGroupInfo(member, own.devicePrivate),
  };
  const ratchets = await makeRatchets(tree, epoch.encryptionSecret);
  for (const secret of [commitSecret, initSecret, epoch.joinerSecret]) zeroOutUint8Array(secret);
  return { bundle, next: { member, ratchets, consumed: [] } };
}

async function ownPath(own: OwnKeys, group: PublicGroup, before: RatchetTree, oldLeaf: number | undefined) {
  const cs = await suite();
  const { publicPackage } = await makeKeyPackage(own, 90);
  const without = oldLeaf === undefined ? before : removeLeafNode(before, toLeafIndex(oldLeaf));
  const [withLeaf, node] = addLeafNode(without, publicPackage.leafNode);
  const leaf: LeafIndex = nodeToLeafIndex(node);
  const [tree, updatePath, secrets, leafKey] = await createUpdatePath(withLeaf, leaf, group.internal.groupContext, own.devicePrivate, cs);
  const above = await toPrivateKeyPath(pathToPathSecrets(secrets), leaf, cs);
  const { privateKeys } = updateLeafKey(above, await cs.hpke.exportPrivateKey(leafKey));
  return { leaf, tree, updatePath, secrets, privatePath: privateKeys };
}
