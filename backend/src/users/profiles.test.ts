import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConclaveError } from '../../../libs/protocol/src/index.ts';
import { Avatars } from './avatars.service.ts';
import { Database } from '../database/database.ts';
import { NOWHERE } from '../gateway/route-table/route.ts';
import { describedOnly } from '../testing/prism.ts';
import { World, type Person } from '../testing/world.ts';
import { Profiles } from './profiles.service.ts';

/* Profiles and pictures (ACC12), on a real server and a real database. */
let world: World;
let endProxy: () => Promise<void>;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  world = await World.open({ SITE_NAME: 'Rowers’ Club' });
  endProxy = await describedOnly(world);
  ann = await world.first('ann');
  bob = await world.person('bob');
});
afterAll(async () => {
  await endProxy();
  await world.close();
});

const picture = (width = 300, height = 200) => sharp({ create: { width, height, channels: 3, background: 'teal' } });
const patch = (person: Person, change: object) => world.call('PATCH', '/api/me', change, person.token);
const put = (bytes: Uint8Array, person = bob) => world.call('PUT', '/api/me/avatar', bytes, person.token);

describe('a profile', () => {
  it('is one’s own to change, others’ to see; what is not named stays', async () => {
    expect((await patch(bob, { about: 'Rows.\nAlone.', link: 'https://bob.example/' })).status).toBe(200);
    expect((await patch(bob, { displayName: 'Bob the rower' })).body).toMatchObject({
      about: 'Rows.\nAlone.',
      link: 'https://bob.example/',
    });
    const seen = await world.call('GET', `/api/people/${bob.id}`, undefined, ann.token);
    expect(seen.body).toMatchObject({
      displayName: 'Bob the rower',
      about: 'Rows.\nAlone.',
      role: 'user',
      guest: false,
      vip: false,
      avatar: null,
    });
    expect(Object.keys(seen.body)).not.toContain('origin');
    expect((await patch(bob, { link: null })).body).toMatchObject({ link: null, about: 'Rows.\nAlone.' });
    expect((await world.call('GET', '/api/me', undefined, bob.token)).body).toMatchObject({
      origin: 'local',
      hasPassword: true,
      passkeys: 0,
    });
    expect((await world.call('GET', `/api/people/${NOWHERE}`, undefined, ann.token)).body.code).toBe('not-found');
  });

  it.each([
    ['the role', { role: 'admin' }],
    ['a script for a link', { link: 'javascript:alert(1)' }],
    ['a link with a password in it', { link: 'https://a:b@c.example' }],
    ['NUL', { about: 'a\0b' }],
    ['letters that turn the text around', { displayName: 'bob\u202Egnp.exe' }],
    ['too much', { about: 'x'.repeat(3_000) }],
  ])('takes no %s', async (_, change) => {
    const before = (await world.call('GET', '/api/me', undefined, bob.token)).body;
    expect(await patch(bob, change)).toMatchObject({ status: 400, body: { code: 'bad-request' } });
    expect((await world.call('GET', '/api/me', undefined, bob.token)).body).toEqual(before);
  });

  it('cannot take the looks of somebody else, but keeps its own', async () => {
    for (const displayName of ['ann', 'Ann', 'Аnn', 'A n n'.replaceAll(' ', '\u00AD')])
      expect((await patch(bob, { displayName })).body.code).toBe('name-taken');
    expect((await patch(bob, { displayName: 'BOB' })).status).toBe(200);
    const { secret } = (await world.call('POST', '/api/invites', { uses: 5 }, ann.token)).body;
    const register = (username: string, displayName: string) =>
      world.call('POST', '/api/auth/register', { invite: secret, username, displayName, password: 'walnut under seven rivers' });
    expect((await register('b0b', 'Somebody')).body.code).toBe('name-taken');
    expect((await register('somebody', 'Вob')).body.code).toBe('name-taken');
    expect((await register('somebody', 'Somebody')).status).toBe(201);
  });

  it('speaks for the site by its name for administrators only, and who has such a name from one keeps it', async () => {
    const { secret } = (await world.call('POST', '/api/invites', { uses: 9 }, ann.token)).body;
    const register = (username: string, displayName: string) =>
      world.call('POST', '/api/auth/register', { invite: secret, username, displayName, password: 'walnut under seven rivers' });
    for (const displayName of ['Admin', 'ADMIN', 'Αdmin', 'Support', 'Conclave', 'Rowers’ Club', 'rowers’  c1ub'])
      expect([displayName, (await patch(bob, { displayName })).body.code]).toEqual([displayName, 'name-taken']);
    for (const [username, displayName] of [
      ['admin', 'Eve'],
      ['adm1n', 'Eve'],
      ['eve', 'Moderator'],
      ['support', 'Eve'],
    ] as const)
      expect([username, displayName, (await register(username, displayName)).body.code]).toEqual([username, displayName, 'name-taken']);
    expect((await patch(ann, { displayName: 'Admin' })).status).toBe(200);
    expect((await patch(ann, { displayName: 'Ann' })).status).toBe(200);
    const program = (await world.call('POST', '/api/admin/tokens', { name: 'sync', scopes: ['accounts:write'] }, ann.token)).body.secret;
    const accounts = (method: string, path: string, body: object, token = ann.token) =>
      world.call(method, `/api/admin/accounts${path}`, body, token);
    expect((await accounts('POST', '', { username: 'support' }, program)).body.code).toBe('name-taken');
    expect((await accounts('PATCH', `/${bob.id}`, { displayName: 'Support' }, program)).body.code).toBe('name-taken');
    expect((await accounts('POST', '', { username: 'helpdesk', displayName: 'Staff' })).status).toBe(201);
    expect((await accounts('PATCH', `/${bob.id}`, { displayName: 'Support' })).status).toBe(200);
    expect((await patch(bob, { displayName: 'SUPPORT', about: 'At the desk' })).status).toBe(200);
    expect((await patch(bob, { displayName: 'Robert' })).status).toBe(200);
    expect((await patch(bob, { displayName: 'Support' })).body.code).toBe('name-taken');
  });

  it('is not of two who ask for one name at once: the second waits for the first, and is refused', async () => {
    const [database, profiles] = [world.server.app.get(Database), world.server.app.get(Profiles)];
    let done = () => {};
    const held = new Promise<void>((resolve) => (done = resolve));
    let asked = () => {};
    const both = new Promise<void>((resolve) => (asked = resolve));
    const first = database.transaction(async (inside) => {
      await profiles.write(inside, bob.id, { displayName: 'Gina' });
      asked();
      await held;
    });
    await both;
    const second = database
      .transaction((inside) => profiles.write(inside, ann.id, { displayName: 'G1NA' }))
      .then(() => 'taken', (error: ConclaveError) => error.code); // prettier-ignore
    await Promise.race([second, new Promise((resolve) => setTimeout(resolve, 300))]);
    done();
    await first;
    expect(await second).toBe('name-taken');
  });

  it('tells the members of shared rooms at once, and nobody else', async () => {
    const shared = (await world.call('POST', '/api/rooms', { name: 'Shared' }, ann.token)).body.id;
    const other = (await world.call('POST', '/api/rooms', { name: 'Without bob' }, ann.token)).body.id;
    await world.call('POST', `/api/rooms/${shared}/join`, {}, bob.token);
    const client = await world.connect(ann);
    for (const room of [shared, other]) {
      client.say({ type: 'join', room });
      await client.next('joined');
    }
    await patch(bob, { displayName: 'Robert' });
    expect((await client.next('members')).joined).toEqual([expect.objectContaining({ id: bob.id, displayName: 'Robert' })]);
    await put(await picture().png().toBuffer());
    expect(await client.next('members')).toMatchObject({ room: shared, joined: [{ avatar: expect.stringMatching(/^[\w-]{43}$/) }] });
    expect(client.frames.filter((frame) => frame.type === 'members')).toEqual([]);
    client.close();
  });
});

describe('a picture', () => {
  const avatar = async () => (await world.call('GET', '/api/me', undefined, bob.token)).body.avatar as string;

  it('is made anew: 256 × 256 WebP without a word of the file it came from, for the signed in', async () => {
    const photo = await picture(900, 500)
      .withExif({ IFD0: { Copyright: 'a secret place' } })
      .jpeg()
      .toBuffer();
    expect(photo.includes('a secret place')).toBe(true);
    expect((await put(photo)).status).toBe(204);
    const path = `/api/avatars/${await avatar()}`;
    const { status, body, headers } = await world.call('GET', path, undefined, ann.token);
    expect([status, headers.get('content-type'), headers.get('x-content-type-options')]).toEqual([200, 'image/webp', 'nosniff']);
    expect(headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    expect(headers.get('content-security-policy')).toContain('sandbox');
    expect(await sharp(body as Uint8Array).metadata()).toMatchObject({ format: 'webp', width: 256, height: 256 });
    expect(Buffer.from(body).includes('secret')).toBe(false);
    expect((await world.call('GET', path)).status).toBe(401);
    expect((await world.call('GET', `/api/avatars/${'A'.repeat(43)}`, undefined, ann.token)).status).toBe(404);
    expect((await world.call('DELETE', '/api/me/avatar', undefined, bob.token)).status).toBe(204);
    expect(await avatar()).toBeNull();
    expect((await world.call('GET', path, undefined, ann.token)).status).toBe(404);
  });

  it('is one: SVG, scripts, bombs, torsos and texts are refused, and so is more than 1 MiB', async () => {
    await put(await picture().gif().toBuffer());
    const before = await avatar();
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';
    const whole = await picture(400, 400).jpeg().toBuffer();
    const bomb = await picture(7_000, 7_000).png().toBuffer();
    expect(bomb.length).toBeLessThan(1024 * 1024);
    for (const bytes of [Buffer.from(svg), Buffer.from('a text'), whole.subarray(0, 500), bomb, await picture().tiff().toBuffer()])
      expect([(await put(bytes)).body.code]).toEqual(['bad-request']);
    expect(await put(Buffer.concat([whole, Buffer.alloc(1024 * 1024)]))).toMatchObject({ status: 413, body: { code: 'too-large' } });
    expect((await world.call('PUT', '/api/me/avatar', {}, bob.token)).status).toBe(400);
    expect(await avatar()).toBe(before);
  });

  it('can be taken by another door in its own transaction', async () => {
    const avatars = world.server.app.get(Avatars);
    const bytes = await picture(20, 20).webp().toBuffer();
    const hash = await world.server.app.get(Database).transaction((inside) => avatars.take(inside, bob.id, bytes));
    expect(await avatar()).toBe(hash);
  });
});
