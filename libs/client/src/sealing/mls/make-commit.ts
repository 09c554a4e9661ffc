import { createGroupInfoWithExternalPubAndRatchetTree, createGroupInfo } from 'ts-mls/createCommit.js';
import { encodeMlsMessage } from 'ts-mls/message.js';
import { bytesToBase64, zeroOutUint8Array } from 'ts-mls/util/byteArray.js';
import { applyProposals, makePskIndex, nextEpochContext } from 'ts-mls/clientState.js';
import { createConfirmationTag, createContentCommitSignature } from 'ts-mls/framedContent.js';
import { makeKeyPackageRef, type KeyPackage } from 'ts-mls/keyPackage.js';
import { initializeEpoch } from 'ts-mls/keySchedule.js';
import { protectPublicMessage } from 'ts-mls/messageProtectionPublic.js';
import { getCommitSecret, pathToPathSecrets } from 'ts-mls/pathSecrets.js';
import { mergePrivateKeyPaths, toPrivateKeyPath, updateLeafKey } from 'ts-mls/privateKeyPath.js';
import type { ProposalOrRef } from 'ts-mls/proposalOrRefType.js';
import type { PskIndex } from 'ts-mls/pskIndex.js';
import type { PreSharedKeyID } from 'ts-mls/presharedkey.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { leafToNodeIndex, toLeafIndex, toNodeIndex, type LeafIndex } from 'ts-mls/treemath.js';
import { createUpdatePath, firstCommonAncestor, type PathSecret } from 'ts-mls/updatePath.js';
import { encryptGroupInfo, encryptGroupSecrets } from 'ts-mls/welcome.js';
import { suite } from '../../../../mls-wire/src/index.ts';
import type { RoomPsk } from '../room-passwords.ts';
import type { Bundle } from '../sealer.ts';
import { makeRatchets, prune, toClientState, type Member, type NextEpoch } from './member.ts';
import type { UnappliedProposals } from 'ts-mls/unappliedProposals.js';

/** Removes by reference, with what their references stand for, and the proposals themselves as authenticated data. */
export type Removes = { unapplied: UnappliedProposals; references: Uint8Array[]; authenticatedData: Uint8Array };

/**
 * A commit that always brings fresh keys of its author. The library's createCommit leaves the path out when there are only Adds;
 * the rest is its order of steps (RFC 9420, 12.4.1).
 */
export async function makeCommit(
  member: Member,
  signKey: Uint8Array,
  adds: KeyPackage[],
  removes: Removes,
  psk: RoomPsk | null = null,
): Promise<{ bundle: Bundle; next: NextEpoch }> {
  const cs = await suite();
  const state = toClientState(member, signKey, removes.unapplied);
  const own = toLeafIndex(member.path.leafIndex);
  const proposals: ProposalOrRef[] = [
    ...removes.references.map((reference) => ({ proposalOrRefType: 'reference' as const, reference })),
    ...adds.map((keyPackage) => ({
      proposalOrRefType: 'proposal' as const,
      proposal: { proposalType: 'add' as const, add: { keyPackage } },
    })),
    ...(psk ? [pskProposal(psk, cs.rng.randomBytes(cs.kdf.size))] : []),
  ];
  const applied = await applyProposals(state, proposals, own, pskIndex(psk ? [psk] : []), true, cs);
  if (applied.additionalResult.kind !== 'memberCommit') throw new TypeError('a member commits');
  const newcomers = applied.additionalResult.addedLeafNodes;
  const path = await freshPath(member, signKey, applied.tree, newcomers);
  const signed = await createContentCommitSignature(
    member.context,
    'mls_public_message',
    { proposals, path: path.updatePath },
    { senderType: 'member', leafIndex: own },
    removes.authenticatedData,
    signKey,
    cs.signature,
  );
  const treeHash = await treeHashRoot(path.tree, cs.hash);
  const context = await nextEpochContext(
    member.context,
    'mls_public_message',
    signed.framedContent,
    signed.signature,
    treeHash,
    member.tag,
    cs.hash,
  );
  const epoch = await initializeEpoch(member.schedule.initSecret, path.commitSecret, context, applied.pskSecret, cs.kdf);
  const tag = await createConfirmationTag(epoch.keySchedule.confirmationKey, context.confirmedTranscriptHash, cs.hash);
  const next: Member = { context, tree: path.tree, schedule: epoch.keySchedule, path: path.privatePath, tag };
  const publicMessage = await protectPublicMessage(
    member.schedule.membershipKey,
    member.context,
    {
      wireformat: 'mls_public_message',
      content: signed.framedContent,
      auth: { contentType: 'commit', signature: signed.signature, confirmationTag: tag },
    },
    cs,
  );
  const welcome = await makeWelcome(next, signKey, own, newcomers, path.secrets, { ...epoch, psks: applied.pskIds });
  const bundle = {
    commit: encodeMlsMessage({ version: 'mls10', wireformat: 'mls_public_message', publicMessage }),
    welcome,
    groupInfo: await makeGroupInfo(next, signKey),
  };
  const ratchets = await makeRatchets(next.tree, epoch.encryptionSecret);
  zeroOutUint8Array(path.commitSecret);
  zeroOutUint8Array(epoch.joinerSecret);
  return { bundle, next: { member: next, ratchets, consumed: [member.schedule.initSecret] } };
}

/** What the library finds pre-shared keys by. */
export function pskIndex(psks: RoomPsk[]): PskIndex {
  return makePskIndex(undefined, Object.fromEntries(psks.map(({ id, psk }) => [bytesToBase64(id), psk])));
}

function pskProposal({ id }: RoomPsk, pskNonce: Uint8Array): ProposalOrRef {
  const preSharedKeyId = { psktype: 'external' as const, pskId: id, pskNonce };
  return { proposalOrRefType: 'proposal', proposal: { proposalType: 'psk', psk: { preSharedKeyId } } };
}

/** Group info with ratchet tree and external key, for the bundle and for newcomers. */
export async function makeGroupInfo(member: Member, signKey: Uint8Array): Promise<Uint8Array> {
  const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(toClientState(member, signKey), [], await suite());
  return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_group_info', groupInfo });
}

type Newcomers = [LeafIndex, KeyPackage][];

async function freshPath(member: Member, signKey: Uint8Array, before: RatchetTree, newcomers: Newcomers) {
  const cs = await suite();
  const own = toLeafIndex(member.path.leafIndex);
  const exclude = newcomers.map(([leaf]) => leafToNodeIndex(leaf));
  const [tree, updatePath, secrets, leafKey] = await createUpdatePath(before, own, member.context, signKey, cs, exclude);
  const withLeaf = updateLeafKey(member.path, await cs.hpke.exportPrivateKey(leafKey));
  const above = await toPrivateKeyPath(pathToPathSecrets(secrets), own, cs);
  return {
    tree,
    updatePath,
    secrets,
    privatePath: prune(mergePrivateKeyPaths(withLeaf, above), tree),
    commitSecret: await commitSecretOf(tree, secrets),
  };
}

export async function commitSecretOf(tree: RatchetTree, secrets: PathSecret[]): Promise<Uint8Array> {
  const { kdf } = await suite();
  const last = secrets.at(-1);
  return last === undefined ? new Uint8Array(kdf.size) : getCommitSecret(tree, toNodeIndex(last.nodeIndex), last.secret, kdf);
}

/** Empty when nobody is added. The group info inside carries no tree: it comes with the bundle, once for all. */
async function makeWelcome(
  { context, tag, tree, ...rest }: Member,
  signKey: Uint8Array,
  own: LeafIndex,
  newcomers: Newcomers,
  secrets: PathSecret[],
  epoch: { joinerSecret: Uint8Array; welcomeSecret: Uint8Array; psks: PreSharedKeyID[] },
): Promise<Uint8Array> {
  if (newcomers.length === 0) return new Uint8Array();
  const cs = await suite();
  const groupInfo = await createGroupInfo(context, tag, toClientState({ context, tag, tree, ...rest }, signKey), [], cs);
  const encryptedGroupInfo = await encryptGroupInfo(groupInfo, epoch.welcomeSecret, cs);
  const forEach = newcomers.map(async ([leaf, keyPackage]) => {
    const ancestor = firstCommonAncestor(tree, leaf, own);
    const pathSecret = secrets.find(({ nodeIndex }) => nodeIndex === ancestor)?.secret;
    const initKey = await cs.hpke.importPublicKey(keyPackage.initKey);
    const groupSecrets = { joinerSecret: epoch.joinerSecret, pathSecret, psks: epoch.psks };
    const { enc, ct } = await encryptGroupSecrets(initKey, encryptedGroupInfo, groupSecrets, cs.hpke);
    const newMember = await makeKeyPackageRef(keyPackage, cs.hash);
    return { newMember, encryptedGroupSecrets: { kemOutput: enc, ciphertext: ct } };
  });
  const welcome = { cipherSuite: context.cipherSuite, secrets: await Promise.all(forEach), encryptedGroupInfo };
  return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome });
}
