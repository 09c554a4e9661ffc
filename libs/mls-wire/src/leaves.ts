import type { LeafNode } from 'ts-mls/leafNode.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { decodeCertificate, deviceIdOf, limits, toBase64url, verifyCertificate, type Certificate } from '../../protocol/src/index.ts';
import { WireError } from './errors.ts';
import { SUITE } from './suite.ts';
import type { Leaf } from './types.ts';

/*
 * What makes a leaf valid (e2ee.md): a function of group state and commit alone, applied alike by server and members.
 * Nothing here may depend on time, pins or who asks: two members who judge differently would split the room.
 */

/** Checks one leaf by itself: suite, credential, certificate. Throws WireError `invalid-leaf`. */
export async function readLeaf(node: LeafNode, leaf: number): Promise<Leaf> {
  const certificate = certificateOf(node);
  checkCapabilities(node);
  if (node.hpkePublicKey.length !== 32) throw new WireError('invalid-leaf', 'the key of a leaf has 32 bytes');
  if (!(await verifyCertificate(certificate, node.signaturePublicKey)))
    throw new WireError('invalid-leaf', 'the account has not signed this device');
  return leafOf(node, leaf, certificate);
}

/** Reads a leaf that was checked before. */
export async function leafOf(node: LeafNode, leaf: number, certificate: Certificate = certificateOf(node)): Promise<Leaf> {
  const device = await deviceIdOf(node.signaturePublicKey);
  return { leaf, device, user: certificate.user, deviceKey: node.signaturePublicKey, accountKey: certificate.accountKey };
}

/** Checks all leaves of a tree together: at most 256, each device once, one account key per user. Throws WireError `invalid-leaf`. */
export function checkTogether(tree: RatchetTree): void {
  const devices = new Set<string>();
  const accounts = new Map<string, string>();
  for (const { node } of leafNodes(tree)) {
    const { user, accountKey } = certificateOf(node);
    const device = toBase64url(node.signaturePublicKey);
    if (devices.has(device)) throw new WireError('invalid-leaf', 'a device is in the group twice');
    devices.add(device);
    const account = toBase64url(accountKey);
    if ((accounts.get(user) ?? account) !== account) throw new WireError('invalid-leaf', 'a user has two account keys in one group');
    accounts.set(user, account);
  }
  if (devices.size > limits.devicesPerRoom) throw new WireError('invalid-leaf', `at most ${limits.devicesPerRoom} devices`);
}

/** The leaves of a tree with their indices, blank ones left out. */
export function leafNodes(tree: RatchetTree): { node: LeafNode; leaf: number }[] {
  const found: { node: LeafNode; leaf: number }[] = [];
  for (let i = 0; i < tree.length; i += 2) {
    const node = tree[i];
    if (node?.nodeType === 'leaf') found.push({ node: node.leaf, leaf: i / 2 });
  }
  return found;
}

function certificateOf(node: LeafNode): Certificate {
  if (node.credential.credentialType !== 'basic') throw new WireError('invalid-leaf', 'only device certificates are credentials');
  try {
    return decodeCertificate(node.credential.identity);
  } catch (error) {
    throw new WireError('invalid-leaf', 'the credential is not a device certificate', { cause: error });
  }
}

function checkCapabilities({ capabilities, extensions }: LeafNode): void {
  const { versions, ciphersuites, credentials } = capabilities;
  if (!versions.includes('mls10') || !ciphersuites.includes(SUITE) || !credentials.includes('basic'))
    throw new WireError('invalid-leaf', 'the leaf does not speak version, suite and credential of the group');
  if (extensions.length > 0) throw new WireError('invalid-leaf', 'leaves carry no extensions');
}
