import { encodeGroupContext } from 'ts-mls/groupContext.js';
import { verifyGroupInfoConfirmationTag, verifyGroupInfoSignature, type GroupInfo } from 'ts-mls/groupInfo.js';
import type { GroupSecrets } from 'ts-mls/groupSecrets.js';
import type { KeyPackage } from 'ts-mls/keyPackage.js';
import { deriveKeySchedule } from 'ts-mls/keySchedule.js';
import { deriveSecret } from 'ts-mls/crypto/kdf.js';
import { pathToRoot } from 'ts-mls/pathSecrets.js';
import { findLeafIndex, type RatchetTree } from 'ts-mls/ratchetTree.js';
import { leafToNodeIndex, toLeafIndex, type LeafIndex } from 'ts-mls/treemath.js';
import { computePskSecret, type PreSharedKeyID } from 'ts-mls/presharedkey.js';
import { firstCommonAncestor } from 'ts-mls/updatePath.js';
import { decryptGroupInfo, decryptGroupSecrets, type Welcome } from 'ts-mls/welcome.js';
import { checkPsks, suite, type PublicGroup } from '../../../../mls-wire/src/index.ts';
import type { RoomPsk } from '../room-passwords.ts';
import { SealError } from '../sealer.ts';
import { makeRatchets, type NextEpoch } from './member.ts';

/** The private half of a published key package. */
export type PrivateHalf = { keyPackage: KeyPackage; initPrivate: Uint8Array; leafPrivate: Uint8Array };

/**
 * Joins by Welcome a group whose public group info was checked (openGroupInfo): the sealed group info must say the same, so tree and
 * certificates need no second look. Throws when anything differs.
 */
export async function openWelcome(
  welcome: Welcome,
  ref: Uint8Array,
  own: PrivateHalf,
  group: PublicGroup,
  password: (id: Uint8Array) => Promise<RoomPsk>,
): Promise<NextEpoch> {
  const cs = await suite();
  const initKey = await cs.hpke.importPrivateKey(own.initPrivate);
  const secrets = await decryptGroupSecrets(initKey, ref, welcome, cs.hpke);
  if (secrets === undefined) throw new RangeError('the group secrets cannot be read');
  const psk = await pskSecret(group, secrets.psks, password);
  const info = await sealedInfo(welcome, secrets, psk);
  if (info === undefined) throw new RangeError('the sealed group info cannot be read');
  const { groupContext: context, tree, confirmationTag: tag } = group.internal;
  await checkSame(info, group);
  if (!(await verifyGroupInfoConfirmationTag(info, secrets.joinerSecret, psk, cs))) throw new RangeError('wrong confirmation tag');
  const leaf = findLeafIndex(tree, own.keyPackage.leafNode);
  if (leaf === undefined) throw new RangeError('this device is not in the group');
  const above = await pathKeys(tree, leaf, info.signer, secrets);
  const [schedule, encryptionSecret] = await deriveKeySchedule(secrets.joinerSecret, psk, context, cs.kdf);
  const path = { leafIndex: leaf, privateKeys: { ...above, [leafToNodeIndex(leaf)]: own.leafPrivate.slice() } };
  const ratchets = await makeRatchets(tree, encryptionSecret);
  return { member: { context, tree, schedule, path, tag }, ratchets, consumed: [secrets.joinerSecret] };
}

/** A Welcome rests on the password's key in a room that has one, and on nothing elsewhere: one without was made against the rules. */
async function pskSecret(group: PublicGroup, psks: PreSharedKeyID[], password: (id: Uint8Array) => Promise<RoomPsk>): Promise<Uint8Array> {
  const ids = checkPsks(group, true, psks);
  const held = await Promise.all(ids.map(password));
  return computePskSecret(
    held.map(({ psk }, i) => [psks[i]!, psk]),
    await suite(),
  );
}

/** Who holds another key for this version of the password cannot open what the right one has sealed. */
async function sealedInfo(welcome: Welcome, secrets: GroupSecrets, psk: Uint8Array): Promise<GroupInfo | undefined> {
  try {
    return await decryptGroupInfo(welcome, secrets.joinerSecret, psk, await suite());
  } catch (error) {
    if (secrets.psks.length === 0) throw error;
    throw new SealError('password-needed', 'the room’s password is another one', { cause: error });
  }
}

/** What is sealed in the Welcome is what lies open beside it, and is signed by a member. */
async function checkSame(info: GroupInfo, { internal }: PublicGroup): Promise<void> {
  const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);
  if (!same(encodeGroupContext(info.groupContext), encodeGroupContext(internal.groupContext)))
    throw new RangeError('the Welcome is for another epoch or group');
  if (!same(info.confirmationTag, internal.confirmationTag)) throw new RangeError('the Welcome confirms something else');
  const signer = internal.tree[2 * info.signer];
  const { signature } = await suite();
  if (signer?.nodeType !== 'leaf' || !(await verifyGroupInfoSignature(info, signer.leaf.signaturePublicKey, signature)))
    throw new RangeError('the Welcome is not signed by a member');
}

/** Private keys of the nodes above, each compared with the public one in the tree: a wrong secret would show only later. */
async function pathKeys(tree: RatchetTree, leaf: LeafIndex, signer: number, secrets: GroupSecrets): Promise<Record<number, Uint8Array>> {
  if (secrets.pathSecret === undefined) throw new RangeError('a Welcome always brings the path');
  const cs = await suite();
  const from = firstCommonAncestor(tree, leaf, toLeafIndex(signer));
  const found: Record<number, Uint8Array> = {};
  for (const [node, secret] of Object.entries(await pathToRoot(tree, from, secrets.pathSecret, cs.kdf))) {
    const pair = await cs.hpke.deriveKeyPair(await deriveSecret(secret, 'node', cs.kdf));
    const expected = tree[Number(node)];
    const actual = await cs.hpke.exportPublicKey(pair.publicKey);
    if (expected?.nodeType !== 'parent' || !expected.parent.hpkePublicKey.every((byte, i) => byte === actual[i]))
      throw new RangeError('the path secret does not fit the tree');
    found[Number(node)] = await cs.hpke.exportPrivateKey(pair.privateKey);
  }
  return found;
}
