import { describe, expect, it } from 'vitest';
import { encodeInvitation, toBase64url, type GroupStatus } from '../../../protocol/src/index.ts';
import { openMemoryStore } from '../storage/memory-store.ts';
import { newDevice, direct, world, type Device } from '../sealing/test-world.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { invitationKeys, proofOf, signInvitation } from './invitation-key.ts';

const now = 1_700_000_000_000;
const packageOf = async ({ sealer }: Device) => (await sealer.keyPackages(1, false)).packages[0]!;

/** A member of a group before a server that hands out, for a device, whatever the story says. */
async function atTheDoor(entry: Parameters<typeof world>[2]) {
  const { server, devices } = await world(2, direct, entry);
  const member = devices[0]!;
  const handedOut = new Map<string, Uint8Array>();
  const claims: string[][] = [];
  const shunned = new Set<string>();
  let knocks = 0;
  const store = openMemoryStore();
  const ctx = {
    room: server.room,
    store,
    sealer: member.sealer,
    clock: { now: () => now },
    rest: {
      as: async (_method: string, _path: string, _schema: unknown, { json }: { json: { devices: string[] } }) => {
        claims.push(json.devices);
        const packages = json.devices.flatMap((device) => (handedOut.has(device) ? [{ device, keyPackage: handedOut.get(device)! }] : []));
        return { packages: packages.map((one) => ({ ...one, keyPackage: toBase64url(one.keyPackage) })) };
      },
    },
  };
  const make = () => new Doorkeeper(ctx as never, { knocked: () => knocks++, shunned: (user) => shunned.has(user) });
  let keeper = make();
  const waits = async (waiting: Device[], invited: GroupStatus['invited'] = []) => {
    const adding = waiting.map(({ identity }) => identity.device);
    const roster = (await member.sealer.roster(server.room))!;
    return keeper.packagesFor({ generation: 0, epoch: roster.epoch, removing: [], adding, invited }, roster);
  };
  const restart = async () => {
    keeper = make();
    await keeper.load();
  };
  const handsOut = async (device: Device, other = device) => handedOut.set(device.identity.device, await packageOf(other));
  return { server, devices, member, waits, restart, handsOut, claims, shunned, keeper: () => keeper, knocks: () => knocks };
}

async function invitationOf(inviter: Device, room: string, to: Device, expiresAt = now + 1_000) {
  const keys = await invitationKeys(crypto.getRandomValues(new Uint8Array(32)));
  const signature = await signInvitation(inviter.sealer, room, keys.publicKey, expiresAt);
  const proof = await proofOf(keys, room, to.identity.accountKey);
  const bytes = encodeInvitation({ room, publicKey: keys.publicKey, expiresAt, inviter: inviter.identity.device, signature, proof });
  return { device: to.identity.device, invitation: toBase64url(bytes) };
}

describe('at the door of a hidden room', () => {
  it('nobody comes in by the server’s word: they knock, and their key packages are taken once', async () => {
    const story = await atTheDoor({ by: 'closed' });
    const eve = await newDevice();
    await story.handsOut(eve);
    expect(await story.waits([eve])).toEqual([]);
    expect(story.keeper().knocking).toEqual([eve.identity.user]);
    expect(story.knocks()).toBe(1);
    expect(await story.waits([eve])).toEqual([]);
    expect(story.claims).toHaveLength(1);
    expect(await story.waits([])).toEqual([]);
    expect(story.keeper().knocking).toEqual([]);
  });

  it('comes in whom a person lets in, over a restart too, with the key that knocked and no other', async () => {
    const story = await atTheDoor({ by: 'closed' });
    const [eve, ghost] = [await newDevice(), await newDevice()];
    await story.handsOut(eve);
    await story.waits([eve]);
    await story.keeper().letIn(eve.identity.user);
    expect(story.keeper().knocking).toEqual([]);
    await story.restart();
    expect(await story.waits([eve])).toHaveLength(1);
    expect(story.keeper().welcomed).toEqual([eve.identity.user]);
    const sameName = await newDevice(direct, eve.identity.user); // the server made keys in her name
    await story.handsOut(sameName);
    expect(await story.waits([sameName])).toEqual([]);
    expect(story.keeper().knocking).toEqual([eve.identity.user]);
    await story.keeper().letIn(ghost.identity.user); // who does not knock is not let in
    await story.handsOut(ghost);
    expect(await story.waits([ghost])).toEqual([]);
  });

  it('comes in whom a member invited, and nobody by an invitation for another, gone by, or of who is no member', async () => {
    const story = await atTheDoor({ by: 'closed' });
    const { server, devices } = story;
    const [eve, dora, stranger] = [await newDevice(), await newDevice(), await newDevice()];
    await story.handsOut(eve);
    const good = await invitationOf(devices[1]!, server.room, eve);
    const bad = [
      await invitationOf(stranger, server.room, eve),
      await invitationOf(devices[1]!, crypto.randomUUID(), eve),
      await invitationOf(devices[1]!, server.room, eve, now - 1),
      { ...(await invitationOf(devices[1]!, server.room, dora)), device: eve.identity.device },
      { ...good, invitation: good.invitation.slice(0, -4) },
      { ...good, device: dora.identity.device },
    ];
    for (const one of bad) expect(await story.waits([eve], [one])).toEqual([]);
    expect(await story.waits([eve], [good])).toHaveLength(1);
  });

  it('comes in another device of somebody who is there, unless a moderator has put them out', async () => {
    const story = await atTheDoor({ by: 'closed' });
    const back = story.devices[1]!;
    await story.handsOut(back);
    expect(await story.waits([back])).toHaveLength(1);
    story.shunned.add(back.identity.user);
    expect(await story.waits([back])).toEqual([]);
  });

  it('a key package of another device than asked for, and what is none, opens nothing', async () => {
    const story = await atTheDoor({ by: 'open' });
    const [eve, ghost] = [await newDevice(), await newDevice()];
    await story.handsOut(eve, ghost);
    expect(await story.waits([eve])).toEqual([]);
    await story.handsOut(eve);
    expect(await story.waits([eve])).toHaveLength(1);
  });
});

describe('at the door of a conversation of two', () => {
  it('come devices of the two, and nobody else', async () => {
    const users = [crypto.randomUUID(), crypto.randomUUID()].sort() as [string, string];
    const story = await atTheDoor({ by: 'closed' });
    const roster = { ...(await story.member.sealer.roster(story.server.room))!, entry: { by: 'direct' as const, users } };
    const [bob, eve] = [await newDevice(direct, users[1]), await newDevice()];
    for (const device of [bob, eve]) await story.handsOut(device);
    const status = (device: Device) => ({ generation: 0, epoch: 1, removing: [], adding: [device.identity.device], invited: [] });
    expect(await story.keeper().packagesFor(status(bob), roster)).toHaveLength(1);
    expect(await story.keeper().packagesFor(status(eve), roster)).toEqual([]);
    expect(story.keeper().knocking).toEqual([]); // a person may not let them in either
  });
});
