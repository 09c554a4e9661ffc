import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ServerFrame } from '../../../libs/protocol/src/index.ts';
import type { Client } from '../testing/client.ts';
import { makeDevice, PASSWORD, World, type Person } from '../testing/world.ts';

/* What connected people are told by themselves: the directory, who is there, new rooms on one's other devices. */
let world: World;
let ann: Person;
let bob: Person;
let number = 0;
let watcher: Client;
let talker: Client;

beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
  bob = await world.person('bob');
});
beforeEach(async () => {
  watcher = await world.connect(ann);
  talker = await world.connect(bob);
});
afterAll(() => world.close());

type Directory = Extract<ServerFrame, { type: 'directory' }>;
const make = async (person: Person): Promise<string> =>
  (await world.call('POST', '/api/rooms', { name: `Room ${++number}` }, person.token)).body.id;
const about = (room: string) => (frame: Directory) => [...frame.changed.map(({ id }) => id), ...frame.gone].includes(room);

describe('the directory', () => {
  it('comes whole, then as it changes: made, joined, live, left by the last', async () => {
    const old = await make(bob);
    watcher.say({ type: 'watch', directory: true });
    const first = await watcher.next('directory');
    expect(first.changed.map(({ id }) => id)).toContain(old);
    expect(first.signedIn).toBe(2);
    const room = await make(bob);
    expect((await watcher.next('directory', about(room))).changed.find(({ id }) => id === room)).toMatchObject({ members: 1, online: 0 });
    talker.say({ type: 'join', room });
    await watcher.next('directory', (frame) => frame.changed.some(({ id, online }) => id === room && online === 1));
    await world.call('POST', `/api/rooms/${room}/leave`, {}, bob.token);
    expect((await watcher.next('directory', (frame) => frame.gone.includes(room))).changed.map(({ id }) => id)).not.toContain(room);
  });

  it('tells how many are signed in, and nothing more once it is switched off', async () => {
    watcher.say({ type: 'watch', directory: true });
    await watcher.next('directory');
    talker.close();
    await watcher.next('directory', ({ signedIn }) => signedIn === 1);
    watcher.say({ type: 'watch', directory: false });
    watcher.say({ type: 'ping' });
    await watcher.next('pong');
    watcher.frames.length = 0;
    const other = await world.connect(bob);
    other.say({ type: 'watch', directory: true });
    await other.next('directory');
    const room = await make(ann);
    await other.next('directory', about(room)); // whoever watches was told
    expect(watcher.frames.filter(({ type }) => type === 'directory')).toEqual([]);
  });
});

describe('presence', () => {
  it('tells a room who comes and goes, and only that room', async () => {
    const room = await make(ann);
    watcher.say({ type: 'join', room });
    await watcher.next('joined');
    await world.call('POST', `/api/rooms/${room}/join`, {}, bob.token);
    expect((await watcher.next('members', (frame) => frame.room === room && frame.joined[0]?.id === bob.id)).left).toEqual([]);
    const outside = await make(bob);
    talker.say({ type: 'join', room: outside });
    await talker.next('joined');
    talker.say({ type: 'join', room });
    await watcher.next('presence', (frame) => frame.online.some(({ device, user }) => device === bob.keys.device && user === bob.id));
    talker.close();
    await watcher.next('presence', (frame) => frame.offline.includes(bob.keys.device));
    expect(watcher.frames.filter((frame) => frame.type === 'presence' && frame.room === outside)).toEqual([]);
  });

  it('ends for somebody who leaves in the same moment', async () => {
    const room = await make(ann);
    await world.call('POST', `/api/rooms/${room}/join`, {}, bob.token);
    for (const client of [watcher, talker]) {
      client.say({ type: 'join', room });
      await client.next('joined');
    }
    await world.call('POST', `/api/rooms/${room}/leave`, {}, bob.token);
    expect(await talker.next('expelled')).toMatchObject({ room, reason: 'left' });
    talker.say({ type: 'signal', room, to: ann.keys.device, data: 'still here?' });
    expect((await talker.next('error')).code).toBe('not-found');
    expect((await watcher.next('members', ({ left }) => left.length > 0)).left).toEqual([bob.id]);
  });
});

describe('another device of the same person', () => {
  it('learns of a room that was made or joined on the first, and can join it at once', async () => {
    const login = await world.call('POST', '/api/auth/login', { username: 'bob', password: PASSWORD });
    const second: Person = { ...bob, token: login.body.accessToken, keys: await makeDevice(bob.id, bob.account!) };
    expect((await world.enrol(second, second.keys)).status).toBe(204);
    const client = await world.connect(second);
    const made = await make(bob);
    expect((await client.next('members', ({ room }) => room === made)).joined.map(({ id }) => id)).toEqual([bob.id]);
    const joined = await make(ann);
    await world.call('POST', `/api/rooms/${joined}/join`, {}, bob.token);
    await client.next('members', ({ room }) => room === joined);
    client.say({ type: 'join', room: joined });
    await client.next('joined', ({ room }) => room === joined);
    await world.call('POST', `/api/rooms/${joined}/join`, {}, bob.token); // was a member before: nothing is new
    client.say({ type: 'ping' });
    await client.next('pong');
    expect(client.frames.filter(({ type }) => type === 'members')).toEqual([]);
    expect(watcher.frames.filter((frame) => frame.type === 'members' && frame.joined[0]?.id === bob.id)).toEqual([]); // ann has not joined live, and it is not news of hers
    await world.call('POST', `/api/rooms/${joined}/leave`, {}, bob.token);
    await client.next('expelled', ({ room }) => room === joined);
  });
});
