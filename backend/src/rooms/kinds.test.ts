import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConclaveError } from '../../../libs/protocol/src/index.ts';
import { Passwords } from '../auth/passwords.service.ts';
import { Database } from '../database/database.ts';
import { World, type Answer, type Person } from '../testing/world.ts';

const RIGHT = 'R'.repeat(43);
const WRONG = 'W'.repeat(43);
let world: World;
let ann: Person;
let bob: Person;
let carl: Person;
let dora: Person;
let database: Database;

beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
  bob = await world.person('bob');
  carl = await world.person('carl');
  dora = await world.person('dora');
  database = world.server.app.get(Database);
});
afterAll(() => world.close());

const post = (path: string, body: unknown, who: Person) => world.call('POST', path, body, who.token);
const join = (room: string, body: unknown, who: Person) => post(`/api/rooms/${room}/join`, body, who);
const listed = async (who: Person) =>
  ((await world.call('GET', '/api/rooms', undefined, who.token)).body.rooms as { name: string }[]).map(({ name }) => name);
const made = async (request: object, who = ann): Promise<string> => {
  const answer = await post('/api/rooms', request, who);
  expect(answer).toMatchObject({ status: 201 });
  return answer.body.id as string;
};
const forget = () => database.run('delete from guess');

describe('a password room (ROOM3)', () => {
  it('stands in the list with its kind, and opens to the right half of the password only', async () => {
    const id = randomUUID();
    expect(await made({ name: 'Vault', kind: 'password', id, admission: RIGHT })).toBe(id);
    expect(await listed(bob)).toContain('Vault');
    for (const body of [{}, { admission: WRONG }])
      expect(await join(id, body, bob)).toMatchObject({ status: 401, body: { code: 'bad-credentials', reason: 'room-password' } });
    expect(await join(id, { admission: RIGHT }, bob)).toMatchObject({ status: 200, body: { id, kind: 'password', passwordVersion: 1 } });
    // A member shows it too, on another device: a wrong one is not taken for right.
    expect((await join(id, { admission: WRONG }, bob)).status).toBe(401);
    expect((await join(id, {}, bob)).status).toBe(200);
    await forget();
  });

  it('needs an id of its own and a password; no other room takes either', async () => {
    const id = randomUUID();
    for (const body of [
      { kind: 'password' },
      { kind: 'password', id },
      { kind: 'password', admission: RIGHT },
      { id },
      { kind: 'hidden', admission: RIGHT },
    ])
      expect([body, (await post('/api/rooms', { name: 'Half a vault', ...body }, ann)).status]).toEqual([body, 400]);
    await made({ name: 'First of its id', kind: 'password', id, admission: RIGHT });
    expect((await post('/api/rooms', { name: 'Second of its id', kind: 'password', id, admission: RIGHT }, ann)).status).toBe(409);
  });

  it('is guessed ten times, by a person or from a network; a right one is no guess, and a restart forgives none', async () => {
    await forget();
    const id = await made({ name: 'Guessed', kind: 'password', id: randomUUID(), admission: RIGHT });
    const statuses: number[] = [];
    for (let i = 0; i < 9; i++) statuses.push((await join(id, { admission: WRONG }, carl)).status);
    expect(await join(id, { admission: RIGHT }, bob)).toMatchObject({ status: 200 });
    statuses.push((await join(id, { admission: WRONG }, carl)).status);
    expect(statuses).toEqual(Array<number>(10).fill(401));
    const refused = await join(id, { admission: RIGHT }, carl);
    expect(refused).toMatchObject({ status: 429, body: { code: 'slow-down' } });
    expect(refused.body.retryAfterMs).toBeGreaterThan(14 * 60_000);
    // From the same network another account fares no better at this room, and carl no better at another.
    expect((await join(id, { admission: RIGHT }, bob)).status).toBe(429);
    const other = await made({ name: 'Guessed as well', kind: 'password', id: randomUUID(), admission: RIGHT });
    expect((await join(other, { admission: RIGHT }, carl)).status).toBe(429);
    expect((await join(other, { admission: RIGHT }, bob)).status).toBe(200);
    await database.run('update guess set last_at = last_at - 900000');
    expect((await join(id, { admission: RIGHT }, carl)).status).toBe(200);
    await forget();
  });

  it('counts no guess where the password was not compared', async () => {
    await forget();
    const id = await made({ name: 'Crowded', kind: 'password', id: randomUUID(), admission: RIGHT });
    const passwords = world.server.app.get(Passwords);
    passwords.verify = () => Promise.reject(new ConclaveError('unavailable', 'the password could not be checked: try again', 1_000));
    for (let i = 0; i < 11; i++) expect((await join(id, { admission: RIGHT }, dora)).status).toBe(503);
    Reflect.deleteProperty(passwords, 'verify');
    for (let i = 0; i < 2; i++) expect((await join(id, { admission: WRONG }, dora)).status).toBe(401);
    expect(await database.rows('select failures from guess')).toEqual([{ failures: 2 }, { failures: 2 }]);
    expect((await join(id, { admission: RIGHT }, dora)).status).toBe(200);
    await forget();
  });
});

describe('a hidden room (ROOM1)', () => {
  it('is found and entered by its exact name, and stands in no list', async () => {
    const id = await made({ name: 'The Cellar', kind: 'hidden' });
    expect(await listed(bob)).not.toContain('The Cellar');
    expect((await post('/api/rooms/find', { name: 'The Cella' }, bob)).status).toBe(404);
    expect(await post('/api/rooms/find', { name: 'the cellar' }, bob)).toMatchObject({ status: 200, body: { id, kind: 'hidden' } });
    expect((await join(id, { name: 'The Cella' }, bob)).status).toBe(404);
    expect(await join(id, { name: 'The Cellar' }, bob)).toMatchObject({ status: 200, body: { id } });
    expect(await listed(bob)).not.toContain('The Cellar');
    expect((await world.call('GET', '/api/rooms', undefined, bob.token)).body.mine).toContain(id);
  });

  it('is answered byte for byte like one that is not there, on every route and frame', async () => {
    const id = await made({ name: 'Nowhere at all', kind: 'hidden' });
    await database.run(
      `insert into ban (id, room, account, until, reason, made_by, by_name, created_at) values ($1, $2, $3, null, '', null, '', 0)`,
      [randomUUID(), id, carl.id],
    );
    const binary = new Uint8Array([0, 0, 0, 0]);
    const routes: [string, string, unknown?][] = [
      ['POST', 'join', {}], ['POST', 'join', { name: 'Somewhere else' }], ['POST', 'join', { admission: WRONG }], ['POST', 'leave', {}],
      ['POST', 'admission', {}], ['POST', 'rejoin', {}], ['GET', 'log/1'], ['POST', 'group', binary], ['POST', 'commits?generation=0&epoch=0', binary],
      ['POST', 'key-packages', { devices: [carl.keys.device] }], ['PATCH', '', { topic: 'x' }], ['PATCH', '', { name: 'Another name' }],
      ['PUT', 'password', { admission: WRONG }], ['PUT', `members/${bob.id}/role`, { role: 'owner' }], ['POST', 'archive', {}],
      ['POST', 'unarchive', {}], ['DELETE', ''],
    ]; // prettier-ignore
    const face = ({ status, body, headers }: Answer) => ({ status, body, headers: [...headers].filter(([name]) => name !== 'date') });
    for (const who of [bob, carl]) {
      for (const [method, path, body] of routes) {
        const of = (room: string) => world.call(method, `/api/rooms/${room}${path && '/'}${path}`, body, who.token);
        const [hidden, missing] = [face(await of(id)), face(await of(randomUUID()))];
        expect([method, path, hidden]).toEqual([method, path, missing]);
      }
    }
    // Who is banned does not find it even by its name; who is not, does.
    const banned = await join(id, { name: 'Nowhere at all' }, carl);
    expect(face(banned)).toEqual(face(await join(randomUUID(), { name: 'Nowhere at all' }, carl)));
    const finds = await post('/api/rooms/find', { name: 'Nowhere at all' }, carl);
    expect(face(finds)).toEqual(face(await post('/api/rooms/find', { name: 'Nowhere else' }, carl)));
    expect(finds.status).toBe(404);

    const client = await world.connect(bob);
    for (const frame of [{ type: 'join' }, { type: 'drain', after: 0 }, { type: 'signal', to: ann.keys.device, data: 'x' }] as const) {
      const answers = [];
      for (const room of [id, randomUUID()]) {
        client.say({ ...frame, room });
        answers.push(JSON.stringify(await client.next('error')));
      }
      expect(answers[0]).toBe(answers[1]);
    }
    client.close();
  });

  it('is told to nobody who watches the directory, neither made, nor entered, nor deleted', async () => {
    const watcher = await world.connect(carl);
    watcher.say({ type: 'watch', directory: true });
    await watcher.next('directory');
    // What everybody sees comes after each step: until then everything that was to be told of the step was told.
    const told: string[] = [];
    const after = async (step: string) => {
      const seen = await made({ name: `Seen after it ${step}` });
      for (let shown = false; !shown;) {
        const frame = await watcher.next('directory');
        told.push(JSON.stringify(frame));
        shown = frame.changed.some((room) => room.id === seen);
      }
    };
    const id = await made({ name: 'Unseen', kind: 'hidden' });
    await after('was made');
    await join(id, { name: 'Unseen' }, bob);
    const client = await world.connect(bob);
    client.say({ type: 'join', room: id });
    await client.next('joined');
    await after('was entered');
    await world.call('DELETE', `/api/rooms/${id}`, undefined, ann.token);
    await after('was deleted');
    expect(told.join()).not.toContain(id);
    client.close();
    watcher.close();
  });
});

describe('a room for a role (ROOM7)', () => {
  it('is there for those who have the role, and for nobody else', async () => {
    const id = await made({ name: 'Velvet' });
    await database.run(`update room set for_role = 'vip' where id = $1`, [id]);
    expect(await listed(bob)).not.toContain('Velvet');
    const [refused, missing] = [await join(id, {}, bob), await join(randomUUID(), {}, bob)];
    expect([refused.status, refused.body]).toEqual([404, missing.body]);
    const patched = await world.call('PATCH', `/api/admin/accounts/${bob.id}`, { vip: true }, ann.token);
    expect(patched).toMatchObject({ status: 200, body: { vip: true } });
    expect(await listed(bob)).toContain('Velvet');
    expect((await join(id, {}, bob)).status).toBe(200);
    const client = await world.connect(bob);
    await world.call('PATCH', `/api/admin/accounts/${bob.id}`, { vip: false }, ann.token);
    expect(await client.next('expelled')).toMatchObject({ room: id, reason: 'removed' });
    expect(await listed(bob)).not.toContain('Velvet');
    client.close();
  });
});
