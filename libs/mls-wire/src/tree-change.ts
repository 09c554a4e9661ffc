import type { FramedContentCommit } from 'ts-mls/framedContent.js';
import type { LeafNode } from 'ts-mls/leafNode.js';
import type { PreSharedKeyID } from 'ts-mls/presharedkey.js';
import { addLeafNode, findBlankLeafNodeIndexOrExtend, removeLeafNode, type RatchetTree } from 'ts-mls/ratchetTree.js';
import { nodeToLeafIndex, toLeafIndex } from 'ts-mls/treemath.js';
import { admissionStatement, decodeAdmission, limits, toBase64url, verifyEd25519, type AdmissionTicket } from '../../protocol/src/index.ts';
import { sameBytes } from './codec.ts';
import { WireError } from './errors.ts';
import { checkExternal, checkPsks, checkUsers } from './entry-rules.ts';
import { checkKeyPackage, keyPackageRef } from './key-package.ts';
import { leafOf } from './leaves.ts';
import { readProposals } from './proposals.ts';
import type { AppliedCommit, Leaf, PublicGroup } from './types.ts';

/** What the proposals of a commit do, before the committer's path. For a newcomer the tree holds its leaf already. */
export type TreeChange = {
  tree: RatchetTree;
  committer: number;
  external: boolean;
  added: AppliedCommit['added'];
  removed: Leaf[];
  admission: AdmissionTicket | null;
  psks: Uint8Array[];
};

/** A member adds by key package, as the group's entry allows, and removes only what the server has proposed. */
export async function changeByMember(
  group: PublicGroup,
  committer: number,
  { commit, authenticatedData }: FramedContentCommit,
  fresh: LeafNode,
): Promise<TreeChange> {
  const carried = new Map((await readProposals(group, authenticatedData)).map((proposal) => [proposal.ref, proposal.removed]));
  const { removes, adds, psks } = sortProposals(commit.proposals, carried);
  if (removes.includes(committer)) throw new WireError('invalid-proposal', 'nobody removes themselves');
  checkSameDevice(leafAt(group.internal.tree, committer), fresh);
  const removed = await Promise.all(removes.map((leaf) => leafOf(leafAt(group.internal.tree, leaf), leaf)));
  let tree = removes.reduce((rest, leaf) => removeLeafNode(rest, toLeafIndex(leaf)), group.internal.tree);
  const added: AppliedCommit['added'] = [];
  for (const keyPackage of adds) {
    await checkKeyPackage(keyPackage);
    const [next, at] = addLeafNode(tree, keyPackage.leafNode);
    tree = next;
    added.push({ ...(await leafOf(keyPackage.leafNode, nodeToLeafIndex(at))), keyPackageRef: await keyPackageRef(keyPackage) });
  }
  checkUsers(
    group,
    added.map(({ user }) => user),
  );
  return { tree, committer, external: false, added, removed, admission: null, psks: checkPsks(group, added.length > 0, psks) };
}

type Proposals = FramedContentCommit['commit']['proposals'];
type KeyPackage = Parameters<typeof checkKeyPackage>[0];

type Sorted = { removes: number[]; adds: KeyPackage[]; psks: PreSharedKeyID[] };

function sortProposals(proposals: Proposals, carried: Map<string, number>): Sorted {
  const [removes, adds, psks]: [number[], KeyPackage[], PreSharedKeyID[]] = [[], [], []];
  for (const item of proposals) {
    if (item.proposalOrRefType === 'reference') {
      const removed = carried.get(toBase64url(item.reference));
      if (removed === undefined || removes.includes(removed))
        throw new WireError('invalid-proposal', 'a reference to no Remove of the server, or twice');
      removes.push(removed);
    } else if (item.proposal.proposalType === 'add') adds.push(item.proposal.add.keyPackage);
    else if (item.proposal.proposalType === 'psk') psks.push(item.proposal.psk.preSharedKeyId);
    else throw new WireError('invalid-proposal', 'members propose Add and the password’s key only');
  }
  if (adds.length > limits.devicesPerRoom) throw new WireError('invalid-proposal', `at most ${limits.devicesPerRoom} Adds`);
  if (removes.length !== carried.size) throw new WireError('invalid-proposal', 'a Remove is carried but not committed');
  return { removes, adds, psks };
}

/** A newcomer comes into an open group by the server's admission, or replaces its own old leaf there. */
export async function changeByNewcomer(
  group: PublicGroup,
  { commit, authenticatedData }: FramedContentCommit,
  fresh: LeafNode,
): Promise<TreeChange> {
  checkExternal(group);
  const removes = resyncOf(commit.proposals);
  const removed: Leaf[] = [];
  let tree = group.internal.tree;
  for (const leaf of removes) {
    const old = leafAt(tree, leaf);
    checkSameDevice(old, fresh);
    removed.push(await leafOf(old, leaf));
    tree = removeLeafNode(tree, toLeafIndex(leaf));
  }
  const committer = nodeToLeafIndex(findBlankLeafNodeIndexOrExtend(tree));
  const [withLeaf] = addLeafNode(tree, fresh);
  const admission = await checkAdmission(group, await leafOf(fresh, committer), authenticatedData);
  return { tree: withLeaf, committer, external: true, added: [], removed, admission, psks: [] };
}

/** One external init, and at most one Remove. */
function resyncOf(proposals: Proposals): number[] {
  const inline = proposals.map((item) => {
    if (item.proposalOrRefType === 'reference') throw new WireError('invalid-proposal', 'newcomers refer to no proposals');
    return item.proposal;
  });
  const removes = inline.flatMap((proposal) => (proposal.proposalType === 'remove' ? [proposal.remove.removed] : []));
  const inits = inline.filter(({ proposalType }) => proposalType === 'external_init').length;
  if (inits !== 1 || removes.length > 1 || inits + removes.length !== inline.length)
    throw new WireError('invalid-proposal', 'a newcomer joins, replaces its own leaf, and nothing else');
  return removes;
}

async function checkAdmission(group: PublicGroup, leaf: Leaf, bytes: Uint8Array): Promise<AdmissionTicket> {
  let admission: AdmissionTicket;
  try {
    admission = decodeAdmission(bytes);
  } catch (error) {
    throw new WireError('not-admitted', 'an external commit carries the server’s admission', { cause: error });
  }
  const forLeaf =
    admission.room === group.room &&
    admission.user === leaf.user &&
    sameBytes(admission.accountKey, leaf.accountKey) &&
    sameBytes(admission.deviceKey, leaf.deviceKey);
  if (!forLeaf) throw new WireError('not-admitted', 'the admission is for another room, account or device');
  if (!(await verifyEd25519(group.serverKey, admission.signature, admissionStatement(admission))))
    throw new WireError('not-admitted', 'the admission is not signed by the server');
  return admission;
}

/** A device keeps key and certificate for as long as its leaf lives. */
function checkSameDevice(old: LeafNode, fresh: LeafNode): void {
  const identity = (node: LeafNode) => (node.credential.credentialType === 'basic' ? node.credential.identity : new Uint8Array());
  if (!sameBytes(old.signaturePublicKey, fresh.signaturePublicKey) || !sameBytes(identity(old), identity(fresh)))
    throw new WireError('invalid-leaf', 'a commit does not change whose leaf it is');
}

function leafAt(tree: RatchetTree, leaf: number): LeafNode {
  const node = tree[2 * leaf];
  if (node?.nodeType !== 'leaf') throw new WireError('invalid-proposal', 'nobody is at this leaf');
  return node.leaf;
}
