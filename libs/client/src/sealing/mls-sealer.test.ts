import { describe, expect, it } from 'vitest';
import { add, commit, joinByCommit, newDevice, reload, tell, world } from './test-world.ts';

describe('a group', () => {
  it('lets everybody added by Welcome read each other', async () => {
    const { server, devices } = await world(4);
    for (const from of devices) {
      const to = devices.filter((device) => device !== from);
      expect(await tell(server, from, to, 'hello')).toEqual(to.map(() => 'hello'));
    }
  });
  it('lets a newcomer in by external commit', async () => {
    const { server, devices } = await world(3);
    const eve = await newDevice();
    await joinByCommit(server, eve, devices);
    expect(await tell(server, eve, devices, 'hi')).toEqual(['hi', 'hi', 'hi']);
    expect(await tell(server, devices[2]!, [eve], 'hi')).toEqual(['hi']);
    for (const device of devices) reload(device);
    expect(await tell(server, devices[2]!, [eve, devices[0]!], 'again')).toEqual(['again', 'again']);
  });
  it('survives removal, filling the gap from another side, and joins after it', async () => {
    const { server, devices } = await world(5);
    const gone = devices[2]!;
    const proposal = await server.removal(gone.identity.device);
    const rest = devices.filter((device) => device !== gone);
    for (const { sealer } of rest) await sealer.propose(server.room, [proposal]);
    await expect(rest[0]!.sealer.seal(server.room, new Uint8Array(3), new Uint8Array())).rejects.toMatchObject({ code: 'removal-pending' });
    await commit(server, rest[0]!, devices);
    expect(await gone.sealer.roster(server.room)).toBeNull();
    const newcomer = await newDevice();
    await add(server, rest[3]!, [newcomer], rest);
    const late = await newDevice();
    await joinByCommit(server, late, [...rest, newcomer]);
    expect(await tell(server, late, [...rest, newcomer], 'x')).toHaveLength(5);
  });
});
