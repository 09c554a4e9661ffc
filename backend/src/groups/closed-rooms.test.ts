import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toBase64url } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { Member } from '../testing/member.ts';
import { World } from '../testing/world.ts';
import { GroupStatuses } from './group-status.service.ts';

/* Rooms into which members let newcomers: by the server's word alone nobody comes in (e2ee.md "Who may come in"). */
const ADMISSION = 'A'.repeat(43);
let world: World;
let ann: Member;
let bob: Member;
let room: string;
let psk: Uint8Array;
let number = 0;

beforeAll(async () => {
  world = await World.open();
  ann = await Member.come(world, 'ann', true);
});
beforeEach(async () => {
  bob = await Member.come(world, `bob${++number}`);
  await bob.publish();
  room = randomUUID();
  psk = new Uint8Array(randomBytes(32));
  await ann.call('POST', '/api/rooms', { name: `Vault ${number}`, kind: 'password', id: room, admission: ADMISSION });
  await ann.sealer.setPassword(room, 1, psk);
  ann.client.say({ type: 'join', room });
  await ann.client.next('joined', (frame) => frame.room === room);
  expect((await ann.found(room, 0, { by: 'password' })).status).toBe(200);
  await bob.call('POST', `/api/rooms/${room}/join`, { admission: ADMISSION });
  bob.client.say({ type: 'join', room });
  await bob.client.next('joined', (frame) => frame.room === room);
});
afterAll(() => world.close());

async function add(): Promise<number> {
  const { packages } = (await ann.call('POST', `/api/rooms/${room}/key-packages`, { devices: [bob.device] })).body;
  return (await ann.commit(room, [Buffer.from(packages[0].keyPackage, 'base64url')])).status;
}
const waiting = (device: string) =>
  ann.client.next('group', (frame) => frame.room === room && frame.group.adding.includes(device) && frame.group.removing.length === 0);

describe('a room with a password', () => {
  it('is founded by the id of its kind only', async () => {
    const id = randomUUID();
    await ann.call('POST', '/api/rooms', { name: `Other vault ${number}`, kind: 'password', id, admission: ADMISSION });
    expect((await ann.found(id, 0, { by: 'open' })).status).toBe(422);
    await ann.sealer.setPassword(id, 1, psk);
    expect((await ann.found(id, 0, { by: 'password' })).status).toBe(200);
  });

  it('has members add whom the server admitted; an admission for the group it gives to nobody', async () => {
    await waiting(bob.device);
    expect(await bob.enter(room)).toMatchObject({ status: 403, body: { reason: 'members-add' } });
    expect(await bob.enter(room, true)).toMatchObject({ status: 403, body: { reason: 'members-add' } });
    expect(await add()).toBe(200);
    await bob.sealer.setPassword(room, 1, psk);
    await bob.follow(room, 'welcome');
    await ann.send(room, 'inside', [bob]);
    expect((await bob.read()).text).toBe('inside');
  });

  it('takes no Add under a password that was changed', async () => {
    await waiting(bob.device);
    expect((await ann.call('PUT', `/api/rooms/${room}/password`, { admission: 'B'.repeat(43) })).body).toEqual({ passwordVersion: 2 });
    expect(await add()).toBe(422);
    await ann.sealer.setPassword(room, 2, new Uint8Array(randomBytes(32)));
    expect(await add()).toBe(200);
  });

  it('takes a device that lost its keys out, and lets members add it anew', async () => {
    await waiting(bob.device);
    await add();
    await bob.sealer.setPassword(room, 1, psk);
    await bob.follow(room, 'welcome');
    const open = (await ann.call('POST', '/api/rooms', { name: `Hall ${number}` })).body.id as string;
    expect((await ann.call('POST', `/api/rooms/${open}/rejoin`)).status).toBe(403);
    expect((await bob.call('POST', `/api/rooms/${room}/rejoin`)).status).toBe(204);
    const { group } = await ann.client.next('group', (frame) => frame.room === room && frame.group.removing.length > 0);
    expect(group.removing.map(({ device }) => device)).toEqual([bob.device]);
    await ann.propose(room, group);
    expect((await ann.commit(room)).status).toBe(200);
    await waiting(bob.device);
    expect(await add()).toBe(200);
    expect((await bob.client.next('committed', (frame) => frame.room === room && frame.as === 'welcome')).epoch).toBe(3);
  });

  it('tells members of a device that comes later', async () => {
    await waiting(bob.device);
    await add();
    const carl = await Member.come(world, `carl${number}`);
    await carl.call('POST', `/api/rooms/${room}/join`, { admission: ADMISSION });
    ann.client.frames.splice(0);
    const { packages } = await carl.sealer.keyPackages(1, false);
    await carl.call('POST', `/api/me/devices/${carl.device}/key-packages`, { packages: packages.map(toBase64url) });
    expect((await waiting(carl.device)).group.invited).toEqual([]);
  });

  it('names those who were invited first, then who came first: an id can be ground to be the smallest', async () => {
    const people = [bob];
    for (const name of ['carl', 'dora', 'emil']) people.push(await Member.come(world, `${name}-in-line${number}`));
    for (const person of people.slice(1)) {
      await person.publish();
      await person.call('POST', `/api/rooms/${room}/join`, { admission: ADMISSION });
    }
    const [least, second, third, greatest] = people.sort((a, b) => (a.device < b.device ? -1 : 1)) as [Member, Member, Member, Member];
    const line = [greatest, third, second, least];
    const database = world.server.app.get(Database);
    for (const [since, { person }] of [third, greatest, second, least].entries())
      await database.run('update membership set since = $3, invitation = $4 where room = $1 and account = $2', [
        room,
        person.id,
        since,
        person === greatest.person ? randomBytes(8) : null,
      ]);
    const { adding, invited } = await world.server.app.get(GroupStatuses).of(room);
    expect(adding).toEqual(line.map(({ device }) => device));
    expect(invited).toMatchObject([{ device: greatest.device }]);
  });
});
