import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IceServers } from '../../../libs/protocol/src/index.ts';
import type { Client } from '../testing/client.ts';
import { World, type Person } from '../testing/world.ts';

const SECRET = 'thirty-two random characters here';
const NOWHERE = '00000000-0000-4000-8000-000000000000';
let world: World;
let ann: Person;
let bob: Person;
let room: string;

beforeAll(async () => {
  world = await World.open({ STUN_URLS: 'stun:stun.test', TURN_URLS: 'turn:a.test,turns:b.test', TURN_SECRET: SECRET });
  ann = await world.first('ann');
  bob = await world.person('bob');
  room = (await world.call('POST', '/api/rooms', { name: 'Both' }, ann.token)).body.id;
  await world.call('POST', `/api/rooms/${room}/join`, {}, bob.token);
});
afterAll(() => world.close());

async function joined(person: Person): Promise<Client> {
  const client = await world.connect(person);
  client.say({ type: 'join', room });
  await client.next('joined');
  return client;
}

describe('signals', () => {
  it('pass between two who have joined the room, and nobody else hears them', async () => {
    const [a, b] = [await joined(ann), await joined(bob)];
    a.say({ type: 'signal', room, to: bob.keys.device, data: 'offer' });
    expect(await b.next('signal')).toEqual({ type: 'signal', room, from: ann.keys.device, data: 'offer' });
    expect(a.frames.filter(({ type }) => type === 'signal')).toEqual([]);
    a.close();
    b.close();
  });

  it('go nowhere from outside the room, to outside the room, or to nobody', async () => {
    const own = (await world.call('POST', '/api/rooms', { name: 'Ann alone' }, ann.token)).body.id as string;
    const [a, b] = [await joined(ann), await world.connect(bob)];
    a.say({ type: 'signal', room, to: bob.keys.device, data: 'x' }); // connected, but has not joined
    expect((await a.next('error')).code).toBe('offline');
    a.say({ type: 'signal', room, to: NOWHERE, data: 'x' });
    expect((await a.next('error')).code).toBe('offline');
    const answers = [];
    for (const id of [own, NOWHERE]) {
      b.say({ type: 'signal', room: id, to: ann.keys.device, data: 'x' });
      answers.push(await b.next('error'));
    }
    expect(answers[0]).toMatchObject({ code: 'not-found' });
    expect(answers[1]).toEqual(answers[0]);
    expect(a.frames.filter(({ type }) => type === 'signal')).toEqual([]);
    a.close();
    b.close();
  });

  it('are refused beyond the budget with a time to wait, while others go on', async () => {
    const [a, b] = [await joined(ann), await joined(bob)];
    for (let i = 0; i < 120; i++) a.say({ type: 'signal', room, to: bob.keys.device, data: `candidate ${i}` });
    const refused = await a.next('error', ({ code }) => code === 'slow-down');
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    b.say({ type: 'signal', room, to: ann.keys.device, data: 'answer' });
    expect((await a.next('signal')).data).toBe('answer');
    const heard = b.frames.filter(({ type }) => type === 'signal').length;
    expect(heard).toBeGreaterThanOrEqual(80);
    expect(heard).toBeLessThan(120);
    a.close();
    b.close();
  });
});

describe('ICE servers', () => {
  const turnOf = async (person: Person) => {
    const { iceServers } = (await world.call('GET', '/api/ice', undefined, person.token)).body as IceServers;
    expect(iceServers[0]).toEqual({ urls: ['stun:stun.test'] });
    return iceServers[1];
  };

  it('come with credentials as coturn checks them, for an hour at most, and with nobody’s name', async () => {
    const turn = await turnOf(ann);
    expect(turn.urls).toEqual(['turn:a.test', 'turns:b.test']);
    const [until, name] = turn.username!.split(':') as [string, string];
    const left = Number(until) - Date.now() / 1000;
    expect(left).toBeGreaterThan(3_000);
    expect(left).toBeLessThanOrEqual(3_600);
    expect(turn.credential).toBe(createHmac('sha1', SECRET).update(turn.username!).digest('base64'));
    expect(name).toMatch(/^[0-9a-f]{16}$/);
    expect((await turnOf(bob)).username!.split(':')[1]).not.toBe(name);
  });

  it('are none where none are configured', async () => {
    const bare = await World.open();
    const person = await bare.first('ann');
    expect((await bare.call('GET', '/api/ice', undefined, person.token)).body).toEqual({ iceServers: [] });
    await bare.close();
  });
});
