import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeSubmission } from '../../libs/protocol/src/index.ts';
import { Database } from '../../backend/src/database/database.ts';
import { act, acting, type Acting } from '../../backend/src/testing/acting.ts';
import type { Client } from '../../backend/src/testing/client.ts';
import { Member } from '../../backend/src/testing/member.ts';
import { discard, freshDir } from '../../backend/src/testing/place.ts';
import { makeDevice, PASSWORD, World, type Person } from '../../backend/src/testing/world.ts';
import { audit } from '../../backend/src/users/audit.ts';
import { RealPostgres } from './real-postgres.ts';

/*
 * MOD1, effective at once everywhere: two servers with the same keys on one Postgres. Whoever is banned through the one gets nothing through at either of
 * them two seconds later: not over REST, by a socket, by the relay, by a signal, or from a second device. The mesh is the clients' own matter.
 */
const WITHIN_MS = 2_000;
let postgres: RealPostgres;
let dir: string;
let one: World;
let two: World;
let ann: Acting;
let carl: Member;

beforeAll(async () => {
  postgres = await RealPostgres.start();
  const environment = { DATABASE_URL: await postgres.database(), TRUSTED_PROXIES: 'loopback' };
  dir = await freshDir();
  one = await World.open(environment, dir);
  two = await World.open(environment, dir);
  ann = await acting(one, 'ann', true);
  two.admin = ann;
  carl = await Member.come(two, 'carl');
});
afterAll(async () => {
  await two?.close(true);
  await one?.close(true);
  await discard(dir);
  postgres?.remove();
});

/** On a socket of their own at this server, in the room. */
async function inRoom(world: World, person: Person, room: string): Promise<Client> {
  const client = await world.connect(person);
  client.say({ type: 'join', room });
  await client.next('joined');
  return client;
}

async function withSecondDevice(person: Person): Promise<Person> {
  const { accessToken } = (await one.call('POST', '/api/auth/login', { username: person.username, password: PASSWORD })).body;
  const second = { ...person, token: accessToken as string, keys: await makeDevice(person.id, person.account!) };
  expect((await one.enrol(second, second.keys)).status).toBe(204);
  return second;
}

/** Bob is a leaf of the group and has a socket at each server; dave has a device at each. Carl listens at the second server; ann acts at the first. */
async function scene(name: string) {
  const bob = await Member.come(two, `bob-${name}`);
  const dave = await two.person(`dave-${name}`);
  const room = (await one.call('POST', '/api/rooms', { name: `Room of ${name}` }, ann.token)).body.id as string;
  await carl.connect();
  await carl.join(room);
  await bob.join(room);
  expect((await carl.found(room)).status).toBe(200);
  expect((await bob.enter(room)).status).toBe(200);
  await carl.follow(room);
  expect((await one.call('POST', `/api/rooms/${room}/join`, {}, dave.token)).status).toBe(200);
  const second = await withSecondDevice(dave);
  const sockets = {
    'bob, second server': bob.client,
    'bob, first server': await inRoom(one, bob.person, room),
    'dave, first server': await inRoom(one, dave, room),
    'dave’s second device, second server': await inRoom(two, second, room),
  };
  return { room, bob, dave, second, sockets };
}
type Scene = Awaited<ReturnType<typeof scene>>;

/** Before: what is tried afterwards gets through. */
async function works({ room, bob, sockets }: Scene): Promise<void> {
  await bob.send(room, 'hello', [carl]);
  expect((await carl.read()).text).toBe('hello');
  sockets['dave’s second device, second server'].say({ type: 'signal', room, to: carl.device, data: 'before' });
  expect((await carl.client.next('signal')).data).toBe('before');
}

/** By every way at once; gives what came of each, and has thrown away what was told before. */
async function everything({ room, bob, dave, second, sockets }: Scene): Promise<Record<string, unknown>> {
  const outcome: Record<string, unknown> = {};
  const sealed = await bob.sealed(room, 'after the ban');
  for (const [who, client] of Object.entries(sockets)) {
    client.frames.splice(0);
    client.envelopes.splice(0);
    if (client.socket.readyState !== client.socket.OPEN) continue;
    client.raw(encodeSubmission({ n: 99, room, recipients: [carl.device], ciphertext: sealed }), true);
    client.say({ type: 'signal', room, to: carl.device, data: 'after the ban' });
    client.say({ type: 'drain', room, after: 0 });
    client.say({ type: 'join', room });
    await client.until(`answers to ${who}`, () => (client.frames.filter(({ type }) => type === 'error').length >= 3 ? true : undefined));
    outcome[who] = client.frames.flatMap((frame) => (frame.type === 'refused' || frame.type === 'error' ? [frame.code] : [])).sort();
  }
  for (const [where, world] of Object.entries({ first: one, second: two }))
    for (const { token, username, keys } of [bob.person, dave, second])
      outcome[`${username} ${keys.device === second.keys.device ? 'again ' : ''}${where}`] = await statuses(
        world,
        room,
        token,
        keys.device,
      );
  return outcome;
}

async function statuses(world: World, room: string, token: string, device: string): Promise<number[]> {
  const asked: [string, string, unknown][] = [
    ['POST', `/api/rooms/${room}/join`, {}],
    ['POST', `/api/rooms/${room}/admission`, {}],
    ['GET', `/api/rooms/${room}/log/1`, undefined],
    ['POST', `/api/rooms/${room}/key-packages`, { devices: [device] }],
  ];
  const answers: number[] = [];
  for (const [method, path, body] of asked) answers.push((await world.call(method, path, body, token)).status);
  return answers;
}

const heard = () => [carl.client.envelopes.length, carl.client.frames.filter(({ type }) => type === 'signal').length];

async function goesOn({ room, bob }: Scene): Promise<void> {
  const { group } = await carl.client.next('group', ({ group: { removing } }) => removing.some(({ device }) => device === bob.device));
  await carl.propose(room, group);
  expect((await carl.commit(room)).status).toBe(200);
}

describe('whoever is banned through one server', () => {
  it('from a room gets nothing through at either two seconds later; the room goes on', async () => {
    const here = await scene('room');
    await works(here);
    for (const user of [here.bob.person.id, here.dave.id])
      expect((await act(one, ann, { act: 'ban', room: here.room, user })).status).toBe(204);
    const begun = performance.now();
    const reasons = await Promise.all(Object.values(here.sockets).map(async (client) => (await client.next('expelled')).reason));
    const took = performance.now() - begun;
    console.log(`| ban from a room | cut off at both servers after ${Math.round(took)} ms |`);
    expect(took).toBeLessThan(WITHIN_MS);
    for (const reason of reasons) expect(['banned', 'removed']).toContain(reason);
    await sleep(WITHIN_MS - took);
    const outcome = await everything(here);
    for (const [who, codes] of Object.entries(outcome)) {
      const expected = who.includes('server') ? ['not-found', 'not-found', 'not-found', 'not-member'] : [403, 404, 404, 404];
      expect([who, codes]).toEqual([who, expected]);
    }
    expect(heard()).toEqual([0, 0]);
    await goesOn(here);
    for (const client of Object.values(here.sockets)) client.close();
  });

  it('from the site has no socket, no session and no way in at either', async () => {
    const here = await scene('site');
    await works(here);
    for (const user of [here.bob.person.id, here.dave.id])
      expect((await act(one, ann, { act: 'ban', user, reason: 'spam' })).status).toBe(204);
    const begun = performance.now();
    await Promise.all(Object.values(here.sockets).map(({ closed }) => closed));
    const took = performance.now() - begun;
    console.log(`| ban from the site | closed at both servers after ${Math.round(took)} ms |`);
    expect(took).toBeLessThan(WITHIN_MS);
    await sleep(WITHIN_MS - took);
    const outcome = await everything(here);
    expect(Object.keys(outcome).filter((who) => who.includes('server'))).toEqual([]);
    for (const [who, codes] of Object.entries(outcome)) expect([who, codes]).toEqual([who, [401, 401, 401, 401]]);
    for (const world of [one, two]) {
      const again = await world.call('POST', '/api/auth/login', { username: here.dave.username, password: PASSWORD });
      expect([again.status, again.body.code]).toEqual([403, 'banned']);
    }
    expect(heard()).toEqual([0, 0]);
    await goesOn(here);
  });

  it('is told at both, like any act: whoever is there hears it once', async () => {
    const here = await scene('mute');
    expect((await act(one, ann, { act: 'mute', room: here.room, user: here.dave.id })).status).toBe(204);
    for (const client of [carl.client, ...Object.values(here.sockets)]) await client.next('moderated', ({ room }) => room === here.room);
    await sleep(WITHIN_MS);
    for (const client of [carl.client, ...Object.values(here.sockets)]) {
      expect(client.frames.filter((frame) => frame.type === 'moderated' && frame.room === here.room)).toEqual([]);
      client.close();
    }
  });

  it('leaves no membership behind when they come in at the very moment', async () => {
    const room = (await one.call('POST', '/api/rooms', { name: 'Raced for' }, ann.token)).body.id as string;
    const eve = await two.person('eve');
    const database = one.server.app.get(Database);
    const join = (world: World) => world.call('POST', `/api/rooms/${room}/join`, {}, eve.token);
    const outcomes = new Set<number>();
    for (let round = 0; round < 30; round++) {
      const [banned, ...joined] = await Promise.all([act(one, ann, { act: 'ban', room, user: eve.id }), join(two), join(one)]);
      expect(banned.status).toBe(204);
      for (const { status } of joined) outcomes.add(status);
      expect(await database.rows('select 1 from membership where room = $1 and account = $2', [room, eve.id])).toEqual([]);
      expect((await act(one, ann, { act: 'unban', room, user: eve.id })).status).toBe(204);
    }
    console.log(`| raced joins | answered ${[...outcomes].sort((a, b) => a - b).join(' and ')} |`);
    for (const status of outcomes) expect([200, 403, 404]).toContain(status);
    // The same for the whole site, whose rooms nobody names.
    for (let round = 0; round < 10; round++) {
      const fay = await acting(two, `fay-${round}`);
      const [banned] = await Promise.all([
        act(one, ann, { act: 'ban', user: fay.id }),
        two.call('POST', `/api/rooms/${room}/join`, {}, fay.token),
      ]);
      expect(banned.status).toBe(204);
      expect(await database.rows('select 1 from membership where account = $1', [fay.id])).toEqual([]);
      expect(await database.rows('select 1 from session where account = $1 and ended_at is null', [fay.id])).toEqual([]);
    }
  });
});

describe('the audit log of two servers', () => {
  it('stays one chain, whoever writes at once', async () => {
    const check = async () => (await one.call('GET', '/api/admin/audit/check', undefined, ann.token)).body;
    const before = await check();
    await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        (i % 2 ? one : two).server.app.get(Database).transaction((inside) => audit(inside, ann.id, 'invite-made', `made ${i}`)),
      ),
    );
    expect(await check()).toMatchObject({ rows: before.rows + 200, brokenAt: null });
  });
});
