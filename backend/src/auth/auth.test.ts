import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cookieOf, makeAccount, makeDevice, PASSWORD, World, type Answer } from '../testing/world.ts';
import { isCommon } from './common-passwords.ts';

let world: World;
beforeEach(async () => {
  world = await World.open();
}, 60_000);
afterEach(() => world.close());

const login = (username: string, password: string, cookie?: string): Promise<Answer> =>
  world.call('POST', '/api/auth/login', { username, password }, undefined, cookie === undefined ? {} : { cookie });
const refresh = (cookie: string): Promise<Answer> => world.call('POST', '/api/auth/refresh', {}, undefined, { cookie });

describe('the first run (ACC1)', () => {
  it('lets exactly one of two that race with the setup link be admin', async () => {
    const answers = await Promise.all([world.setup('ann'), world.setup('bob')]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 403]);
    expect((await world.setup('carl')).body.code).toBe('bad-setup-link');
    expect((await world.call('GET', '/api/config')).body.setupNeeded).toBe(false);
  });

  it('refuses a link that was not printed', async () => {
    const body = { token: randomBytes(24).toString('base64url'), username: 'eve', displayName: 'Eve', password: PASSWORD };
    expect((await world.call('POST', '/api/setup', body)).body.code).toBe('bad-setup-link');
  });
});

describe('signing in (ACC4, ACC5)', () => {
  it('takes JSON, urlencoded and multipart alike, and tells a wrong name from a wrong password by nothing', async () => {
    await world.first();
    const form = new FormData();
    form.set('username', 'ANN');
    form.set('password', PASSWORD);
    for (const body of [form, new URLSearchParams({ username: 'ann', password: PASSWORD })]) {
      const response = await fetch(`${world.origin}/api/auth/login`, { method: 'POST', body });
      expect(response.status).toBe(200);
      const [cookie] = response.headers.getSetCookie();
      expect(cookie).toMatch(/HttpOnly.*SameSite=Strict/);
    }
    const [name, password] = [await login('nobody', PASSWORD), await login('ann', 'wrong')];
    expect([name.status, name.body]).toEqual([401, password.body]);
    expect(JSON.stringify(name.body)).not.toContain('nobody');
  });

  it('makes strangers wait after five failures, but not a browser that signed in before', async () => {
    await world.first();
    const known = cookieOf(await login('ann', PASSWORD));
    for (let i = 0; i < 5; i++) expect((await login('ann', 'wrong')).status).toBe(401);
    const refused = await login('ann', PASSWORD);
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect((await login('ann', PASSWORD, known)).status).toBe(200);
  });

  it('answers malformed bodies with the field and never with a 5xx', async () => {
    await world.first();
    const bodies: unknown[] = [
      {},
      [],
      { username: 1, password: [] },
      { username: 'a\0b', password: 'x' },
      { username: 'ann', password: 'x', role: 'admin' },
    ];
    for (const body of bodies) {
      const { status } = await world.call('POST', '/api/auth/login', body);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
    for (const body of [
      '{',
      '{"a":{"a":{"a":'.repeat(4000),
      '{"username":"a","username":"b","password":"c"}',
      '{"__proto__":{}}',
      '\xff',
    ]) {
      const response = await fetch(`${world.origin}/api/auth/login`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, 'bad-request']);
    }
  });
});

describe('sessions (ACC4, ACC7)', () => {
  it('gives a refresh token’s successor once more within the grace, and ends the family at any other reuse', async () => {
    await world.first();
    const first = cookieOf(await login('ann', PASSWORD));
    const [one, two] = [await refresh(first), await refresh(first)];
    expect([one.status, two.status]).toEqual([200, 200]);
    const second = cookieOf(one);
    expect(cookieOf(two)).toBe(second);
    const third = cookieOf(await refresh(second));
    expect((await refresh(first)).body.code).toBe('session-ended');
    expect((await refresh(third)).status).toBe(401);
    expect((await world.call('GET', '/api/rooms', undefined, one.body.accessToken)).status).toBe(401);
  });

  it('does not end a session for a token that was only invented', async () => {
    await world.first();
    const cookie = cookieOf(await login('ann', PASSWORD));
    const forged = cookie.replace(/(conclave_refresh=[^.]+)\.0\.[^;]+/, '$1.0.AAAA');
    expect((await refresh(forged)).body.code).toBe('unauthenticated');
    expect((await refresh(cookie)).status).toBe(200);
  });

  it('refuses access tokens that are not ours', async () => {
    const { token } = await world.first();
    const [head, body, mac] = token.split('.') as [string, string, string];
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    for (const bad of [`${none}.${body}.`, `${none}.${body}.${mac}`, `${head}.${body}.AAAA`, 'x', `${head}.${body}`]) {
      expect((await world.call('GET', '/api/rooms', undefined, bad)).status).toBe(401);
    }
    expect((await world.call('GET', '/api/rooms', undefined, token)).status).toBe(200);
  });
});

describe('invitations (ACC3)', () => {
  it('lets in as many as were invited, also when more race', async () => {
    const ann = await world.first();
    const room = (await world.call('GET', '/api/rooms', undefined, ann.token)).body.rooms[0].id;
    const invite = await world.call('POST', '/api/invites', { uses: 2, rooms: [room] }, ann.token);
    const register = (username: string) =>
      world.call('POST', '/api/auth/register', { invite: invite.body.secret, username, displayName: username, password: PASSWORD });
    const answers = await Promise.all(['bob', 'carl', 'dora', 'eve'].map(register));
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 201, 403, 403]);
    const joined = answers.find(({ status }) => status === 201)!;
    expect((await world.call('GET', '/api/rooms', undefined, joined.body.accessToken)).body.mine).toEqual([room]);
    expect((await world.call('GET', '/api/invites', undefined, joined.body.accessToken)).body.code).toBe('forbidden');
    expect((await world.call('POST', '/api/auth/register', { username: 'mia', displayName: 'Mia', password: PASSWORD })).body.code).toBe(
      'bad-invite',
    );
  });

  it('refuses weak passwords and taken names', async () => {
    const ann = await world.first();
    const { secret } = (await world.call('POST', '/api/invites', {}, ann.token)).body;
    const register = (more: object) =>
      world.call('POST', '/api/auth/register', { invite: secret, username: 'bob', displayName: 'Bob', password: PASSWORD, ...more });
    expect((await register({ password: 'short' })).body.code).toBe('weak-password');
    expect((await register({ password: 'passwordpassword1' })).body.code).toBe('weak-password');
    expect((await register({ username: 'Ann' })).body.code).toBe('name-taken');
    expect((await register({})).status).toBe(201);
  });

  it('knows what is guessed first, and leaves passphrases alone', () => {
    for (const bad of [
      'aaaaaaaaaaaaaaaa',
      'qwertyuiopasdfghjkl',
      'P@ssw0rdP@ssw0rd',
      '1234567890123456',
      'Password12345678',
      'abcabcabcabcabca',
    ])
      expect([bad, isCommon(bad, 'ann')]).toEqual([bad, true]);
    for (const good of [PASSWORD, 'tin kettle orbit mango', 'Zk4!nq8#vB2$xL6%', '雨后春笋满山青翠满山青翠一二三四五'])
      expect([good, isCommon(good, 'ann')]).toEqual([good, false]);
  });
});

describe('devices (ACC7)', () => {
  it('binds a device by its certificate only, at most five an account, and ends its sessions when it is removed', async () => {
    const ann = await world.first();
    const stranger = await makeDevice('00000000-0000-4000-8000-000000000000', await makeAccount());
    expect((await world.enrol(ann, { ...stranger, accountKey: ann.keys.accountKey })).body.code).toBe('bad-request');
    expect((await world.enrol(ann, await makeDevice(ann.id, await makeAccount()))).body.code).toBe('conflict');
    const client = await world.connect(ann);
    const other = await login('ann', PASSWORD);
    const list = await world.call('GET', '/api/me/devices', undefined, other.body.accessToken);
    expect(list.body.devices.map(({ id, current }: { id: string; current: boolean }) => [id, current])).toEqual([[ann.keys.device, false]]);
    expect((await world.call('DELETE', `/api/me/devices/${ann.keys.device}`, undefined, other.body.accessToken)).status).toBe(204);
    expect((await client.next('bye')).code).toBe('session-ended');
    expect((await world.call('GET', '/api/rooms', undefined, ann.token)).body.code).toBe('session-ended');
  });
});
