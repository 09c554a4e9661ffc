import { beforeAll, describe, expect, it } from 'vitest';
import { signGroupInfo, type GroupInfo } from 'ts-mls/groupInfo.js';
import { decodeMlsMessage, encodeMlsMessage } from 'ts-mls/message.js';
import { limits } from '../../../protocol/src/index.ts';
import {
  applyCommit,
  decodePublicGroup,
  encodePublicGroup,
  foundPublicGroup,
  leavesOf,
  makeRemoveProposal,
  readKeyPackage,
  readPrivateHeader,
  suite,
  type Founding,
  type PublicGroup,
} from '../../../mls-wire/src/index.ts';
import { openMemoryStore } from '../storage/memory-store.ts';
import { loadOwnKeys, makeKeyPair } from './identity.ts';
import type { Bundle } from './sealer.ts';
import { TestServer } from './test-server.ts';
import { add, commit, joinByCommit, newDevice, words, world, type Device } from './test-world.ts';

/** The public half (mls-wire), as the server uses it, against groups that real sealers make. */
describe('following a group by its public half', () => {
  it('sees adds, updates, removals, external joins and resyncs as the members do', async () => {
    const { server, devices } = await world(4);
    const [ann, bob, gone, eve] = devices as [Device, Device, Device, Device];
    await commit(server, bob, devices);
    await ann.sealer.propose(server.room, [await server.removal(gone.identity.device)]);
    const [added, joined] = [await newDevice(), await newDevice()];
    await add(server, ann, [added], [ann, bob, eve]);
    const both = server.log.at(-1)!.applied;
    expect(both.removed.map(({ device }) => device)).toEqual([gone.identity.device]);
    expect(both.added).toMatchObject([
      { device: added.identity.device, user: added.identity.user, keyPackageRef: expect.stringMatching(/^[\w-]{43}$/) },
    ]);
    expect(both).toMatchObject({ external: false, resync: false, admission: null, committer: { device: ann.identity.device } });
    await joinByCommit(server, joined, [ann, bob, eve, added]);
    expect(server.log.at(-1)!.applied).toMatchObject({
      external: true,
      resync: false,
      admission: { room: server.room, user: joined.identity.user },
      added: [{ device: joined.identity.device, keyPackageRef: null }],
    });
    await joinByCommit(server, bob, [ann, eve, added, joined], true);
    expect(server.log.at(-1)!.applied).toMatchObject({ external: true, resync: true, removed: [{ device: bob.identity.device }] });
    for (const { sealer } of [ann, bob, eve, added, joined]) {
      const roster = (await sealer.roster(server.room))!;
      expect(roster.epoch).toBe(server.group.epoch);
      expect(roster.leaves).toEqual(await leavesOf(server.group));
    }
  });

  it('goes on from what it stored', async () => {
    const { server, devices } = await world(3);
    const bundle = await devices[0]!.sealer.commit(server.room, []);
    const again = decodePublicGroup(encodePublicGroup(server.group));
    expect(again).toEqual(server.group);
    const { group } = await applyCommit(again, bundle.commit, bundle.groupInfo);
    expect(group.epoch).toBe(2);
  });

  it('names the key package that an Add used up', async () => {
    const { server, devices } = await world(2);
    const eve = await newDevice();
    const [keyPackage] = (await eve.sealer.keyPackages(1, false)).packages;
    await commit(server, devices[0]!, devices, [keyPackage!]);
    const { ref } = await readKeyPackage(keyPackage!);
    expect(server.log.at(-1)!.applied.added[0]!.keyPackageRef).toBe(ref);
  });
});

describe('founding', () => {
  it('refuses the group of another room, generation or server, and one with members', async () => {
    const [server, other, ann] = [await TestServer.start(), await TestServer.start(), await newDevice()];
    const { groupInfo } = await ann.sealer.found(server.room, 1, server.serverKey, server.entry);
    const expected = { room: server.room, generation: 1, serverKey: server.serverKey, entry: server.entry };
    const refusal = async (change: Partial<Founding>, bytes = groupInfo) => foundPublicGroup(bytes, { ...expected, ...change });
    await expect(refusal({ room: other.room })).rejects.toMatchObject({ code: 'wrong-group' });
    await expect(refusal({ generation: 2 })).rejects.toMatchObject({ code: 'wrong-group' });
    await expect(refusal({ entry: { by: 'closed' } })).rejects.toMatchObject({ code: 'wrong-group' });
    await expect(refusal({ serverKey: other.serverKey })).rejects.toMatchObject({ code: 'group-info-mismatch' });
    expect(await foundPublicGroup(groupInfo, expected)).toMatchObject({ epoch: 0 });
    const grown = await world(2);
    const later = { room: grown.server.room, generation: 0, serverKey: grown.server.serverKey, entry: server.entry };
    await expect(foundPublicGroup(grown.server.groupInfo, later)).rejects.toMatchObject({ code: 'wrong-epoch' });
  });
});

describe('the group info beside a commit', () => {
  type Making = { server: TestServer; bundle: Bundle; sign: (change: (info: GroupInfo) => GroupInfo) => Promise<Uint8Array> };
  /** A pending commit of the first member, and the means to sign another group info with that member's key. */
  const making = async (): Promise<Making> => {
    const { server, devices } = await world(3);
    const bundle = await devices[0]!.sealer.commit(server.room, []);
    const own = (await loadOwnKeys(openMemoryStore(devices[0]!.disk, 1)))!;
    const message = decodeMlsMessage(bundle.groupInfo, 0)![0];
    if (message.wireformat !== 'mls_group_info') throw new Error('no group info');
    const sign = async (change: (info: GroupInfo) => GroupInfo) => {
      const groupInfo = await signGroupInfo(change(message.groupInfo), own.devicePrivate, (await suite()).signature);
      return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_group_info', groupInfo });
    };
    return { server, bundle, sign };
  };
  const order = ({ server, bundle }: Making, groupInfo: Uint8Array) => applyCommit(server.group, bundle.commit, groupInfo);

  it('is taken when it says what the commit made', async () => {
    const made = await making();
    expect(await order(made, await made.sign((info) => info))).toMatchObject({ external: false });
  });

  it('is refused with the tree of before', async () => {
    const made = await making();
    const before = decodeMlsMessage(made.server.groupInfo, 0)![0];
    if (before.wireformat !== 'mls_group_info') throw new Error('no group info');
    const { extensions } = before.groupInfo;
    const lying = await made.sign((info) => ({ ...info, extensions }));
    await expect(order(made, lying)).rejects.toMatchObject({ code: 'group-info-mismatch' });
    await expect(order(made, made.server.groupInfo)).rejects.toMatchObject({ name: 'WireError' });
  });

  it('is refused with another epoch, tag or signer, or without tree or external key', async () => {
    const made = await making();
    const lies: ((info: GroupInfo) => GroupInfo)[] = [
      (info) => ({ ...info, groupContext: { ...info.groupContext, epoch: 7n } }),
      (info) => ({ ...info, confirmationTag: new Uint8Array(32) }),
      (info) => ({ ...info, signer: 1 }),
      (info) => ({ ...info, extensions: info.extensions.slice(1) }),
      (info) => ({ ...info, extensions: info.extensions.slice(0, 1) }),
      (info) => ({ ...info, extensions: [...info.extensions, { extensionType: 9999, extensionData: new Uint8Array() }] }),
    ];
    for (const lie of lies) await expect(order(made, await made.sign(lie))).rejects.toMatchObject({ name: 'WireError' });
  });

  it('is refused when somebody else signed it', async () => {
    const made = await making();
    const { privateKey } = await makeKeyPair();
    const message = decodeMlsMessage(made.bundle.groupInfo, 0)![0];
    if (message.wireformat !== 'mls_group_info') throw new Error('no group info');
    const groupInfo = await signGroupInfo(message.groupInfo, privateKey, (await suite()).signature);
    const forged = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_group_info', groupInfo });
    await expect(order(made, forged)).rejects.toMatchObject({ code: 'bad-signature' });
  });
});

describe('key packages', () => {
  it('say whose they are, and for how long', async () => {
    const ann = await newDevice();
    const { packages, lastResort } = await ann.sealer.keyPackages(2, true);
    const day = 24 * 60 * 60_000;
    const info = await readKeyPackage(packages[0]!);
    expect(info).toMatchObject(picked(ann));
    expect(Math.round((info.notAfter - Date.now()) / day)).toBe(30);
    expect(Math.round(((await readKeyPackage(lastResort!)).notAfter - Date.now()) / day)).toBe(90);
    expect((await readKeyPackage(packages[1]!)).ref).not.toBe(info.ref);
  });

  it('are refused before their time, after it, and when changed', async () => {
    const ann = await newDevice();
    const [bytes] = (await ann.sealer.keyPackages(1, false)).packages;
    const { notBefore, notAfter } = await readKeyPackage(bytes!);
    await expect(readKeyPackage(bytes!, notBefore - 1)).rejects.toMatchObject({ code: 'invalid-leaf' });
    await expect(readKeyPackage(bytes!, notAfter + 1)).rejects.toMatchObject({ code: 'invalid-leaf' });
    for (let at = 0; at < bytes!.length; at++) {
      const changed = bytes!.slice();
      changed[at]! ^= 1;
      await expect(readKeyPackage(changed)).rejects.toMatchObject({ name: 'WireError' });
    }
  });

  const picked = ({ identity: { device, user, accountKey, deviceKey } }: Device) => ({ device, user, accountKey, deviceKey });
});

describe('proposals of the server', () => {
  it('are for a leaf that is there, by the key that is in the group', async () => {
    const { server } = await world(2);
    await expect(makeRemoveProposal(server.group, 7, server.keys)).rejects.toMatchObject({ code: 'invalid-proposal' });
    await expect(makeRemoveProposal(server.group, 1, await makeKeyPair())).rejects.toMatchObject({ code: 'invalid-proposal' });
  });
});

describe('bytes from anywhere', () => {
  let group: PublicGroup;
  let bundle: Bundle;
  let sealed: Uint8Array;
  let keyPackage: Uint8Array;
  beforeAll(async () => {
    const { server, devices } = await world(2);
    ({ group } = server);
    sealed = (await devices[0]!.sealer.seal(server.room, words('hi'), words('about'))).ciphertext;
    bundle = await devices[0]!.sealer.commit(server.room, []);
    keyPackage = (await devices[0]!.sealer.keyPackages(1, false)).packages[0]!;
  });

  it('say in their head which group and epoch they are sealed for', () => {
    expect(readPrivateHeader(sealed)).toMatchObject({ room: group.room, generation: 0, epoch: 1 });
  });

  it('are refused when cut off anywhere, and with anything after their end', async () => {
    const refusal = { name: 'WireError' };
    const readers: [Uint8Array, (bytes: Uint8Array) => unknown][] = [
      [sealed, readPrivateHeader],
      [bundle.commit, (bytes) => applyCommit(group, bytes, bundle.groupInfo)],
      [bundle.groupInfo, (bytes) => applyCommit(group, bundle.commit, bytes)],
      [bundle.groupInfo, (bytes) => foundPublicGroup(bytes, group)],
      [keyPackage, (bytes) => readKeyPackage(bytes)],
      [encodePublicGroup(group), decodePublicGroup],
    ];
    for (const [whole, read] of readers) {
      const attempt = async (bytes: Uint8Array) => read(bytes);
      for (let end = 0; end < whole.length; end += end < 200 ? 1 : 7)
        await expect(attempt(whole.subarray(0, end))).rejects.toMatchObject(refusal);
      await expect(attempt(Uint8Array.of(...whole, 0))).rejects.toMatchObject(refusal);
    }
  });

  it('are refused by size before they are read', async () => {
    const huge = new Uint8Array(limits.bundle + 1);
    expect(() => readPrivateHeader(huge)).toThrow(expect.objectContaining({ code: 'too-large' }));
    await expect(applyCommit(group, huge, huge)).rejects.toMatchObject({ code: 'too-large' });
    await expect(applyCommit(group, bundle.commit, huge)).rejects.toMatchObject({ code: 'too-large' });
    await expect(readKeyPackage(huge)).rejects.toMatchObject({ code: 'too-large' });
  });

  it('are refused when they are something else', async () => {
    expect(() => readPrivateHeader(bundle.commit)).toThrow(expect.objectContaining({ code: 'unsupported' }));
    await expect(applyCommit(group, sealed, bundle.groupInfo)).rejects.toMatchObject({ code: 'unsupported' });
    await expect(readKeyPackage(bundle.groupInfo.subarray(0, 8000))).rejects.toMatchObject({ name: 'WireError' });
  });

  it('are refused as noise', async () => {
    for (let i = 0; i < 300; i++) {
      const noise = crypto.getRandomValues(new Uint8Array(4 + (i % 200)));
      noise.set([0, 1, 0, 1 + (i % 5)]); // version, then every wire format
      const attempts = [() => readPrivateHeader(noise), () => applyCommit(group, noise, noise), () => readKeyPackage(noise)];
      for (const attempt of attempts) await expect((async () => attempt())()).rejects.toMatchObject({ name: 'WireError' });
    }
  });
});
