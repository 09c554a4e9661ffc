import { describe, expect, it } from 'vitest';
import { applyUpdatePathSecret, createCommit } from 'ts-mls/createCommit.js';
import { validateRatchetTree } from 'ts-mls/clientState.js';
import type { KeyPackage } from 'ts-mls/keyPackage.js';
import { decodeMlsMessage, encodeMlsMessage } from 'ts-mls/message.js';
import { protectExternalProposalPublic } from 'ts-mls/messageProtectionPublic.js';
import type { Proposal } from 'ts-mls/proposal.js';
import { toLeafIndex } from 'ts-mls/treemath.js';
import { decodeAdmission, encodeAdmission } from '../../../protocol/src/index.ts';
import { applyCommit, suite } from '../../../mls-wire/src/index.ts';
import { openMemoryStore } from '../storage/memory-store.ts';
import { loadPast, type Group } from './group-state.ts';
import { certify, loadOwnKeys, makeKeyPair, makeOwnKeys, type OwnKeys } from './identity.ts';
import { makeKeyPackage } from './mls/found.ts';
import { commitExternally } from './mls/join-by-commit.ts';
import { makeCommit, makeGroupInfo } from './mls/make-commit.ts';
import { clientConfig, fromClientState, toClientState } from './mls/member.ts';
import { MlsSealer } from './mls-sealer.ts';
import type { Bundle } from './sealer.ts';
import { insideOf, pathOf, rawCommit, refused, verdicts } from './test-insider.ts';
import type { TestServer } from './test-server.ts';
import { add, commit, direct, follow, joinByCommit, newDevice, reload, tell, words, world, type Device } from './test-world.ts';

const noRemoves = { unapplied: {}, references: [], authenticatedData: new Uint8Array() };
const not = (devices: Device[], ...without: Device[]) => devices.filter((device) => !without.includes(device));

describe('what the library does by itself, and why it is not used for that', () => {
  it('† leaves the path out of a commit with Adds only', async () => {
    const { server, devices } = await world(2);
    const { group, own } = await insideOf(devices[0]!, server);
    const { publicPackage } = await makeKeyPackage(await makeOwnKeys(crypto.randomUUID()), 30);
    const state = toClientState(group.member, own.devicePrivate);
    const extraProposals: Proposal[] = [{ proposalType: 'add', add: { keyPackage: publicPackage } }];
    const options = { wireAsPublicMessage: true, extraProposals };
    const { commit: made, newState } = await createCommit({ state, cipherSuite: await suite() }, options);
    const bundle = {
      commit: encodeMlsMessage(made),
      welcome: new Uint8Array(),
      groupInfo: await makeGroupInfo(fromClientState(newState), own.devicePrivate),
    };
    expect(pathOf(bundle)).toBeUndefined();
    expect(await verdicts(server, [devices[1]!], bundle)).toEqual(refused('no-path'));
  });

  it('† refuses the tree of an ordinary group, in which a leaf is unmerged below but not at the root', async () => {
    const { server, devices } = await world(8);
    for (const device of devices) await commit(server, device, devices);
    const gone = devices[2]!;
    await devices[0]!.sealer.propose(server.room, [await server.removal(gone.identity.device)]);
    const rest = not(devices, gone);
    await commit(server, devices[0]!, rest);
    const eve = await newDevice();
    await add(server, devices[6]!, [eve], rest);
    const { groupContext, tree } = server.group.internal;
    const unmerged = tree.map((node) => (node?.nodeType === 'parent' ? node.parent.unmergedLeaves : []));
    expect(unmerged.flat()).toEqual([2]);
    const verdict = await validateRatchetTree(
      tree,
      groupContext,
      clientConfig.lifetimeConfig,
      clientConfig.authService,
      groupContext.treeHash,
      await suite(),
    );
    expect(verdict?.message).toContain('unmerged');
    const late = await newDevice();
    await joinByCommit(server, late, [...rest, eve]);
    for (const from of [eve, late, devices[3]!]) expect(await tell(server, from, not([...rest, eve, late], from), 'x')).toHaveLength(8);
  });
});

describe('a commit that every member and the server refuse', () => {
  it('removes someone without fresh keys', async () => {
    const { server, devices } = await world(3);
    const inside = await insideOf(devices[0]!, server);
    expect(await verdicts(server, [devices[1]!], await rawCommit(inside, [{ proposalType: 'remove', remove: { removed: 2 } }]))).toEqual(
      refused('no-path'),
    );
  });

  it('removes someone whom the server has not proposed to remove', async () => {
    const { server, devices } = await world(3);
    const inside = await insideOf(devices[0]!, server);
    const honest = await makeCommit(inside.group.member, inside.own.devicePrivate, [], noRemoves);
    const bundle = await rawCommit(inside, [{ proposalType: 'remove', remove: { removed: 2 } }], pathOf(honest.bundle));
    expect(await verdicts(server, [devices[1]!], bundle)).toEqual(refused('invalid-proposal'));
  });

  it('changes the group’s extensions, so that another server could remove', async () => {
    const { server, devices } = await world(2);
    const inside = await insideOf(devices[0]!, server);
    const honest = await makeCommit(inside.group.member, inside.own.devicePrivate, [], noRemoves);
    const proposal: Proposal = { proposalType: 'group_context_extensions', groupContextExtensions: { extensions: [] } };
    expect(await verdicts(server, [devices[1]!], await rawCommit(inside, [proposal], pathOf(honest.bundle)))).toEqual(
      refused('invalid-proposal'),
    );
  });

  it('adds a ghost: a leaf that its account has not signed', async () => {
    const { server, devices } = await world(2);
    const ghost = { ...(await makeOwnKeys(devices[0]!.identity.user)), accountKey: devices[0]!.identity.accountKey };
    const { publicPackage } = await makeKeyPackage(ghost, 30);
    expect(await verdicts(server, [devices[1]!], await withAdd(devices[0]!, server, publicPackage))).toEqual(refused('invalid-leaf'));
  });

  it('adds a device under a second account key of a user who is there', async () => {
    const { server, devices } = await world(2);
    const second = await makeOwnKeys(devices[1]!.identity.user);
    const { publicPackage } = await makeKeyPackage(second, 30);
    expect(await verdicts(server, [devices[1]!], await withAdd(devices[0]!, server, publicPackage))).toEqual(refused('invalid-leaf'));
  });

  it('adds a device that is in the group', async () => {
    const { server, devices } = await world(3);
    const { own } = await insideOf(devices[1]!, server);
    const bundle = await withAdd(devices[0]!, server, (await makeKeyPackage(own, 30)).publicPackage);
    expect(await verdicts(server, [devices[2]!], bundle)).toEqual(refused('invalid-leaf'));
  });

  it('is signed by somebody else', async () => {
    const { server, devices } = await world(3);
    const inside = await insideOf(devices[0]!, server);
    const { own } = await insideOf(devices[2]!, server);
    const { bundle } = await makeCommit(inside.group.member, own.devicePrivate, [], noRemoves);
    expect(await verdicts(server, [devices[1]!], bundle)).toEqual(refused('bad-signature'));
  });

  it('was changed anywhere on its way', async () => {
    const { server, devices } = await world(3);
    const bundle = await devices[0]!.sealer.commit(server.room, []);
    const membershipTag = 33; // a secret of the members: the server cannot check it, they do
    for (let at = 0; at < bundle.commit.length - membershipTag; at += 23) {
      const changed = bundle.commit.slice();
      changed[at]! ^= 0x21;
      await expect(applyCommit(server.group, changed, bundle.groupInfo)).rejects.toMatchObject({ name: 'WireError' });
    }
    const tagged = bundle.commit.slice();
    tagged[tagged.length - 1]! ^= 1;
    const signature = await server.signOrder(tagged, 2);
    await expect(devices[1]!.sealer.apply(server.room, tagged, signature)).rejects.toMatchObject({ code: 'invalid-commit' });
    await server.order(bundle);
    expect(await follow(server, [devices[1]!])).toMatchObject([{ epoch: 2 }]);
  });
});

/** A commit with an Add that an honest device would not make: the library accepts equal users and keys, so it is made by hand. */
async function withAdd(by: Device, server: TestServer, keyPackage: KeyPackage): Promise<Bundle> {
  const inside = await insideOf(by, server);
  const stranger = await makeKeyPackage(await makeOwnKeys(crypto.randomUUID()), 30);
  const honest = await makeCommit(inside.group.member, inside.own.devicePrivate, [stranger.publicPackage], noRemoves);
  return rawCommit(inside, [{ proposalType: 'add', add: { keyPackage } }], pathOf(honest.bundle));
}

describe('an honest device', () => {
  it('does not commit a key package that others would refuse', async () => {
    const { server, devices } = await world(2);
    const ann = devices[0]!;
    const foreign = new MlsSealer(openMemoryStore());
    await foreign.enroll(devices[1]!.identity.user);
    const { packages } = await foreign.keyPackages(1, false);
    await expect(ann.sealer.commit(server.room, packages)).rejects.toMatchObject({ code: 'invalid-commit' });
    await expect(ann.sealer.commit(server.room, [words('junk')])).rejects.toMatchObject({ code: 'invalid-commit' });
    expect(await tell(server, ann, [devices[1]!], 'on')).toEqual(['on']);
  });

  it('adds a second device of the same account', async () => {
    const { server, devices } = await world(2);
    const { own } = await insideOf(devices[1]!, server);
    const device = await makeKeyPair();
    const account = { publicKey: own.accountKey, privateKey: own.accountPrivate };
    const second: OwnKeys = {
      ...own,
      deviceKey: device.publicKey,
      devicePrivate: device.privateKey,
      signature: await certify(own.user, account, device.publicKey),
    };
    const { publicPackage } = await makeKeyPackage(second, 30);
    const bytes = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_key_package', keyPackage: publicPackage });
    const change = await commit(server, devices[0]!, devices, [bytes]);
    expect(change.added[0]!.user).toBe(own.user);
  });

  it('takes a reset account in when the same commit removes all of its old devices', async () => {
    const { server, devices } = await world(3);
    const [ann, bob, eve] = devices as [Device, Device, Device];
    const proposal = await server.removal(bob.identity.device);
    const reset = await newDevice(direct, bob.identity.user);
    await ann.sealer.propose(server.room, [proposal]);
    await add(server, ann, [reset], [ann, eve]);
    expect(await tell(server, reset, [ann, eve], 'new keys')).toEqual(['new keys', 'new keys']);
  });

  it('refuses any proposal of the server but Remove', async () => {
    const { server, devices } = await world(2);
    const { group } = await insideOf(devices[0]!, server);
    const { publicPackage } = await makeKeyPackage(await makeOwnKeys(crypto.randomUUID()), 30);
    const proposal: Proposal = { proposalType: 'add', add: { keyPackage: publicPackage } };
    const sender = { senderType: 'external' as const, senderIndex: 0 };
    const cs = await suite();
    const { publicMessage } = await protectExternalProposalPublic(
      server.keys.privateKey,
      group.member.context,
      new Uint8Array(),
      proposal,
      sender,
      cs,
    );
    const bytes = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_public_message', publicMessage });
    await expect(devices[0]!.sealer.propose(server.room, [bytes])).rejects.toMatchObject({ code: 'invalid-commit' });
  });
});

describe('an external commit', () => {
  const arrive = async () => {
    const { server, devices } = await world(2);
    const eve = await newDevice();
    const own = (await loadOwnKeys(openMemoryStore(eve.disk, eve.disk.term)))!;
    const { groupInfo } = server;
    const externalPub = externalKey(groupInfo);
    const make = async (ticket: Uint8Array, old?: number) => (await commitExternally(own, server.group, externalPub, old, ticket)).bundle;
    return { server, devices, eve, make };
  };

  it('needs the server’s admission', async () => {
    const { server, devices, make } = await arrive();
    expect(await verdicts(server, devices, await make(new Uint8Array()))).toEqual(refused('not-admitted', 2));
  });

  it('needs an admission for this very device', async () => {
    const { server, devices, make } = await arrive();
    const other = await newDevice();
    expect(await verdicts(server, devices, await make(await server.admit(other.identity)))).toEqual(refused('not-admitted', 2));
  });

  it('needs an admission for this very room', async () => {
    const { server, devices, eve, make } = await arrive();
    expect(await verdicts(server, devices, await make(await server.admit(eve.identity, crypto.randomUUID())))).toEqual(
      refused('not-admitted', 2),
    );
  });

  it('needs the server’s own signature', async () => {
    const { server, devices, eve, make } = await arrive();
    const admission = decodeAdmission(await server.admit(eve.identity));
    const longer = encodeAdmission({ ...admission, expiresAt: admission.expiresAt + 1 });
    expect(await verdicts(server, devices, await make(longer))).toEqual(refused('not-admitted', 2));
  });

  it('takes out nobody but the newcomer’s own old leaf', async () => {
    const { server, devices, eve, make } = await arrive();
    expect(await verdicts(server, [devices[0]!], await make(await server.admit(eve.identity), 1))).toEqual(refused('invalid-leaf'));
  });

  it('does not put a device in twice', async () => {
    const { server, devices } = await arrive();
    const own = (await insideOf(devices[1]!, server)).own;
    const ticket = await server.admit(devices[1]!.identity);
    const { bundle } = await commitExternally(own, server.group, externalKey(server.groupInfo), undefined, ticket);
    expect(await verdicts(server, [devices[0]!], bundle)).toEqual(refused('invalid-leaf'));
    const again = devices[1]!.sealer.joinByCommit(server.room, server.groupInfo, ticket, server.serverKey, false);
    await expect(again).rejects.toMatchObject({ code: 'invalid-commit' });
  });
});

function externalKey(groupInfo: Uint8Array): Uint8Array {
  const message = decodeMlsMessage(groupInfo, 0)![0];
  if (message.wireformat !== 'mls_group_info') throw new Error('no group info');
  return message.groupInfo.extensions.find(({ extensionType }) => extensionType === 'external_pub')!.extensionData;
}

describe('who was removed', () => {
  it('† finds nothing in the commit’s path that its keys open', async () => {
    const { server, devices } = await world(5);
    for (const device of devices) await commit(server, device, devices);
    const gone = devices[3]!;
    const { group } = await insideOf(gone, server);
    await devices[0]!.sealer.propose(server.room, [await server.removal(gone.identity.device)]);
    await commit(server, devices[0]!, not(devices, gone));
    const { bundle, applied } = server.log.at(-1)!;
    const path = pathOf(bundle);
    const { groupContext, tree } = applied.group.internal;
    const cs = await suite();
    const derive = (keys: Group['member']['path']) =>
      applyUpdatePathSecret(
        tree,
        keys,
        toLeafIndex(0),
        { ...groupContext, confirmedTranscriptHash: group.member.context.confirmedTranscriptHash },
        path,
        [],
        cs,
      );
    await expect(derive(group.member.path)).rejects.toBeInstanceOf(Error);
    const { group: kept } = await insideOf(devices[1]!, server);
    expect(kept.epoch).toBe(server.group.epoch);
    for (const node of path.nodes)
      for (const { ciphertext, kemOutput } of node.encryptedPathSecret)
        for (const key of Object.values(group.member.path.privateKeys)) {
          const opened = cs.hpke.open(await cs.hpke.importPrivateKey(key), kemOutput, ciphertext, new Uint8Array());
          await expect(opened).rejects.toBeInstanceOf(Error);
        }
  });

  it('leaves no ratchet behind in any epoch that is kept', async () => {
    const { server, devices } = await world(3);
    const [ann, bob, gone] = devices as [Device, Device, Device];
    await commit(server, ann, devices);
    await commit(server, bob, devices);
    await ann.sealer.propose(server.room, [await server.removal(gone.identity.device)]);
    await commit(server, ann, [ann, bob]);
    for (const device of [ann, bob]) {
      const { group } = await insideOf(device, server);
      const pasts = await Promise.all(
        group.past.map((past) => loadPast(openMemoryStore(device.disk, device.disk.term), server.room, past)),
      );
      expect(pasts.map(({ epoch, ratchets }) => [epoch, ratchets[2] ?? null])).toContainEqual([3, null]);
      for (const { ratchets } of pasts) expect(ratchets[2] ?? null).toBeNull();
    }
  });
});

describe('limits', () => {
  it('refuses a message too far ahead, and opens one as far as it may be', async () => {
    const { server, devices } = await world(2);
    const [ann, bob] = devices as [Device, Device];
    const skipTo = async (generation: number) => {
      ann.disk.tables.get('epochs')!.set(
        [...ann.disk.tables.get('epochs')!.keys()].find((key) => key.endsWith('/own'))!,
        generation,
      );
      reload(ann);
      return (await ann.sealer.seal(server.room, words('far'), new Uint8Array())).ciphertext;
    };
    await ann.sealer.seal(server.room, words('first'), new Uint8Array());
    const near = await skipTo(4000);
    const far = await skipTo(8001);
    await expect(bob.sealer.open(server.room, far)).rejects.toMatchObject({ code: 'undecipherable' });
    expect((await bob.sealer.open(server.room, near)).content).toEqual(words('far'));
  });

  it('follows a room of 64 devices', async () => {
    const { server, devices } = await world(3);
    const [ann, bob, gone] = devices as [Device, Device, Device];
    const many = await Promise.all(Array.from({ length: 61 }, () => newDevice()));
    const packages = await Promise.all(many.map(async ({ sealer }) => (await sealer.keyPackages(1, false)).packages[0]!));
    await commit(server, ann, devices, packages);
    const { bundle } = server.log.at(-1)!;
    const eve = many[40]!;
    await eve.sealer.joinByWelcome(server.room, bundle.welcome, bundle.groupInfo, server.serverKey);
    await commit(server, eve, devices);
    await ann.sealer.propose(server.room, [await server.removal(gone.identity.device)]);
    await commit(server, ann, [bob, eve]);
    const late = await newDevice();
    await joinByCommit(server, late, [ann, bob, eve]);
    expect(await tell(server, late, [ann, bob, eve], 'all')).toEqual(['all', 'all', 'all']);
    expect((await late.sealer.roster(server.room))!.leaves).toHaveLength(64);
  });
});
