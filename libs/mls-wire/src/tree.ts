import { verifyLeafNodeSignature, verifyLeafNodeSignatureKeyPackage, type LeafNode } from 'ts-mls/leafNode.js';
import { verifyParentHashes } from 'ts-mls/parentHash.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { directPath, leafToNodeIndex, leafWidth, toLeafIndex, toNodeIndex } from 'ts-mls/treemath.js';
import { limits, toBase64url } from '../../protocol/src/index.ts';
import { guard, sameBytes } from './codec.ts';
import { WireError } from './errors.ts';
import { checkTogether, leafNodes, readLeaf } from './leaves.ts';
import { suite } from './suite.ts';

const NODES = 2 * limits.devicesPerRoom - 1;

/**
 * Checks a tree that somebody handed over whole (RFC 9420, 12.4.3.1). The library's validateRatchetTree is not used: it wants the
 * unmerged leaves of all ancestors to be equal, which refuses ordinary trees (tree.test.ts).
 */
export async function checkTree(tree: RatchetTree, groupId: Uint8Array, treeHash: Uint8Array): Promise<void> {
  checkShape(tree);
  checkKeysUnique(tree);
  checkTogether(tree);
  const { hash } = await suite();
  await Promise.all(leafNodes(tree).map(({ node, leaf }) => checkLeaf(node, leaf, groupId)));
  await guard('invalid-tree', async () => {
    if (!(await verifyParentHashes(tree, hash))) throw new WireError('invalid-tree', 'parent hashes do not verify');
    if (!sameBytes(await treeHashRoot(tree, hash), treeHash))
      throw new WireError('invalid-tree', 'the tree is not the one that was signed');
  });
}

/** Leaf by itself and its signature. Throws WireError. */
export async function checkLeaf(node: LeafNode, leaf: number, groupId: Uint8Array): Promise<void> {
  await readLeaf(node, leaf);
  const { signature } = await suite();
  const valid = await guard('bad-signature', () =>
    node.leafNodeSource === 'key_package'
      ? verifyLeafNodeSignatureKeyPackage(node, signature)
      : verifyLeafNodeSignature(node, groupId, leaf, signature),
  );
  if (!valid) throw new WireError('bad-signature', 'the signature of a leaf does not verify');
}

/** Every encryption key of a tree occurs once, in leaves and parents together; all have 32 bytes. */
export function checkKeysUnique(tree: RatchetTree): void {
  const seen = new Set<string>();
  for (const node of tree) {
    if (node === undefined) continue;
    const key = node.nodeType === 'leaf' ? node.leaf.hpkePublicKey : node.parent.hpkePublicKey;
    const name = toBase64url(key);
    if (key.length !== 32 || seen.has(name)) throw new WireError('invalid-tree', 'encryption keys are 32 bytes and occur once');
    seen.add(name);
  }
}

function checkShape(tree: RatchetTree): void {
  if (tree.length === 0 || tree.length > NODES || !Number.isInteger(Math.log2(tree.length + 1)))
    throw new WireError('invalid-tree', `a tree has at most ${NODES} nodes and a full width`);
  tree.forEach((node, i) => {
    if (node === undefined) return;
    if ((node.nodeType === 'leaf') !== (i % 2 === 0)) throw new WireError('invalid-tree', 'a node stands in the wrong place');
    if (node.nodeType === 'parent') checkUnmerged(tree, i, node.parent.unmergedLeaves);
  });
}

/** Each unmerged leaf of a node is a non-blank leaf below it, and unmerged in every non-blank node in between; ascending, once. */
function checkUnmerged(tree: RatchetTree, index: number, unmerged: number[]): void {
  unmerged.forEach((leaf, n) => {
    const at = leafToNodeIndex(toLeafIndex(leaf));
    const path = at < tree.length ? directPath(at, leafWidth(tree.length)) : [];
    const upTo = path.indexOf(toNodeIndex(index));
    const below = path.slice(0, Math.max(upTo, 0)).map((i) => tree[i]);
    const listed = below.every((node) => node?.nodeType !== 'parent' || node.parent.unmergedLeaves.includes(leaf));
    if (upTo < 0 || tree[at] === undefined || !listed || (n > 0 && unmerged[n - 1]! >= leaf))
      throw new WireError('invalid-tree', 'unmerged leaves do not fit the tree');
  });
}
