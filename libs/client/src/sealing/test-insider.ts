import { createContentCommitSignature } from 'ts-mls/framedContent.js';
import { decodeMlsMessage, encodeMlsMessage } from 'ts-mls/message.js';
import { protectPublicMessage } from 'ts-mls/messageProtectionPublic.js';
import type { Proposal } from 'ts-mls/proposal.js';
import type { UpdatePath } from 'ts-mls/updatePath.js';
import { applyCommit, suite, type WireErrorCode } from '../../../mls-wire/src/index.ts';
import { openMemoryStore } from '../storage/memory-store.ts';
import { loadGroup, type Group } from './group-state.ts';
import { loadOwnKeys, type OwnKeys } from './identity.ts';
import { makeGroupInfo } from './mls/make-commit.ts';
import type { Bundle } from './sealer.ts';
import type { TestServer } from './test-server.ts';
import type { Device } from './test-world.ts';

/** All that a member's device knows: what a member who has turned bad can work with. */
export async function insideOf(device: Device, server: TestServer): Promise<{ group: Group; own: OwnKeys }> {
  const store = openMemoryStore(device.disk, device.disk.term);
  return { group: (await loadGroup(store, server.room))!, own: (await loadOwnKeys(store))! };
}

/** What the server says before ordering, and what members say even when the server has ordered it. */
export async function verdicts(server: TestServer, members: Device[], bundle: Bundle): Promise<{ server: unknown; members: unknown[] }> {
  const signature = await server.signOrder(bundle.commit, server.group.epoch + 1);
  return {
    server: await codeOf(applyCommit(server.group, bundle.commit, bundle.groupInfo)),
    members: await Promise.all(members.map(({ sealer }) => codeOf(sealer.apply(server.room, bundle.commit, signature)))),
  };
}

export const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code ?? error,
  );
export const refused = (code: WireErrorCode, members = 1) => ({
  server: code,
  members: Array.from({ length: members }, () => 'invalid-commit'),
});

/** A commit with these proposals and this path, signed as it should be; its tag is not, since rules are judged before secrets. */
export async function rawCommit({ group, own }: { group: Group; own: OwnKeys }, proposals: Proposal[], path?: UpdatePath): Promise<Bundle> {
  const cs = await suite();
  const { context, schedule } = group.member;
  const { signature, framedContent } = await createContentCommitSignature(
    context,
    'mls_public_message',
    { proposals: proposals.map((proposal) => ({ proposalOrRefType: 'proposal', proposal })), path },
    { senderType: 'member', leafIndex: group.member.path.leafIndex },
    new Uint8Array(),
    own.devicePrivate,
    cs.signature,
  );
  const auth = { contentType: 'commit' as const, signature, confirmationTag: new Uint8Array(32) };
  const content = { wireformat: 'mls_public_message' as const, content: framedContent, auth };
  const publicMessage = await protectPublicMessage(schedule.membershipKey, context, content, cs);
  const bytes = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_public_message', publicMessage });
  return { commit: bytes, welcome: new Uint8Array(), groupInfo: await makeGroupInfo(group.member, own.devicePrivate) };
}

/** The path of an honest commit, to be put under proposals that are not. */
export function pathOf(bundle: Bundle): UpdatePath {
  const message = decodeMlsMessage(bundle.commit, 0)![0];
  if (message.wireformat !== 'mls_public_message' || message.publicMessage.content.contentType !== 'commit') throw new Error('no commit');
  return message.publicMessage.content.commit.path!;
}
