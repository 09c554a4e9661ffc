import { describe, expect, it } from 'vitest';
import { createCommit } from 'ts-mls/createCommit.js';
import { decodeMlsMessage } from 'ts-mls/message.js';
import type { Proposal } from 'ts-mls/proposal.js';
import { pskIdOf, type Entry } from '../../../protocol/src/index.ts';
import { foundPublicGroup, openGroupInfo, suite } from '../../../mls-wire/src/index.ts';
import { identityOf, makeOwnKeys } from './identity.ts';
import { makeKeyPackage } from './mls/found.ts';
import { commitExternally } from './mls/join-by-commit.ts';
import { makeCommit, makeGroupInfo } from './mls/make-commit.ts';
import { fromClientState, publicOf, toClientState } from './mls/member.ts';
import { codeOf, insideOf, pathOf, rawCommit, refused, verdicts } from './test-insider.ts';
import { TestServer } from './test-server.ts';
import { add, newDevice, rightPsk, tell, world, direct, type Device } from './test-world.ts';

const noRemoves = { unapplied: {}, references: [], authenticatedData: new Uint8Array() };
const closed: Entry[] = [{ by: 'password' }, { by: 'closed' }];

const psk = (pskId: Uint8Array, nonce = 32): Proposal => ({
  proposalType: 'psk',
  psk: { preSharedKeyId: { psktype: 'external', pskId, pskNonce: crypto.getRandomValues(new Uint8Array(nonce)) } },
});
const stranger = async (user: string = crypto.randomUUID()): Promise<Proposal> => ({
  proposalType: 'add',
  add: { keyPackage: (await makeKeyPackage(await makeOwnKeys(user), 30)).publicPackage },
});

/** What server and members say to a commit of the first device with these proposals, under the path of an honest one. */
async function judged(entry: Entry, proposals: (room: string) => Promise<Proposal[]> | Proposal[]) {
  const { server, devices } = await world(2, direct, entry);
  const inside = await insideOf(devices[0]!, server);
  const honest = await makeCommit(inside.group.member, inside.own.devicePrivate, [], noRemoves);
  return verdicts(server, [devices[1]!], await rawCommit(inside, await proposals(server.room), pathOf(honest.bundle)));
}

describe('a room with a password', () => {
  const password: Entry = { by: 'password' };

  it('takes no Add without its key: neither server nor members', async () => {
    expect(await judged(password, async () => [await stranger()])).toEqual(refused('not-admitted'));
  });

  it('would let in, without that rule, whom nobody told the password: the library asks for none', async () => {
    const { server, devices } = await world(2, direct, password);
    const { group, own } = await insideOf(devices[0]!, server);
    const state = toClientState(group.member, own.devicePrivate);
    const made = await createCommit(
      { state, cipherSuite: await suite() },
      { wireAsPublicMessage: true, extraProposals: [await stranger()] },
    );
    expect(made.welcome).toBeDefined();
    expect(fromClientState(made.newState).tree.length).toBeGreaterThan(group.member.tree.length);
  });

  it('takes no other key than its own, none twice, and none of version 0', async () => {
    const wrong: ((room: string) => Proposal[])[] = [
      () => [psk(pskIdOf(crypto.randomUUID(), 1))],
      (room) => [psk(pskIdOf(room, 0))],
      (room) => [psk(new Uint8Array([...pskIdOf(room, 1), 0]))],
      (room) => [psk(pskIdOf(room, 1), 31)],
      (room) => [psk(pskIdOf(room, 1)), psk(pskIdOf(room, 2))],
      () => [
        {
          proposalType: 'psk',
          psk: {
            preSharedKeyId: {
              psktype: 'resumption',
              usage: 'application',
              pskGroupId: new Uint8Array(21),
              pskEpoch: 1n,
              pskNonce: new Uint8Array(32),
            },
          },
        },
      ],
    ];
    for (const proposals of wrong) {
      expect(await judged(password, proposals)).toEqual(refused('invalid-proposal'));
      expect(await judged(password, async (room) => [await stranger(), ...proposals(room)])).toEqual(refused('invalid-proposal'));
    }
  });

  it('is no way into other rooms: there no key is taken at all', async () => {
    for (const entry of [{ by: 'open' }, { by: 'closed' }] as const)
      expect(await judged(entry, (room) => [psk(pskIdOf(room, 1))])).toEqual(refused('invalid-proposal'));
  });

  it('is joined by no Welcome that rests on nothing, whoever made it', async () => {
    const { server, devices } = await world(2, direct, password);
    const { group, own } = await insideOf(devices[0]!, server);
    const eve = await newDevice();
    await eve.sealer.setPassword(server.room, 1, rightPsk);
    const { packages } = await eve.sealer.keyPackages(1, false);
    const keyPackage = decodeMlsMessage(packages[0]!, 0)![0];
    if (keyPackage.wireformat !== 'mls_key_package') throw new Error('no key package');
    const { bundle, next } = await makeCommit(group.member, own.devicePrivate, [keyPackage.keyPackage], noRemoves);
    const groupInfo = await makeGroupInfo(next.member, own.devicePrivate);
    const joining = eve.sealer.joinByWelcome(server.room, bundle.welcome, groupInfo, server.serverKey);
    await expect(joining).rejects.toMatchObject({ code: 'bad-welcome' });
  });
});

describe('a group that is not open', () => {
  it.each(closed)('is not joined by external commit: $by', async (entry) => {
    const { server, devices } = await world(2, direct, entry);
    const own = await makeOwnKeys(crypto.randomUUID());
    const { group, externalPub } = await openGroupInfo(server.groupInfo, server.serverKey);
    const { bundle } = await commitExternally(own, group, externalPub, undefined, await server.admit(await identityOf(own)));
    expect(await verdicts(server, devices, bundle)).toEqual(refused('not-admitted', 2));
  });

  it.each(closed)('is not come back into by external commit either: $by', async (entry) => {
    const { server, devices } = await world(2, direct, entry);
    const { group, own } = await insideOf(devices[0]!, server);
    const known = publicOf(group.member, group.serverKey);
    const { externalPub } = await openGroupInfo(server.groupInfo, server.serverKey);
    const admission = await server.admit(devices[0]!.identity);
    const { bundle } = await commitExternally(own, known, externalPub, group.member.path.leafIndex, admission);
    expect(await verdicts(server, [devices[1]!], bundle)).toEqual(refused('not-admitted'));
    const asking = devices[0]!.sealer.joinByCommit(server.room, server.groupInfo, admission, server.serverKey, true);
    await expect(asking).rejects.toMatchObject({ code: 'invalid-commit' });
  });
});

describe('a direct conversation', () => {
  const users = [crypto.randomUUID(), crypto.randomUUID()].sort() as [string, string];
  const entry: Entry = { by: 'direct', users };

  async function two(): Promise<{ server: TestServer; ann: Device; bob: Device }> {
    const server = await TestServer.start(undefined, entry);
    const [ann, bob] = [await newDevice(direct, users[0]), await newDevice(direct, users[1])];
    await server.found((await ann.sealer.found(server.room, 0, server.serverKey, entry)).groupInfo);
    await ann.sealer.confirm(server.room, 0, 0);
    await add(server, ann, [bob], [ann]);
    return { server, ann, bob };
  }

  it('holds the devices of two people', async () => {
    const { server, ann, bob } = await two();
    expect(await tell(server, ann, [bob], 'hi')).toEqual(['hi']);
    const { group, own } = await insideOf(ann, server);
    expect(group.member.context.groupId).toHaveLength(53);
    expect(own.user).toBe(users[0]);
  });

  it('takes in nobody else: neither server nor members', async () => {
    const { server, ann, bob } = await two();
    const inside = await insideOf(ann, server);
    const honest = await makeCommit(inside.group.member, inside.own.devicePrivate, [], noRemoves);
    const bundle = await rawCommit(inside, [await stranger()], pathOf(honest.bundle));
    expect(await verdicts(server, [bob], bundle)).toEqual(refused('not-admitted'));
    const eve = await newDevice();
    const { packages } = await eve.sealer.keyPackages(1, false);
    await expect(ann.sealer.commit(server.room, packages)).rejects.toMatchObject({ code: 'invalid-commit' });
    expect(await tell(server, ann, [bob], 'on')).toEqual(['on']);
  });

  it('is founded by one of the two only', async () => {
    const server = await TestServer.start(undefined, entry);
    const eve = await newDevice();
    const { groupInfo } = await eve.sealer.found(server.room, 0, server.serverKey, entry);
    const expected = { room: server.room, generation: 0, entry, serverKey: server.serverKey };
    expect(await codeOf(foundPublicGroup(groupInfo, expected))).toBe('not-admitted');
  });
});
