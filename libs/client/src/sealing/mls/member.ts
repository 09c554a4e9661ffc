import type { ClientConfig } from 'ts-mls/clientConfig.js';
import type { ClientState } from 'ts-mls/clientState.js';
import { defaultKeyPackageEqualityConfig } from 'ts-mls/keyPackageEqualityConfig.js';
import { defaultLifetimeConfig } from 'ts-mls/lifetimeConfig.js';
import { zeroOutUint8Array } from 'ts-mls/util/byteArray.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import type { KeySchedule } from 'ts-mls/keySchedule.js';
import type { PrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { createSecretTree, type GenerationSecret, type SecretTree } from 'ts-mls/secretTree.js';
import { leafWidth } from 'ts-mls/treemath.js';
import type { UnappliedProposals } from 'ts-mls/unappliedProposals.js';
import { decodeCertificate, verifyCertificate } from '../../../../protocol/src/index.ts';
import { publicGroup, suite, type PublicGroup } from '../../../../mls-wire/src/index.ts';

/** This device in one group at one epoch, all but the message ratchets. */
export type Member = { context: GroupContext; tree: RatchetTree; schedule: KeySchedule; path: PrivateKeyPath; tag: Uint8Array };

/** The application ratchet of each leaf; null for a blank leaf and for one whose keys were deleted. */
export type Ratchets = (GenerationSecret | null)[];

/** A member with ratchets and what may be zeroed once it is stored. */
export type NextEpoch = { member: Member; ratchets: Ratchets; consumed: Uint8Array[] };

/** Generations kept for what arrives out of order, and how far ahead a message may be: relay and mesh overtake each other. */
export const retention = { retainKeysForGenerations: 256, retainKeysForEpochs: 1, maximumForwardRatchetSteps: 4000 };

const serverIdentity = new TextEncoder().encode('conclave server');

/** Passed wherever the library takes it: its default accepts every credential, and nothing stores it. */
export const clientConfig: ClientConfig = {
  keyRetentionConfig: retention,
  lifetimeConfig: defaultLifetimeConfig,
  keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
  paddingConfig: { kind: 'padUntilLength', padUntilLength: 0 },
  authService: {
    async validateCredential(credential, signatureKey) {
      if (credential.credentialType !== 'basic') return false;
      if (credential.identity.length === serverIdentity.length) return credential.identity.every((byte, i) => byte === serverIdentity[i]);
      if (credential.identity.length !== 113) return false;
      return verifyCertificate(decodeCertificate(credential.identity), signatureKey);
    },
  },
};

export function publicOf({ context, tree, tag }: Member, serverKey: Uint8Array): PublicGroup {
  return publicGroup(context, tree, tag, serverKey);
}

/** The library's state for one call. Past epochs and ratchets are kept apart, so they are not in it. */
export function toClientState(member: Member, signKey: Uint8Array, unappliedProposals: UnappliedProposals = {}): ClientState {
  return {
    groupContext: member.context,
    keySchedule: member.schedule,
    secretTree: [],
    ratchetTree: member.tree,
    privatePath: member.path,
    signaturePrivateKey: signKey,
    unappliedProposals,
    confirmationTag: member.tag,
    historicalReceiverData: new Map(),
    groupActiveState: { kind: 'active' },
    clientConfig,
  };
}

/** The other way: keys of nodes that have gone blank are left behind. */
export function fromClientState(state: ClientState): Member {
  return {
    context: state.groupContext,
    tree: state.ratchetTree,
    schedule: state.keySchedule,
    path: prune(state.privatePath, state.ratchetTree),
    tag: state.confirmationTag,
  };
}

export function prune(path: PrivateKeyPath, tree: RatchetTree): PrivateKeyPath {
  const kept = Object.entries(path.privateKeys).filter(([node]) => tree[Number(node)] !== undefined);
  return { leafIndex: path.leafIndex, privateKeys: Object.fromEntries(kept) };
}

/** Ratchets from an epoch's encryption secret, which is zeroed. */
export async function makeRatchets(tree: RatchetTree, encryptionSecret: Uint8Array): Promise<Ratchets> {
  const { kdf } = await suite();
  const secrets = await createSecretTree(leafWidth(tree.length), encryptionSecret, kdf);
  zeroOutUint8Array(encryptionSecret);
  return ratchetsOf(tree, secrets);
}

export function ratchetsOf(tree: RatchetTree, secrets: SecretTree): Ratchets {
  return Array.from({ length: leafWidth(tree.length) }, (_, leaf) => (tree[2 * leaf] ? secrets[2 * leaf]!.application : null));
}

/** As much of a secret tree as one leaf's message needs. */
export function secretTreeOf(leaf: number, ratchet: GenerationSecret): SecretTree {
  const tree: SecretTree = [];
  tree[2 * leaf] = { application: ratchet, handshake: { secret: new Uint8Array(), generation: 0, unusedGenerations: {} } };
  return tree;
}
