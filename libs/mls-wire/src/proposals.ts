import { encodeMlsMessage } from 'ts-mls/message.js';
import { makeProposalRef } from 'ts-mls/authenticatedContent.js';
import { verifyFramedContentSignature } from 'ts-mls/framedContent.js';
import { protectExternalProposalPublic } from 'ts-mls/messageProtectionPublic.js';
import type { PublicMessage } from 'ts-mls/publicMessage.js';
import { encodeParts, limits, toBase64url } from '../../protocol/src/index.ts';
import { decodeMessage, guard, sameBytes } from './codec.ts';
import { WireError } from './errors.ts';
import { suite } from './suite.ts';
import type { PublicGroup } from './types.ts';

/** Bytes of one external Remove, far more than it takes. */
const PROPOSAL = 512;

export type RemoveProposal = { removed: number; ref: string; message: PublicMessage };

/** The external sender's Remove for the group's current epoch, as MLSMessage(PublicMessage). `serverKey` holds raw Ed25519 bytes, 32 each. */
export async function makeRemoveProposal(
  group: PublicGroup,
  leaf: number,
  serverKey: { privateKey: Uint8Array; publicKey: Uint8Array },
): Promise<Uint8Array> {
  if (!sameBytes(serverKey.publicKey, group.serverKey)) throw new WireError('invalid-proposal', 'this server is not the external sender');
  const { groupContext, tree } = group.internal;
  if (tree[2 * leaf]?.nodeType !== 'leaf') throw new WireError('invalid-proposal', 'nobody is at this leaf');
  const { publicMessage } = await protectExternalProposalPublic(
    serverKey.privateKey,
    groupContext,
    new Uint8Array(),
    { proposalType: 'remove', remove: { removed: leaf } },
    { senderType: 'external', senderIndex: 0 },
    await suite(),
  );
  return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_public_message', publicMessage });
}

/** Checks a Remove of the external sender for this epoch: the only proposal anyone may make outside a commit. Throws WireError. */
export async function readRemoveProposal(group: PublicGroup, bytes: Uint8Array): Promise<RemoveProposal> {
  const message = decodeMessage(bytes, 'mls_public_message', PROPOSAL).publicMessage;
  const { content, auth } = message;
  const { groupContext, tree } = group.internal;
  if (content.contentType !== 'proposal' || content.sender.senderType !== 'external' || content.sender.senderIndex !== 0)
    throw new WireError('invalid-proposal', 'only the server proposes');
  if (!sameBytes(content.groupId, groupContext.groupId)) throw new WireError('wrong-group', 'a proposal for another group');
  if (content.epoch !== groupContext.epoch) throw new WireError('wrong-epoch', 'a proposal for another epoch');
  if (content.proposal.proposalType !== 'remove') throw new WireError('invalid-proposal', 'the server proposes Remove only');
  const { removed } = content.proposal.remove;
  if (tree[2 * removed]?.nodeType !== 'leaf') throw new WireError('invalid-proposal', 'nobody is at this leaf');
  const { signature, hash } = await suite();
  const valid = await guard('bad-signature', () =>
    verifyFramedContentSignature(group.serverKey, 'mls_public_message', content, auth, groupContext, signature),
  );
  if (!valid) throw new WireError('bad-signature', 'the proposal is not signed by the server');
  const ref = toBase64url(await makeProposalRef({ wireformat: 'mls_public_message', content, auth }, hash));
  return { removed, ref, message };
}

/** Removes as a commit carries them in its authenticated data, so that whoever follows it needs nothing else. */
export function encodeProposals(proposals: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return encodeParts(proposals);
}

/** Throws WireError unless the authenticated data is whole proposals. */
export async function readProposals(group: PublicGroup, authenticatedData: Uint8Array): Promise<RemoveProposal[]> {
  const view = new DataView(authenticatedData.buffer, authenticatedData.byteOffset, authenticatedData.byteLength);
  const found: RemoveProposal[] = [];
  for (let at = 0; at < authenticatedData.length;) {
    if (found.length >= limits.devicesPerRoom || at + 4 > authenticatedData.length) throw new WireError('malformed', 'not proposals');
    const end = at + 4 + view.getUint32(at);
    if (end > authenticatedData.length) throw new WireError('malformed', 'a proposal ends early');
    found.push(await readRemoveProposal(group, authenticatedData.subarray(at + 4, end)));
    at = end;
  }
  return found;
}
