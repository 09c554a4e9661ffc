import { decodeMlsMessage } from 'ts-mls/message.js';
import { processPublicMessage } from 'ts-mls/processMessages.js';
import type { UnappliedProposals } from 'ts-mls/unappliedProposals.js';
import { bytesToBase64 } from 'ts-mls/util/byteArray.js';
import { encodeGroupContext } from 'ts-mls/groupContext.js';
import { fromBase64url, orderedStatement, verifyEd25519 } from '../../../protocol/src/index.ts';
import { encodeProposals, followCommit, readProposals, suite, type AppliedCommit } from '../../../mls-wire/src/index.ts';
import type { Group } from './group-state.ts';
import { fromClientState, publicOf, ratchetsOf, toClientState, type NextEpoch } from './mls/member.ts';
import { pskIndex, type Removes } from './mls/make-commit.ts';
import type { RoomPsk } from './room-passwords.ts';
import { SealError, type Leaf } from './sealer.ts';
import { meaning } from './seal-errors.ts';

/** The server ordered exactly this commit as the next epoch: without its word nobody applies anything. */
export async function checkOrdered(group: Group, commitHash: Uint8Array, serverSignature: Uint8Array): Promise<void> {
  const statement = orderedStatement(group.member.context.groupId, group.epoch + 1, commitHash);
  if (!(await verifyEd25519(group.serverKey, serverSignature, statement)))
    throw new SealError('invalid-commit', 'the server has not ordered this commit');
}

/** The rules all members keep (mls-wire), before any secret is touched. */
export function follow(group: Group, commit: Uint8Array): Promise<AppliedCommit> {
  return meaning('invalid-commit', 'the commit breaks the rules', () => followCommit(publicOf(group.member, group.serverKey), commit));
}

/** The next epoch's secrets, from a commit that has been followed and does not remove this device. `psks`: all that it rests on. */
export function derive(group: Group, commit: Uint8Array, applied: AppliedCommit, signKey: Uint8Array, psks: RoomPsk[]): Promise<NextEpoch> {
  return meaning('invalid-commit', 'the commit cannot be opened', async () => {
    const message = decodeMlsMessage(commit.slice(), 0)?.[0];
    if (message?.wireformat !== 'mls_public_message') throw new RangeError('not a public message');
    const carried = applied.external ? {} : (await removesOf(group, applied.authenticatedData)).unapplied;
    const state = toClientState(group.member, signKey, carried);
    const { newState, consumed } = await processPublicMessage(state, message.publicMessage, pskIndex(psks), await suite());
    const expected = encodeGroupContext(applied.group.internal.groupContext);
    if (!encodeGroupContext(newState.groupContext).every((byte, i) => byte === expected[i]))
      throw new RangeError('secret and public half disagree');
    return { member: fromClientState(newState), ratchets: ratchetsOf(newState.ratchetTree, newState.secretTree), consumed };
  });
}

/** The pending Removes of this epoch, as a commit carries them. */
export function pendingRemoves(group: Group): Promise<Removes> {
  const { removing } = group;
  return removesOf(group, removing.length === 0 ? new Uint8Array() : encodeProposals(removing.map(({ proposal }) => proposal)));
}

async function removesOf(group: Group, authenticatedData: Uint8Array): Promise<Removes> {
  const proposals = await readProposals(publicOf(group.member, group.serverKey), authenticatedData);
  const references = proposals.map(({ ref }) => fromBase64url(ref));
  const unapplied: UnappliedProposals = {};
  proposals.forEach(({ removed }, i) => {
    unapplied[bytesToBase64(references[i]!)] = { proposal: { proposalType: 'remove', remove: { removed } }, senderLeafIndex: undefined };
  });
  return { unapplied, references, authenticatedData };
}

/** Devices that a commit took out for good: not those that came back by it with fresh keys. */
export function goneBy({ added, removed }: { added: Leaf[]; removed: Leaf[] }): Uint8Array[] {
  return removed.filter(({ device }) => !added.some((leaf) => leaf.device === device)).map(({ deviceKey }) => deviceKey);
}

export function plainLeaf({ leaf, device, user, deviceKey, accountKey }: Leaf): Leaf {
  return { leaf, device, user, deviceKey: deviceKey.slice(), accountKey: accountKey.slice() };
}
