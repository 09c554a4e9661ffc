import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../testing/client.ts';
import { Site } from '../testing/site.ts';
import { makeAccount, makeDevice, World, type Answer, type Person } from '../testing/world.ts';

let world: World;
let site: Site;
let ann: Person;
let write: string;
let read: string;
let handoff: string;

beforeAll(async () => {
  site = new Site();
  world = await World.open(site.environment());
  ann = await world.first('ann');
  [write, read, handoff] = [await token('rooms:write'), await token('rooms:read'), await token('handoff:write')];
});
afterAll(() => world.close());

const token = async (scope: string): Promise<string> =>
  (await world.call('POST', '/api/admin/tokens', { name: scope, scopes: [scope] }, ann.token)).body.secret;
const put = (slug: string, body: object, by = write): Promise<Answer> => world.call('PUT', `/api/rooms/by-slug/${slug}`, body, by);
const access = async (slug: string, by: string, query = '') =>
  (await world.call('GET', `/api/rooms/${slug}/access${query}`, undefined, by)).body;
async function come(sub: string, rooms?: string[]): Promise<{ person: Person; socket: Client }> {
  const { user, accessToken } = (
    await world.call('POST', '/api/auth/handoff', { jwt: await site.token({ sub, ...(rooms ? { rooms } : {}) }) })
  ).body;
  const keys = await makeDevice(user.id, await makeAccount());
  const person = { id: user.id, token: accessToken, cookie: '', keys, username: sub };
  await world.enrol(person, keys);
  return { person, socket: await world.connect(person) };
}
const mine = async (who: Person): Promise<string[]> => (await world.call('GET', '/api/rooms', undefined, who.token)).body.mine;

describe('a room that stands for something in the embedding site (ROOM9)', () => {
  it('is made and changed by its slug, with the scope for it only', async () => {
    expect((await put('course-7', { name: 'Course 7' }, read)).status).toBe(403);
    const made = await put('course-7', { name: 'Course 7', welcome: ['Hello'] });
    expect(made).toMatchObject({ status: 200, body: { slug: 'course-7', kind: 'open', name: 'Course 7', members: 0 } });
    const changed = await put('course-7', { name: 'Course seven', topic: 'Rows' });
    expect(changed.body).toMatchObject({ id: made.body.id, name: 'Course seven', topic: 'Rows' });
    expect((await put('course-8', { name: 'COURSE SEVEN' })).status).toBe(409);
    expect((await put('Not-A-Slug', { name: 'Whatever' })).status).toBe(400);
    expect((await put('password', { name: 'Called so' })).body.slug).toBe('password');
  });

  it('lets in whom the token names, and nobody else sees it; who is no longer named is out at once', async () => {
    const { id } = (await put('club', { name: 'The club' })).body;
    const { person: bob } = await come('bob', ['club', 'unknown']);
    const { person: carl } = await come('carl');
    expect(await mine(bob)).toEqual([id]);
    const [refused, missing] = [id, '00000000-0000-4000-8000-000000000000'].map((room) =>
      world.call('POST', `/api/rooms/${room}/join`, {}, carl.token),
    );
    expect((await refused).body).toEqual((await missing).body);
    expect((await refused).status).toBe(404);
    expect((await world.call('GET', '/api/rooms', undefined, carl.token)).body.rooms.map((room: { id: string }) => room.id)).not.toContain(
      id,
    );

    const socket = await world.connect(bob);
    const amend = (rooms: string[]) => world.call('PATCH', '/api/handoff/subjects/https%3A%2F%2Fsite.test/bob', { rooms }, handoff);
    const amended = await amend(['other']);
    expect(amended.status).toBe(204);
    expect(await socket.next('expelled')).toMatchObject({ room: id, reason: 'site' });
    expect(await mine(bob)).toEqual([]);
    expect((await amend(['club'])).status).toBe(204);
    expect(await mine(bob)).toEqual([id]);
    // The next hand-off names nothing: the membership ends, before anybody asks.
    await world.call('POST', '/api/auth/handoff', { jwt: await site.token({ sub: 'bob' }) });
    expect(await mine(bob)).toEqual([]);
    socket.close();
  });

  it('that is for everybody takes everybody, and puts out whom it is not for any more', async () => {
    const { id } = (await put('plaza', { name: 'The plaza', membersOnly: false })).body;
    const { person, socket } = await come('dora');
    expect((await world.call('POST', `/api/rooms/${id}/join`, {}, person.token)).status).toBe(200);
    await put('plaza', { name: 'The plaza', membersOnly: true });
    expect(await socket.next('expelled')).toMatchObject({ room: id, reason: 'site' });
    socket.close();
  });

  it('says who may enter: to everybody of themselves, to the site of whom it names', async () => {
    const { id } = (await put('yard', { name: 'The yard' })).body;
    const { person: emil } = await come('emil', ['yard']);
    const { person: fay } = await come('fay', []);
    const issuer = '?issuer=https%3A%2F%2Fsite.test&subject=';
    expect(await access('yard', emil.token)).toEqual({ slug: 'yard', room: id, mayEnter: true, member: true });
    const not = { slug: 'yard', room: null, mayEnter: false, member: false };
    expect(await access('yard', fay.token)).toEqual(not);
    expect(await access('nowhere', fay.token)).toEqual({ ...not, slug: 'nowhere' });
    expect(await access('yard', read, `${issuer}emil`)).toMatchObject({ mayEnter: true, member: true });
    expect(await access('yard', read, `${issuer}fay`)).toEqual(not);
    expect(await access('yard', read, `${issuer}nobody`)).toEqual(not);
    expect((await world.call('GET', `/api/rooms/yard/access${issuer}emil`, undefined, fay.token)).status).toBe(403);
    expect((await world.call('GET', '/api/rooms/yard/access', undefined, read)).status).toBe(400);
    expect((await world.call('GET', `/api/rooms/yard/access${issuer}emil`, undefined, write)).status).toBe(403);
    expect((await world.call('GET', '/api/rooms/yard/access')).status).toBe(401);
  });
});
