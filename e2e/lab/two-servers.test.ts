import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import { Database } from '../../backend/src/database/database.ts';
import { Presence } from '../../backend/src/presence/presence.service.ts';
import { discard, freshDir } from '../../backend/src/testing/place.ts';
import { PASSWORD, World, type Person } from '../../backend/src/testing/world.ts';
import { encodeSubmission } from '../../libs/protocol/src/index.ts';
import { RealPostgres } from './real-postgres.ts';

/* Two servers with the same keys on one Postgres. What decides is in the database: neither remembers for the other. */
const WITHIN_MS = 2_000;
let postgres: RealPostgres;
let dir: string;
let one: World;
let two: World;
let ann: Person;

beforeAll(async () => {
  postgres = await RealPostgres.start();
  const environment = { DATABASE_URL: await postgres.database(), TRUSTED_PROXIES: 'loopback' };
  dir = await freshDir();
  one = await World.open(environment, dir);
  two = await World.open(environment, dir);
  ann = await one.first('ann');
});
afterAll(async () => {
  await two?.close(true);
  await one?.close(true);
  await discard(dir);
  postgres?.remove();
});

const login = async (world: World, password = PASSWORD, from = '198.51.100.1') =>
  world.call('POST', '/api/auth/login', { username: 'ann', password }, undefined, { 'x-forwarded-for': from });
const forget = () => one.server.app.get(Database).run('delete from guess');

describe('two servers on one Postgres', () => {
  it('open one socket for a ticket that a hundred race with', async () => {
    for (let round = 0; round < 3; round++) {
      const ticket = await one.ticket(ann);
      const clients = Array.from({ length: 100 }, (_, i) =>
        (i % 2 ? one : two).socket({ headers: { 'x-forwarded-for': `198.51.100.${i}` } }),
      );
      await Promise.all(clients.map(({ opened }) => opened));
      for (const client of clients) client.say({ type: 'hello', version: 1, ticket, device: ann.keys.device });
      const outcomes = await Promise.all(
        clients.map((client) => Promise.race([client.next('welcome').then(() => 'in'), client.closed.then(() => 'out')])),
      );
      expect(outcomes.filter((outcome) => outcome === 'in')).toHaveLength(1);
      for (const client of clients) client.close();
      await Promise.all(clients.map(({ closed }) => closed));
    }
  });

  it('close a socket within two seconds of its session’s end on the other, however it ended', async () => {
    const ends: [string, (token: string) => Promise<unknown>][] = [
      ['signed out', (token) => one.call('DELETE', '/api/me/sessions', undefined, token)],
      ['new password', (token) => one.call('PUT', '/api/me/password', { current: PASSWORD, password: PASSWORD }, token)],
      ['locked', () => one.server.app.get(Database).run('update account set locked_at = 1 where id = $1', [ann.id])],
    ];
    let mine = ann;
    for (const [how, end] of ends) {
      const socket = await two.connect(mine);
      const { accessToken } = (await login(one)).body;
      const begun = performance.now();
      await end(accessToken);
      await socket.closed;
      const took = performance.now() - begun;
      console.log(`| ${how} | closed after ${Math.round(took)} ms |`);
      expect([how, took < WITHIN_MS]).toEqual([how, true]);
      expect((await socket.next('bye')).code).toBe('session-ended');
      await one.server.app.get(Database).run('update account set locked_at = null where id = $1', [ann.id]);
      mine = { ...ann, token: accessToken };
    }
    expect(two.server.app.get(Presence).sockets).toBe(0);
  });

  it('give no more guesses than one, in one burst at both', async () => {
    await forget();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => login(i % 2 ? one : two, `wrong ${i}`, `198.51.100.${i % 50}`)),
    );
    const hashed = answers.filter(({ status }) => status === 401).length;
    expect(hashed).toBeGreaterThanOrEqual(5);
    expect(hashed).toBeLessThanOrEqual(7); // a slow machine outlasts the first waits
    await forget();
  });

  it('take an answer of a passkey or device once: the second server knows the question was answered', async () => {
    const body = async (world: World) => (await world.call('POST', '/api/auth/passkey/options', {})).body.options.challenge as string;
    const challenge = Buffer.from(await body(one), 'base64url');
    const { Challenges } = await import('../../backend/src/auth/challenges.service.ts');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => {
        const { app } = (i % 2 ? one : two).server;
        return app.get(Challenges).use(app.get(Database), 'passkey', challenge.toString('base64url'));
      }),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('rooms on two servers', () => {
  beforeAll(async () => {
    await forget();
    ann.token = (await login(one)).body.accessToken as string; // her sessions of before were ended on purpose
  });

  it('end for members of the other within two seconds: left, archived, deleted, or not a member any more', async () => {
    const bob = await one.person('bob');
    const database = one.server.app.get(Database);
    const ends: [string, string, (room: string) => Promise<unknown>][] = [
      ['left', 'removed', (room) => one.call('POST', `/api/rooms/${room}/leave`, {}, bob.token)],
      ['archived', 'archived', (room) => one.call('POST', `/api/rooms/${room}/archive`, {}, ann.token)],
      ['deleted', 'deleted', (room) => one.call('DELETE', `/api/rooms/${room}`, undefined, ann.token)],
      ['membership gone', 'removed', (room) => database.run('delete from membership where room = $1 and account = $2', [room, bob.id])],
    ];
    for (const [how, reason, end] of ends) {
      const room = (await one.call('POST', '/api/rooms', { name: `Two servers, ${how}` }, ann.token)).body.id as string;
      await one.call('POST', `/api/rooms/${room}/join`, {}, bob.token);
      const [socket, other] = [await two.connect(bob), await two.connect(ann)];
      for (const client of [socket, other]) {
        client.say({ type: 'join', room });
        await client.next('joined');
      }
      const begun = performance.now();
      await end(room);
      expect(await socket.next('expelled')).toMatchObject({ room, reason });
      const took = performance.now() - begun;
      console.log(`| ${how} | cut off on the other server after ${Math.round(took)} ms |`);
      expect([how, took < WITHIN_MS]).toEqual([how, true]);
      for (const frame of [{ type: 'drain', after: 0 }, { type: 'signal', to: ann.keys.device, data: 'x' }, { type: 'join' }] as const) {
        socket.say({ ...frame, room });
        expect([how, frame.type, (await socket.next('error')).code]).toEqual([how, frame.type, 'not-found']);
      }
      socket.raw(encodeSubmission({ n: 1, room, recipients: [ann.keys.device], ciphertext: new Uint8Array(64) }), true);
      expect((await socket.next('refused')).code).toBe('not-member');
      for (const client of [socket, other]) client.close();
    }
  });

  it('let nothing pass between two of whom one has blocked the other, on whichever server they are', async () => {
    const carl = await one.person('carl');
    const { id: room } = (await one.call('POST', '/api/direct', { user: carl.id }, ann.token)).body;
    const [mine, theirs] = [await two.connect(ann), await two.connect(carl)];
    for (const client of [mine, theirs]) {
      client.say({ type: 'join', room });
      await client.next('joined');
    }
    mine.say({ type: 'signal', room, to: carl.keys.device, data: 'before' });
    expect((await theirs.next('signal')).data).toBe('before');
    await one.call('PUT', `/api/me/blocks/${ann.id}`, undefined, carl.token);
    for (const [from, to] of [[mine, carl], [theirs, ann]] as const) {
      from.say({ type: 'signal', room, to: to.keys.device, data: 'after' });
      expect((await from.next('error')).code).toBe('forbidden');
      from.raw(encodeSubmission({ n: 1, room, recipients: [to.keys.device], ciphertext: new Uint8Array(64) }), true);
      expect((await from.next('refused')).code).toBe('forbidden');
    } // prettier-ignore
    for (const client of [mine, theirs]) client.close();
  });

  it('give no more guesses at a room’s password than one', async () => {
    await forget();
    const room = randomUUID();
    await one.call('POST', '/api/rooms', { name: 'Guessed twice', kind: 'password', id: room, admission: 'R'.repeat(43) }, ann.token);
    const dora = await one.person('dora');
    const statuses: number[] = [];
    for (let i = 0; i < 16; i++) {
      const where = i % 2 ? one : two;
      statuses.push((await where.call('POST', `/api/rooms/${room}/join`, { admission: 'W'.repeat(43) }, dora.token)).status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(401), ...Array<number>(6).fill(429)]);
    await forget();
  });
});
