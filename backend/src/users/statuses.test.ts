import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../testing/client.ts';
import { World, type Person } from '../testing/world.ts';

let world: World;
let ann: Person;
let bob: Person;
let room: string;

beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
  bob = await world.person('bob');
  room = (await world.call('POST', '/api/rooms', { name: 'Kitchen' }, ann.token)).body.id as string;
  await world.call('POST', `/api/rooms/${room}/join`, undefined, bob.token);
});
afterAll(() => world.close());

const choose = (person: Person, status: object) => world.call('PUT', '/api/me/status', status, person.token);
const inRoom = async (person: Person) => {
  const client = await world.connect(person);
  client.say({ type: 'join', room });
  const joined = await client.next('joined');
  return { client, joined };
};
const about = (client: Client, person: Person) =>
  client.next('presence', ({ online }) => online.some(({ device }) => device === person.keys.device));

describe('status (PRES1)', () => {
  it('is seen by the others, with own words, on every connection after', async () => {
    const { client } = await inRoom(ann);
    expect((await choose(bob, { status: 'busy', text: ' Baking 🍞 ' })).status).toBe(204);
    const { client: bobs } = await inRoom(bob);
    expect(await bobs.next('status')).toMatchObject({ status: 'busy', text: 'Baking 🍞', until: null });
    const { online } = await about(client, bob);
    expect(online).toContainEqual({ device: bob.keys.device, user: bob.id, status: 'busy', text: 'Baking 🍞' });
    bobs.close();
    await client.next('presence', ({ offline }) => offline.includes(bob.keys.device));
    client.close();
  });

  it('ends the words when their time is over', async () => {
    await choose(bob, { status: 'online', text: 'Lunch', until: Date.now() - 1 });
    const { client: bobs } = await inRoom(bob);
    expect(await bobs.next('status')).toMatchObject({ status: 'online', text: '', until: null });
    bobs.close();
  });

  it('is away by itself while a device is idle, and back', async () => {
    await choose(bob, { status: 'online' });
    const { client } = await inRoom(ann);
    const { client: bobs } = await inRoom(bob);
    await about(client, bob);
    bobs.say({ type: 'status', idle: true });
    expect((await about(client, bob)).online).toEqual([{ device: bob.keys.device, user: bob.id, status: 'away' }]);
    bobs.say({ type: 'status', idle: false });
    expect((await about(client, bob)).online).toEqual([{ device: bob.keys.device, user: bob.id }]);
    client.close();
    bobs.close();
    await Promise.all([client.closed, bobs.closed]);
  });

  it('refuses who is away and back all the time, and who changes it all the time', async () => {
    const client = await world.connect(bob);
    for (let i = 0; i < 12; i++) client.say({ type: 'status', idle: i % 2 === 0 });
    expect(await client.next('error')).toMatchObject({ code: 'slow-down' });
    client.close();
    const answers = [];
    for (let i = 0; i < 12; i++) answers.push((await choose(ann, { status: 'away' })).status);
    expect(answers).toContain(429);
  });

  it.each([
    { status: 'offline' },
    { status: 'busy', text: 'x'.repeat(81) },
    { status: 'busy', text: 'a\u0000b' },
    { status: 'busy', mood: 'good' },
  ])('refuses %j', async (status) => expect((await choose(bob, status)).status).toBe(400));
});

describe('invisible (PRES1)', () => {
  it('is told to nobody, and who was seen before goes offline', async () => {
    const carl = await world.person('carl');
    await world.call('POST', `/api/rooms/${room}/join`, undefined, carl.token);
    const { client } = await inRoom(carl);
    const { client: bobs } = await inRoom(bob);
    await about(client, bob);
    await choose(bob, { status: 'invisible' });
    await client.next('presence', ({ offline }) => offline.includes(bob.keys.device));
    client.frames.length = 0;
    bobs.close();
    await bobs.closed;
    const { client: again, joined } = await inRoom(bob);
    // His own device knows that it is there.
    expect(joined.online.map(({ device }) => device)).toContain(bob.keys.device);
    const { client: other, joined: anns } = await inRoom(ann);
    expect(anns.online.map(({ device }) => device)).not.toContain(bob.keys.device);
    again.close();
    await again.closed;
    await client.next('presence', ({ online }) => online.some(({ user }) => user === ann.id));
    await choose(bob, { status: 'online' });
    const { client: seen } = await inRoom(bob);
    await about(client, bob);
    const named = client.frames.filter(
      (frame) => frame.type === 'presence' && [...frame.offline, ...frame.online.map(({ device }) => device)].includes(bob.keys.device),
    );
    expect(named).toEqual([]); // neither that he came nor that he went while nobody was to know
    [seen, client, other].forEach((each) => each.close());
    await Promise.all([seen, client, other].map(({ closed }) => closed));
  });

  it('is not counted in the list of rooms, and signals still reach', async () => {
    await choose(bob, { status: 'invisible' });
    const dora = await world.person('dora');
    await world.call('POST', `/api/rooms/${room}/join`, undefined, dora.token);
    const { client } = await inRoom(dora);
    const { client: bobs } = await inRoom(bob);
    const { rooms } = (await world.call('GET', '/api/rooms', undefined, dora.token)).body as { rooms: { id: string; online: number }[] };
    expect(rooms.find(({ id }) => id === room)?.online).toBe(1);
    client.say({ type: 'signal', room, to: bob.keys.device, data: 'offer' });
    expect(await bobs.next('signal')).toMatchObject({ from: dora.keys.device, data: 'offer' });
    [client, bobs].forEach((each) => each.close());
  });
});
