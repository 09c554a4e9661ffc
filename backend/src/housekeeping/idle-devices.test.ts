import { afterEach, describe, expect, it } from 'vitest';
import { Database } from '../database/database.ts';
import { Member } from '../testing/member.ts';
import { World } from '../testing/world.ts';
import { Housekeeping } from './housekeeping.service.ts';

const DAY_MS = 86_400_000;
const open: World[] = [];
afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

/** Ann and Bob in a group; Ann is connected, Bob is not. Nobody has used a device for so many days. */
async function unseenFor(days: number, environment: Record<string, string> = {}) {
  const world = await World.open(environment);
  open.push(world);
  const ann = await Member.come(world, 'ann', true);
  const bob = await Member.come(world, 'bob');
  const room = (await ann.call('POST', '/api/rooms', { name: 'Quiet' })).body.id as string;
  for (const member of [ann, bob]) {
    await member.connect();
    await member.join(room);
  }
  await ann.found(room);
  await bob.enter(room);
  await ann.follow(room);
  bob.client.close();
  await bob.client.closed;
  const database = world.server.app.get(Database);
  await database.run('update device set last_seen_at = $1', [Date.now() - days * DAY_MS]);
  const sweep = () => world.server.app.get(Housekeeping).sweep();
  const devices = async (member: Member) => (await member.call('GET', '/api/me/devices')).body.devices as { id: string }[];
  const acts = () =>
    database.rows<{ actor: string | null; detail: object }>(`select actor, detail from audit where act = 'device-removed'`);
  return { ann, bob, room, sweep, devices, acts };
}

describe('a device that nobody uses (D5)', () => {
  it('is removed after sixty days from its account and, by the next commit, from its groups; one that is connected is in use', async () => {
    const { ann, bob, sweep, devices, acts } = await unseenFor(61);
    const told = ann.client.next('group', ({ group }) => group.removing.length > 0);
    await sweep();
    expect((await told).group.removing.map(({ device }) => device)).toEqual([bob.device]);
    expect((await devices(ann)).map(({ id }) => id)).toEqual([ann.device]);
    expect(await acts()).toEqual([{ actor: null, detail: { idleDays: 60 } }]);
    expect((await bob.call('GET', '/api/me/devices')).status).toBe(401);
    await sweep();
    expect(await acts()).toHaveLength(1);
  });

  it('is not removed a day earlier, nor when it comes back in time', async () => {
    const { bob, sweep, devices, acts } = await unseenFor(59);
    await sweep();
    expect(await devices(bob)).toHaveLength(1);
    await bob.connect();
    await sweep();
    expect(await acts()).toEqual([]);
  });

  it('stays where the host says so, and goes after as many days as the host says', async () => {
    const never = await unseenFor(3_000, { DEVICE_IDLE_DAYS: '0' });
    await never.sweep();
    expect(await never.acts()).toEqual([]);
    const week = await unseenFor(8, { DEVICE_IDLE_DAYS: '7' });
    await week.sweep();
    expect(await week.acts()).toEqual([{ actor: null, detail: { idleDays: 7 } }]);
  });
});
