import { describe, expect, it } from 'vitest';
import { pskIdOf } from '../../../protocol/src/index.ts';
import type { Sealer } from './sealer.ts';
import type { TestServer } from './test-server.ts';
import { add, commit, follow, newDevice, reload, rightPsk, tell, words, world, type Device, type MakeSealer } from './test-world.ts';

const nothing = new Uint8Array();
const wrongPsk = new Uint8Array(32).fill(8);
const nextPsk = new Uint8Array(32).fill(9);
const emptyPsk = new Uint8Array(32);
const not = (devices: Device[], ...without: Device[]) => devices.filter((device) => !without.includes(device));

/** A device of somebody the server calls a member; `psk` is what they hold for the password. */
async function newcomer(server: TestServer, make: MakeSealer, psk: Uint8Array | null): Promise<Device> {
  const device = await newDevice(make);
  if (psk) await device.sealer.setPassword(server.room, 1, psk);
  return device;
}

/** `by` adds it, as it does whenever the server says somebody waits; resolves with what the newcomer's Welcome does. */
async function letIn(server: TestServer, by: Device, members: Device[], eve: Device): Promise<() => ReturnType<Sealer['joinByWelcome']>> {
  await commit(server, by, members, (await eve.sealer.keyPackages(1, false)).packages);
  const { bundle } = server.log.at(-1)!;
  return () => eve.sealer.joinByWelcome(server.room, bundle.welcome, bundle.groupInfo, server.serverKey);
}

const needed = { name: 'SealError', code: 'password-needed' };

/** Rooms with a password (e2ee.md): what every Sealer that is really secure must do. */
export function passwordContract(name: string, make: MakeSealer): void {
  const passwordWorld = (count: number) => world(count, make, { by: 'password' });

  describe(`${name}: a room with a password`, () => {
    it('takes in who knows it, and everybody reads everybody', async () => {
      const { server, devices } = await passwordWorld(3);
      expect(server.log[0]!.applied.psks).toEqual([pskIdOf(server.room, 1)]);
      const eve = await newcomer(server, make, rightPsk);
      await add(server, devices[1]!, [eve], devices);
      const all = [...devices, eve];
      for (const from of all) expect(await tell(server, from, not(all, from), 'hi')).toEqual(['hi', 'hi', 'hi']);
      expect((await eve.sealer.roster(server.room))!.entry).toEqual({ by: 'password' });
    });

    it('lets a member go and renews keys without it', async () => {
      const { server, devices } = await passwordWorld(3);
      const [ann, bob, gone] = devices as [Device, Device, Device];
      await ann.sealer.propose(server.room, [await server.removal(gone.identity.device)]);
      await commit(server, ann, [ann, bob]);
      await commit(server, bob, [ann, bob]);
      expect(server.log.slice(1).map(({ applied }) => applied.psks)).toEqual([[], []]);
      expect(await tell(server, ann, [bob], 'on')).toEqual(['on']);
    });

    it('gives nothing to who holds no password, a wrong or an empty one, though the server calls them a member', async () => {
      for (const psk of [null, wrongPsk, emptyPsk]) {
        const { server, devices } = await passwordWorld(2);
        const eve = await newcomer(server, make, psk);
        const join = await letIn(server, devices[0]!, devices, eve);
        await expect(join()).rejects.toMatchObject(needed);
        expect(await eve.sealer.roster(server.room)).toBeNull();
        const { ciphertext } = await devices[0]!.sealer.seal(server.room, words('secret'), nothing);
        await expect(eve.sealer.open(server.room, ciphertext)).rejects.toMatchObject({ code: 'no-group' });
        expect(await devices[1]!.sealer.open(server.room, ciphertext)).toMatchObject({ content: words('secret') });
      }
    });

    it('opens the same Welcome once the right one is typed', async () => {
      const { server, devices } = await passwordWorld(2);
      const eve = await newcomer(server, make, wrongPsk);
      const join = await letIn(server, devices[0]!, devices, eve);
      await expect(join()).rejects.toMatchObject(needed);
      await eve.sealer.setPassword(server.room, 1, rightPsk);
      expect(await join()).toMatchObject({ epoch: 2 });
      expect(await tell(server, devices[0]!, [eve], 'hi')).toEqual(['hi']);
    });

    it('adds nobody itself without it, and nobody by a version it does not hold', async () => {
      const { server, devices } = await passwordWorld(2);
      const eve = await newDevice(make);
      const { packages } = await eve.sealer.keyPackages(1, false);
      await devices[0]!.sealer.forgetPasswords(server.room);
      await expect(devices[0]!.sealer.commit(server.room, packages)).rejects.toMatchObject(needed);
      await expect(devices[1]!.sealer.commit(server.room, packages, { password: 2 })).rejects.toMatchObject(needed);
      await commit(server, devices[1]!, devices);
      expect(await tell(server, devices[0]!, [devices[1]!], 'on')).toEqual(['on']);
    });

    it('stays as it was when a commit rests on another secret than the password, and goes on by the next that is right', async () => {
      const { server, devices } = await passwordWorld(3);
      const [ann, bob, bad] = devices as [Device, Device, Device];
      await bad.sealer.setPassword(server.room, 1, wrongPsk);
      const bundle = await bad.sealer.commit(server.room, [], { password: 1 });
      const signature = await server.signOrder(bundle.commit, 2);
      const before = await ann.sealer.roster(server.room);
      await expect(ann.sealer.apply(server.room, bundle.commit, signature)).rejects.toMatchObject({ code: 'invalid-commit' });
      expect(await ann.sealer.roster(server.room)).toEqual(before);
      expect(await tell(server, bob, [ann], 'still here')).toEqual(['still here']);
      await commit(server, bob, [ann, bob]);
      expect(await tell(server, ann, [bob], 'on')).toEqual(['on']);
    });

    it('holds what was typed over a reload, and takes nothing that is no key', async () => {
      const { server, devices } = await passwordWorld(1);
      const [ann] = devices as [Device];
      reload(ann, make);
      expect(await ann.sealer.passwordVersion(server.room)).toBe(1);
      for (const [version, psk] of [
        [0, rightPsk],
        [1.5, rightPsk],
        [2, new Uint8Array(31)],
      ] as const)
        await expect(ann.sealer.setPassword(server.room, version, psk)).rejects.toBeInstanceOf(RangeError);
      await ann.sealer.forget(server.room);
      expect(await ann.sealer.passwordVersion(server.room)).toBe(1);
      await ann.sealer.forgetPasswords(server.room);
      expect(await ann.sealer.passwordVersion(server.room)).toBe(0);
    });
  });

  describe(`${name}: changing the password of a room`, () => {
    /** The first device changes it, and tells the new one to `told`. */
    async function changed(count: number, told: number[]) {
      const { server, devices } = await passwordWorld(count);
      for (const i of [0, ...told]) await devices[i]!.sealer.setPassword(server.room, 2, nextPsk);
      await commit(server, devices[0]!, [devices[0]!, ...told.map((i) => devices[i]!)], [], { password: 2 });
      return { server, devices };
    }

    it('carries on with those who were told, without an Add', async () => {
      const { server, devices } = await changed(3, [1, 2]);
      expect(server.log.at(-1)!.applied).toMatchObject({ psks: [pskIdOf(server.room, 2)], added: [] });
      for (const from of devices) expect(await tell(server, from, not(devices, from), 'on')).toEqual(['on', 'on']);
    });

    it('lets nobody in any more by the old one', async () => {
      const { server, devices } = await changed(2, [1]);
      const eve = await newcomer(server, make, rightPsk);
      const join = await letIn(server, devices[1]!, devices, eve);
      expect(server.log.at(-1)!.applied.psks).toEqual([pskIdOf(server.room, 2)]);
      await expect(join()).rejects.toMatchObject(needed);
      await eve.sealer.setPassword(server.room, 2, nextPsk);
      expect(await join()).toMatchObject({ added: [{ device: eve.identity.device }] });
    });

    it('says to who was not told that the password is needed, keeps what they had, and follows once they know it', async () => {
      const { server, devices } = await changed(3, [1]);
      const late = devices[2]!;
      await expect(follow(server, [late])).rejects.toMatchObject(needed);
      expect(await late.sealer.roster(server.room)).toMatchObject({ epoch: 1 });
      await late.sealer.setPassword(server.room, 2, nextPsk);
      expect(await follow(server, [late])).toMatchObject([{ epoch: 2 }]);
      expect(await tell(server, devices[0]!, [late], 'on')).toEqual(['on']);
    });

    it('takes who was not told in again, removed and added in one commit', async () => {
      const { server, devices } = await changed(3, [1]);
      const [ann, bob, late] = devices as [Device, Device, Device];
      await commit(server, ann, [ann, bob], [], { password: 2 });
      await late.sealer.setPassword(server.room, 2, nextPsk);
      await ann.sealer.propose(server.room, [await server.removal(late.identity.device)]);
      await add(server, ann, [late], [ann, bob]);
      for (const from of devices) expect(await tell(server, from, not(devices, from), 'on')).toEqual(['on', 'on']);
    });

    it('does not ask for a password gone by: what rests on it is passed over, and this device comes in again', async () => {
      const { server, devices } = await passwordWorld(2);
      const eve = await newDevice(make);
      const join = await letIn(server, devices[0]!, devices, eve);
      await eve.sealer.setPassword(server.room, 2, nextPsk);
      await expect(join()).rejects.toMatchObject({ code: 'bad-welcome' });
      const late = devices[1]!;
      await late.sealer.forgetPasswords(server.room);
      await late.sealer.setPassword(server.room, 2, nextPsk);
      const bundle = await devices[0]!.sealer.commit(server.room, [], { password: 1 });
      const signature = await server.signOrder(bundle.commit, 3);
      await expect(late.sealer.apply(server.room, bundle.commit, signature)).rejects.toMatchObject({ code: 'invalid-commit' });
    });
  });
}
