import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryDisk } from '../storage/memory-store.ts';
import {
  add,
  commit,
  follow,
  joinByCommit,
  newDevice,
  reload,
  tell,
  text,
  words,
  world,
  type Device,
  type MakeSealer,
} from './test-world.ts';
import { TestServer } from './test-server.ts';

const nothing = new Uint8Array();
const not = (devices: Device[], ...without: Device[]) => devices.filter((device) => !without.includes(device));

/** What every Sealer that is really secure must do; run over each way to reach it. */
export function sealerContract(name: string, make: MakeSealer): void {
  describe(`${name}: talking`, () => {
    it('lets everybody read everybody, and names author, user, epoch and authenticated data', async () => {
      const { server, devices } = await world(3, make);
      for (const from of devices) expect(await tell(server, from, not(devices, from), 'hello')).toEqual(['hello', 'hello']);
      const [ann, bob] = devices as [Device, Device];
      const sealed = await ann.sealer.seal(server.room, words('hi'), words('seen by all'));
      expect(sealed).toMatchObject({ generation: 0, epoch: 1 });
      const opened = await bob.sealer.open(server.room, sealed.ciphertext);
      const { device: author, user, deviceKey: authorKey } = ann.identity;
      expect(opened).toEqual({
        eid: sealed.eid,
        author,
        user,
        authorKey,
        generation: 0,
        epoch: 1,
        content: words('hi'),
        authenticated: words('seen by all'),
      });
    });

    it('makes words of different length equally long', async () => {
      const { server, devices } = await world(1, make);
      const lengths = async (sizes: number[]) =>
        Promise.all(
          sizes.map(async (size) => (await devices[0]!.sealer.seal(server.room, new Uint8Array(size), nothing)).ciphertext.length),
        );
      expect(new Set(await lengths([0, 1, 100, 180])).size).toBe(1);
      expect(new Set(await lengths([300, 900])).size).toBe(1);
      expect(new Set(await lengths([1100, 4000])).size).toBe(1);
      expect(new Set(await lengths([180, 900, 4000, 8000])).size).toBe(4);
      await expect(devices[0]!.sealer.seal(server.room, new Uint8Array(60_000), nothing)).rejects.toBeInstanceOf(RangeError);
    });

    it('opens nothing twice, over a reload too', async () => {
      const { server, devices } = await world(2, make);
      const [ann, bob] = devices as [Device, Device];
      const { ciphertext } = await ann.sealer.seal(server.room, words('once'), nothing);
      await bob.sealer.open(server.room, ciphertext);
      await expect(bob.sealer.open(server.room, ciphertext)).rejects.toMatchObject({ name: 'SealError', code: 'opened-before' });
      reload(bob, make);
      await expect(bob.sealer.open(server.room, ciphertext)).rejects.toMatchObject({ code: 'opened-before' });
    });

    it('stands in the journal as soon as it is opened', async () => {
      const { server, devices } = await world(2, make);
      const { ciphertext, eid } = await devices[0]!.sealer.seal(server.room, words('kept'), nothing);
      const opened = await devices[1]!.sealer.open(server.room, ciphertext);
      expect(devices[1]!.disk.tables.get('journal')!.get(`${server.room}/${eid}`)).toEqual(opened);
    });

    it('opens in any order within the window, and says so beyond it', async () => {
      const { server, devices } = await world(2, make);
      const [ann, bob] = devices as [Device, Device];
      const sealed = [];
      for (let i = 0; i < 300; i++) sealed.push((await ann.sealer.seal(server.room, words(`${i}`), nothing)).ciphertext);
      for (const i of [299, 150, 44 + 1, 298]) expect(text((await bob.sealer.open(server.room, sealed[i]!)).content)).toBe(`${i}`);
      await expect(bob.sealer.open(server.room, sealed[10]!)).rejects.toMatchObject({ code: 'opened-before' });
    });

    it('refuses its own words, damaged bytes, and those of another group', async () => {
      const { server, devices } = await world(2, make);
      const [ann, bob] = devices as [Device, Device];
      const { ciphertext } = await ann.sealer.seal(server.room, words('hi'), words('about'));
      await expect(ann.sealer.open(server.room, ciphertext)).rejects.toMatchObject({ code: 'own' });
      expect(await bob.sealer.authenticatedIn(ciphertext)).toEqual(words('about'));
      expect(await bob.sealer.authenticatedIn(ciphertext.slice(1))).toBeNull();
      await expect(bob.sealer.open(crypto.randomUUID(), ciphertext)).rejects.toMatchObject({ code: 'no-group' });
      const elsewhere = await world(2, make);
      await expect(elsewhere.devices[1]!.sealer.open(elsewhere.server.room, ciphertext)).rejects.toMatchObject({ code: 'wrong-group' });
      for (let at = 0; at < ciphertext.length; at += 3) {
        const damaged = ciphertext.slice();
        damaged[at]! ^= 0x41;
        await expect(bob.sealer.open(server.room, damaged)).rejects.toMatchObject({ name: 'SealError' });
        await expect(bob.sealer.open(server.room, ciphertext.slice(0, at))).rejects.toMatchObject({ code: 'undecipherable' });
      }
      expect(text((await bob.sealer.open(server.room, ciphertext)).content)).toBe('hi');
    });

    it('serves calls in order, and one that fails does not hold up the next', async () => {
      const { server, devices } = await world(2, make);
      const [ann, bob] = devices as [Device, Device];
      const sealing = Array.from({ length: 40 }, (_, i) => ann.sealer.seal(server.room, words(`${i}`), nothing));
      const sealed = (await Promise.all(sealing)).map(({ ciphertext }) => ciphertext);
      const calls = sealed.flatMap((ciphertext) => [bob.sealer.open(server.room, ciphertext), bob.sealer.open(server.room, nothing)]);
      const results = await Promise.allSettled(calls);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(40);
    });
  });

  describe(`${name}: crashing`, () => {
    it('never seals with a generation that may have left', async () => {
      const { server, devices } = await world(2, make);
      const [ann, bob] = devices as [Device, Device];
      const sealed = [(await ann.sealer.seal(server.room, words('before'), nothing)).ciphertext];
      for (let round = 0; round < 3; round++) {
        const disk = structuredClone(ann.disk);
        for (let i = 0; i < 7; i++) sealed.push((await ann.sealer.seal(server.room, words('left'), nothing)).ciphertext);
        ann.disk = disk; // what was on the disk before those seven
        reload(ann, make);
        sealed.push((await ann.sealer.seal(server.room, words('after'), nothing)).ciphertext);
      }
      const opened = await Promise.all(sealed.map(async (ciphertext) => text((await bob.sealer.open(server.room, ciphertext)).content)));
      expect(opened.filter((said) => said === 'left')).toHaveLength(21);
    });

    it('confirms after a crash what was made before it', async () => {
      const { server, devices } = await world(3, make);
      const [ann] = devices as [Device];
      const bundle = await ann.sealer.commit(server.room, []);
      const { epoch } = await server.order(bundle);
      reload(ann, make);
      expect(await ann.sealer.confirm(server.room, 0, epoch)).toMatchObject({ epoch });
      expect(await ann.sealer.confirm(server.room, 0, epoch)).toBeNull();
      await follow(server, not(devices, ann));
      expect(await tell(server, ann, not(devices, ann), 'on')).toEqual(['on', 'on']);
    });

    it('gives what is pending again, byte for byte, so that nobody loses their own commit', async () => {
      const { server, devices } = await world(2, make);
      const [ann, bob] = devices as [Device, Device];
      const bundle = await ann.sealer.commit(server.room, []);
      reload(ann, make);
      expect(await ann.sealer.commit(server.room, [])).toEqual(bundle);
      const { signature } = await server.order(bundle);
      expect(await ann.sealer.apply(server.room, bundle.commit, signature)).toMatchObject({ epoch: 2 });
      await follow(server, [bob]);
      expect(await tell(server, bob, [ann], 'on')).toEqual(['on']);
    });

    it('remembers pending Removes', async () => {
      const { server, devices } = await world(3, make);
      const [ann, bob] = devices as [Device, Device];
      await ann.sealer.propose(server.room, [await server.removal(bob.identity.device)]);
      reload(ann, make);
      await expect(ann.sealer.seal(server.room, words('no'), nothing)).rejects.toMatchObject({ code: 'removal-pending' });
    });

    it('is fenced when another has taken the store over, and does nothing more', async () => {
      const { server, devices } = await world(2, make);
      const [ann, bob] = devices as [Device, Device];
      const { ciphertext } = await ann.sealer.seal(server.room, words('hi'), nothing);
      const old = bob.sealer;
      reload(bob, make);
      await bob.sealer.identity();
      await expect(old.open(server.room, ciphertext)).rejects.toMatchObject({ name: 'SealError', code: 'fenced' });
      expect(text((await bob.sealer.open(server.room, ciphertext)).content)).toBe('hi');
    });
  });

  describe(`${name}: founding and joining`, () => {
    it('has a group only once the server has taken it', async () => {
      const [server, ann] = [await TestServer.start(), await newDevice(make)];
      const { groupInfo } = await ann.sealer.found(server.room, 3, server.serverKey, server.entry);
      expect(await ann.sealer.roster(server.room)).toBeNull();
      await expect(ann.sealer.seal(server.room, nothing, nothing)).rejects.toMatchObject({ code: 'no-group' });
      await server.found(groupInfo, 3);
      expect(await ann.sealer.confirm(server.room, 2, 0)).toBeNull();
      expect(await ann.sealer.confirm(server.room, 3, 0)).toMatchObject({ generation: 3, epoch: 0, removedSelf: false });
      expect(await ann.sealer.roster(server.room)).toMatchObject({ generation: 3, epoch: 0, removing: [], leaves: [{ leaf: 0 }] });
    });

    it('forgets a founding that was refused', async () => {
      const [server, ann] = [await TestServer.start(), await newDevice(make)];
      await ann.sealer.found(server.room, 0, server.serverKey, server.entry);
      await ann.sealer.discard(server.room);
      expect(await ann.sealer.confirm(server.room, 0, 0)).toBeNull();
    });

    it('shows the newcomer to all, and the same authenticator', async () => {
      const { server, devices } = await world(2, make);
      const eve = await newDevice(make);
      const change = await joinByCommit(server, eve, devices);
      expect(change.added.map(({ device }) => device)).toEqual([eve.identity.device]);
      const rosters = await Promise.all([...devices, eve].map(({ sealer }) => sealer.roster(server.room)));
      expect(rosters[0]!.leaves).toHaveLength(3);
      for (const roster of rosters)
        expect(roster).toEqual({ ...rosters[0], sealedSinceUpdate: 0, updatedAt: expect.any(Number) as number });
    });

    it('joins once by one Welcome, and by no other’s', async () => {
      const { server, devices } = await world(2, make);
      const bob = devices[1]!;
      const { bundle } = server.log.at(-1)!;
      const again = () => bob.sealer.joinByWelcome(server.room, bundle.welcome, bundle.groupInfo, server.serverKey);
      expect(await again()).toMatchObject({ epoch: 1, added: [{ device: bob.identity.device }] });
      reload(bob, make);
      expect(await again()).toMatchObject({ epoch: 1 });
      expect(await tell(server, devices[0]!, [bob], 'hi')).toEqual(['hi']);
      const stranger = await newDevice(make);
      const joining = stranger.sealer.joinByWelcome(server.room, bundle.welcome, bundle.groupInfo, server.serverKey);
      await expect(joining).rejects.toMatchObject({ code: 'bad-welcome' });
      const { bundle: none } = { bundle: { ...bundle, welcome: nothing } };
      await expect(bob.sealer.joinByWelcome(server.room, none.welcome, none.groupInfo, server.serverKey)).rejects.toMatchObject({
        code: 'bad-welcome',
      });
    });

    it('takes a Welcome of an earlier epoch only where the server’s group is another one since before that (D11)', async () => {
      const { server, devices } = await world(3, make);
      const [, bob, clerk] = devices as [Device, Device, Device];
      const fork = server.fork();
      const disk = structuredClone(clerk.disk);
      const there = { ...clerk, disk, sealer: make(disk) };
      for (let i = 0; i < 3; i++) await commit(server, clerk, devices);
      await there.sealer.propose(fork.room, [await fork.removal(bob.identity.device)]);
      await commit(fork, there, [there], (await bob.sealer.keyPackages(1, false)).packages);
      const { bundle } = fork.log.at(-1)!;
      const join = (after?: number) => bob.sealer.joinByWelcome(fork.room, bundle.welcome, bundle.groupInfo, fork.serverKey, after);
      for (const after of [undefined, 2]) await expect(join(after)).rejects.toMatchObject({ code: 'bad-welcome' });
      const own = { device: bob.identity.device };
      expect(await join(1)).toMatchObject({ epoch: 2, added: [own], removed: [own] });
      expect(await tell(fork, there, [bob], 'hi')).toEqual(['hi']);
      // Its past epochs are the new group's alone, though those before had the same numbers.
      await commit(fork, there, [there, bob]);
      const late = await there.sealer.seal(fork.room, words('late'), nothing);
      await commit(fork, there, [there, bob]);
      const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 150_000); // beyond the two minutes
      await commit(fork, there, [there, bob]);
      now.mockRestore();
      expect(text((await bob.sealer.open(fork.room, late.ciphertext)).content)).toBe('late');
    });

    it('tells whose a key package is, and refuses one that was touched', async () => {
      const [ann, bob] = [await newDevice(make), await newDevice(make)];
      const { packages } = await bob.sealer.keyPackages(1, false);
      const { user, device, deviceKey, accountKey } = bob.identity;
      expect(await ann.sealer.ownerOf(packages[0]!)).toEqual({ user, device, deviceKey, accountKey });
      const touched = Uint8Array.from(packages[0]!);
      touched[touched.length - 1]! ^= 1;
      for (const bytes of [touched, nothing]) await expect(ann.sealer.ownerOf(bytes)).rejects.toMatchObject({ code: 'invalid-commit' });
    });

    it('joins no group of another server key', async () => {
      const { server } = await world(2, make);
      const [eve, other] = [await newDevice(make), await TestServer.start()];
      const admission = await server.admit(eve.identity);
      const joining = eve.sealer.joinByCommit(server.room, server.groupInfo, admission, other.serverKey, false);
      await expect(joining).rejects.toMatchObject({ code: 'invalid-commit' });
    });

    it('comes back by resync with the keys it has, and is read again', async () => {
      const { server, devices } = await world(4, make);
      const [ann, bob] = devices as [Device, Device];
      const identity = bob.disk.tables.get('identity')!;
      bob.disk = memoryDisk();
      bob.disk.tables.set('identity', identity);
      reload(bob, make);
      expect(await bob.sealer.identity()).toEqual(bob.identity);
      const change = await joinByCommit(server, bob, not(devices, bob), true);
      expect(change).toMatchObject({
        removedSelf: false,
        added: [{ device: bob.identity.device }],
        removed: [{ device: bob.identity.device }],
      });
      expect(await tell(server, bob, not(devices, bob), 'back')).toEqual(['back', 'back', 'back']);
      expect(await tell(server, ann, not(devices, ann), 'hi')).toEqual(['hi', 'hi', 'hi']);
    });

    it('forgets a room when told so', async () => {
      const { server, devices } = await world(2, make);
      await devices[0]!.sealer.forget(server.room);
      expect(await devices[0]!.sealer.roster(server.room)).toBeNull();
      const { tables } = devices[0]!.disk;
      expect([tables.get('groups')!.size, tables.get('epochs')!.size]).toEqual([0, 0]);
    });
  });

  describe(`${name}: commits`, () => {
    it('lets the loser of a race follow the winner and try again', async () => {
      const { server, devices } = await world(3, make);
      const [ann, bob] = devices as [Device, Device];
      const [first] = await Promise.all([ann.sealer.commit(server.room, []), bob.sealer.commit(server.room, [])]);
      await server.order(first);
      await ann.sealer.confirm(server.room, 0, 2);
      await follow(server, not(devices, ann));
      expect(await bob.sealer.confirm(server.room, 0, 2)).toBeNull();
      await commit(server, bob, devices);
      for (const from of devices) expect(await tell(server, from, not(devices, from), 'x')).toEqual(['x', 'x']);
    });

    it('applies a commit once, in order, and with the server’s word only', async () => {
      const { server, devices } = await world(3, make);
      const [ann, bob, eve] = devices as [Device, Device, Device];
      await commit(server, ann, [ann, bob]);
      await commit(server, bob, [ann, bob]);
      const [, first, second] = server.log;
      const applies = (at: typeof first, signature = at!.signature) => eve.sealer.apply(server.room, at!.bundle.commit, signature);
      await expect(applies(second)).rejects.toMatchObject({ code: 'future-epoch' });
      await expect(applies(first, second!.signature)).rejects.toMatchObject({ code: 'invalid-commit' });
      expect(await applies(first)).toMatchObject({ epoch: 2 });
      expect(await applies(first)).toBeNull();
      expect(await applies(second)).toMatchObject({ epoch: 3 });
    });

    it('counts what was sealed since the last fresh keys of its own', async () => {
      const { server, devices } = await world(2, make);
      const [ann, bob] = devices as [Device, Device];
      const count = async () => (await ann.sealer.roster(server.room))!.sealedSinceUpdate;
      for (let i = 0; i < 3; i++) await tell(server, ann, [bob], 'x');
      await commit(server, bob, devices);
      await tell(server, ann, [bob], 'x');
      expect(await count()).toBe(4);
      await commit(server, ann, devices);
      expect(await count()).toBe(0);
    });

    it('keeps an envelope’s epoch for three commits or two minutes, and knows the future from the past', async () => {
      vi.useFakeTimers({ toFake: ['Date'] });
      const { server, devices } = await world(2, make);
      const [ann, bob] = devices as [Device, Device];
      const seal = async () => (await ann.sealer.seal(server.room, words('late'), nothing)).ciphertext;
      const [early, later, unread] = [await seal(), await seal(), await seal()];
      for (let i = 0; i < 5; i++) await commit(server, ann, devices);
      expect(text((await bob.sealer.open(server.room, early)).content)).toBe('late');
      await expect(bob.sealer.open(server.room, early)).rejects.toMatchObject({ code: 'opened-before' });
      vi.setSystemTime(Date.now() + 3 * 60_000);
      await commit(server, ann, [ann]);
      const next = await seal();
      await expect(bob.sealer.open(server.room, next)).rejects.toMatchObject({ code: 'future-epoch' });
      expect(text((await bob.sealer.open(server.room, later)).content)).toBe('late');
      await follow(server, [bob]);
      expect(text((await bob.sealer.open(server.room, next)).content)).toBe('late');
      await expect(bob.sealer.open(server.room, unread)).rejects.toMatchObject({ code: 'past-epoch' });
      const [kept, lost] = [await seal(), await seal()];
      for (let i = 0; i < 4; i++) {
        if (i === 3) expect(text((await bob.sealer.open(server.room, kept)).content)).toBe('late');
        vi.setSystemTime(Date.now() + 3 * 60_000);
        await commit(server, ann, devices);
      }
      await expect(bob.sealer.open(server.room, lost)).rejects.toMatchObject({ code: 'past-epoch' });
    });
    afterEach(() => void vi.useRealTimers());
  });

  describe(`${name}: removal`, () => {
    it('stops sealing at once, and goes on without the removed, who opens nothing more', async () => {
      const { server, devices } = await world(4, make);
      const [ann, gone] = devices as [Device, Device];
      const rest = not(devices, gone);
      const proposal = await server.removal(gone.identity.device);
      const early = await gone.sealer.seal(server.room, words('in flight'), nothing);
      for (const { sealer } of rest) await sealer.propose(server.room, [proposal]);
      await expect(ann.sealer.seal(server.room, words('no'), nothing)).rejects.toMatchObject({ code: 'removal-pending' });
      expect((await ann.sealer.roster(server.room))!.removing).toEqual([gone.identity.device]);
      const held = { ...gone, disk: structuredClone(gone.disk) };
      const change = await commit(server, ann, rest);
      expect(change.removed.map(({ device }) => device)).toEqual([gone.identity.device]);
      const { ciphertext } = await ann.sealer.seal(server.room, words('secret'), nothing);
      const [told] = await follow(server, [gone]);
      expect(told).toMatchObject({ removedSelf: true, epoch: 2 });
      await expect(gone.sealer.open(server.room, ciphertext)).rejects.toMatchObject({ code: 'no-group' });
      reload(held, make); // one that never applied it
      await expect(held.sealer.open(server.room, ciphertext)).rejects.toMatchObject({ code: 'future-epoch' });
      await expect(ann.sealer.open(server.room, early.ciphertext)).rejects.toMatchObject({ code: 'undecipherable' });
      expect(await tell(server, ann, not(rest, ann), 'on')).toEqual(['on', 'on']);
    });

    it('commits several Removes and Adds at once, with who was proposed not being asked', async () => {
      const { server, devices } = await world(6, make);
      const [ann, one, two] = devices as [Device, Device, Device];
      const rest = not(devices, one, two);
      const proposals = [await server.removal(one.identity.device), await server.removal(two.identity.device)];
      for (const { sealer } of devices) await sealer.propose(server.room, proposals);
      await expect(one.sealer.commit(server.room, [])).rejects.toMatchObject({ code: 'removal-pending' });
      const eve = await newDevice(make);
      await add(server, ann, [eve], rest);
      expect(server.log.at(-1)!.applied.removed).toHaveLength(2);
      for (const from of [...rest, eve]) expect(await tell(server, from, not([...rest, eve], from), 'x')).toHaveLength(4);
    });

    it('follows a Remove that it was never told of: the commit carries it', async () => {
      const { server, devices } = await world(3, make);
      const [ann, bob, gone] = devices as [Device, Device, Device];
      await ann.sealer.propose(server.room, [await server.removal(gone.identity.device)]);
      await commit(server, ann, [bob]);
      expect(await tell(server, bob, [ann], 'on')).toEqual(['on']);
    });

    it('ignores proposals of epochs gone by, and refuses forged ones', async () => {
      const { server, devices } = await world(3, make);
      const [ann, bob] = devices as [Device, Device];
      const old = await server.removal(bob.identity.device);
      await commit(server, ann, devices);
      await ann.sealer.propose(server.room, [old]);
      expect((await ann.sealer.roster(server.room))!.removing).toEqual([]);
      const forged = await server.removal(bob.identity.device);
      forged[forged.length - 5]! ^= 1;
      await expect(ann.sealer.propose(server.room, [forged])).rejects.toMatchObject({ code: 'invalid-commit' });
      expect(await tell(server, ann, [bob], 'on')).toEqual(['on']);
    });

    it('lets one be removed and come back with a fresh key package', async () => {
      const { server, devices } = await world(3, make);
      const [ann, bob, eve] = devices as [Device, Device, Device];
      await ann.sealer.propose(server.room, [await server.removal(bob.identity.device)]);
      await add(server, ann, [bob], [ann, eve]);
      for (const from of devices) expect(await tell(server, from, not(devices, from), 'x')).toEqual(['x', 'x']);
    });
  });
}
