import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { Database } from '../database/database.ts';
import { ISSUER, seconds, Site } from '../testing/site.ts';
import { cookieOf, makeAccount, makeDevice, PASSWORD, World, type Answer } from '../testing/world.ts';

const site = new Site();
let world: World;
afterEach(() => world?.close());

async function open(more: Record<string, string> = {}): Promise<void> {
  world = await World.open(site.environment(more));
  await world.first('ann');
}
const hand = (jwt: string): Promise<Answer> => world.call('POST', '/api/auth/handoff', { jwt });
const come = async (claims: Record<string, unknown> = {}): Promise<Answer> => hand(await site.token(claims));
const rows = <T>(sql: string, params: unknown[] = []): Promise<T[]> => world.server.app.get(Database).rows<T>(sql, params);
const subjects = (sub: string) => `/api/handoff/subjects/${encodeURIComponent(ISSUER)}/${encodeURIComponent(sub)}`;
const apiToken = async (scope: string): Promise<string> =>
  (await world.call('POST', '/api/admin/tokens', { name: 'the site', scopes: [scope] }, world.admin.token)).body.secret;

describe('coming in by a token (ACC10)', () => {
  it('opens a session once; a second time it is named as used, also after a restart', async () => {
    await open();
    const jwt = await site.token({ nick: 'Dora D.' });
    const first = await hand(jwt);
    expect([first.status, first.body.user]).toEqual([
      200,
      expect.objectContaining({ username: 'dora', displayName: 'Dora D.', role: 'user' }),
    ]);
    expect(first.headers.getSetCookie().join()).toMatch(/conclave_refresh=.*HttpOnly.*SameSite=Strict/);
    const refreshed = await world.call('POST', '/api/auth/refresh', {}, undefined, { cookie: cookieOf(first) });
    expect([refreshed.status, refreshed.body.user.id]).toEqual([200, first.body.user.id]);
    const used = [401, { code: 'bad-token', reason: 'used', text: expect.any(String) }];
    const again = await hand(jwt);
    expect([again.status, again.body]).toEqual(used);
    await world.close(true);
    world = await World.open(site.environment(), world.dir);
    const later = await hand(jwt);
    expect([later.status, later.body]).toEqual(used);
    expect((await come()).body.user.id).toBe(first.body.user.id);
  });

  it('knows a token by what it says, not by how it is written: the twin of an ECDSA signature is the same token', async () => {
    await open();
    const jwt = await site.token();
    expect([(await hand(jwt)).status, (await hand(twin(jwt))).body.reason]).toEqual([200, 'used']);
    const other = await site.token();
    expect([(await hand(twin(other))).status, (await hand(other)).body.reason]).toEqual([200, 'used']);
  });

  it('lets one of many that race with the same token in', async () => {
    await open();
    const jwt = await site.token();
    const answers = await Promise.all(Array.from({ length: 20 }, () => hand(jwt)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.reason === 'used')).toHaveLength(19);
  });

  it('needs no jti where the site writes none, or always the same: then a user, iat and exp are one token', async () => {
    await open({ HANDOFF_JTI: 'optional' });
    const iat = seconds() - 5;
    const claims = { jti: 'user-7', iat, exp: iat + 100 };
    expect((await come(claims)).status).toBe(200);
    expect((await come({ ...claims, jti: undefined })).body.reason).toBe('used');
    expect((await come({ ...claims, jti: undefined, exp: iat + 101 })).status).toBe(200);
    expect((await come({ ...claims, sub: 'emil' })).status).toBe(200);
  });

  it('tells a bad one why, and never by a 5xx; and nobody where no site hands over', async () => {
    await open();
    for (const [jwt, reason] of [
      ['x', 'malformed'],
      [await new Site().token(), 'bad-signature'],
      [await site.token({ exp: seconds() + 900 }), 'too-long-lived'],
    ] as const) {
      const { status, body } = await hand(jwt);
      expect([status, body.code, body.reason]).toEqual([401, 'bad-token', reason]);
    }
    for (const body of [{}, { jwt: '' }, { jwt: 7 }, { jwt: 'x'.repeat(8_193) }, { jwt: 'x', role: 'admin' }])
      expect((await world.call('POST', '/api/auth/handoff', body)).status).toBe(400);
    expect((await rows<{ count: number }>('select count(*)::int as count from account'))[0]?.count).toBe(1);
    await world.close();
    world = await World.open();
    expect([(await hand(await site.token())).status, (await world.call('GET', '/api/config')).body.handoff]).toEqual([404, null]);
  });
});

describe('coming in by a form of the site', () => {
  const post = (body: BodyInit) =>
    fetch(`${world.origin}/sso`, { method: 'POST', body, redirect: 'manual', headers: { origin: 'https://site.test' } });

  it('goes on to the page with a session, or with the reason and without the token', async () => {
    await open();
    const form = new FormData();
    form.set('jwt', await site.token());
    const urlencoded = new URLSearchParams({ jwt: await site.token(), back: 'ignored' });
    for (const body of [form, urlencoded]) {
      const response = await post(body);
      expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
      expect(response.headers.getSetCookie().join()).toContain('conclave_refresh=');
      expect([response.headers.get('cache-control'), response.headers.get('referrer-policy')]).toEqual(['no-store', 'no-referrer']);
    }
    for (const [body, reason] of [
      [urlencoded, 'used'],
      [new URLSearchParams({ jwt: 'a.b' }), 'malformed'],
      [new URLSearchParams({}), 'malformed'],
    ] as const) {
      const response = await post(body);
      expect([response.status, response.headers.get('location'), response.headers.getSetCookie()]).toEqual([
        303,
        `/#problem=${reason}`,
        [],
      ]);
    }
  });
});

describe('who somebody is (ACC10)', () => {
  it('is said by issuer and subject alone: a name leads into nobody’s account', async () => {
    await open();
    const { username, displayName, id } = (await come({ sub: 'ann', nick: 'Аnn' })).body.user; // Cyrillic
    expect(id).not.toBe(world.admin.id);
    expect(username).toMatch(/^ann-[a-z0-9]{4}$/);
    expect(displayName).toMatch(/^Аnn \([a-z0-9]{4}\)$/);
    expect((await world.call('POST', '/api/auth/login', { username: 'ann', password: PASSWORD })).body.user.id).toBe(world.admin.id);
    expect((await come({ sub: 'ann' })).body.user).toMatchObject({ id, username, displayName });
    for (const sub of ['Ann', 'ANN', 'аnn', 'an\u0301n', ' ann ']) expect((await come({ sub })).body.user.id).not.toBe(world.admin.id);
    const names = await rows<{ username: string }>('select username from account');
    expect(new Set(names.map((row) => row.username)).size).toBe(7);
  });

  it('makes usernames of whatever a site calls its people', async () => {
    await open();
    const forms: [sub: string, username: RegExp][] = [
      ['dora@example.org', /^dora-example\.org$/],
      ['7', /^user-7$/],
      ['李雷', /^user$/],
      ['王', /^user-[a-z0-9]{4}$/],
      ['admin', /^admin-[a-z0-9]{4}$/],
      ['an extremely long name of somebody', /^an-extremely-long-na$/],
      ['../../etc/passwd', /^etc-passwd$/],
      ['Æ'.repeat(255), /^user-[a-z0-9]{4}$/],
    ];
    for (const [sub, username] of forms) {
      const { user } = (await come({ sub })).body;
      expect([sub, user.username]).toEqual([sub, expect.stringMatching(username)]);
      expect([...user.displayName].length).toBeGreaterThan(0);
    }
  });

  it('makes a nick safe, and lets the site have two of one name', async () => {
    await open();
    const nick = `\u202eEvil\0 ${'x'.repeat(100)}`;
    expect((await come({ sub: 'one', nick })).body.user.displayName).toBe(`Evil ${'x'.repeat(35)}`);
    const two = await Promise.all(['two', 'three'].map((sub) => come({ sub, nick: 'Chris Doe' })));
    expect(two.map(({ body }) => body.user.displayName)).toEqual(['Chris Doe', 'Chris Doe']);
  });

  it('makes moderators by op, never administrators, and takes away what op gave', async () => {
    await open();
    expect((await come({ op: true })).body.user.role).toBe('moderator');
    const was = await come({ op: true, vip: true, url: 'https://site.test/dora', rules: { upload: false } });
    const [account] = await rows<object>(`select role, claims, link from account where username = 'dora'`);
    expect(account).toEqual({
      role: 'moderator',
      link: 'https://site.test/dora',
      claims: { op: true, vip: true, rules: { upload: false }, rooms: [] },
    });
    const now = await come({});
    expect(now.body.user.role).toBe('user');
    expect((await world.call('GET', '/api/rooms', undefined, was.body.accessToken)).body.code).toBe('session-ended');
    await rows(`update account set role = 'moderator' where username = 'dora' returning id`);
    expect((await come({})).body.user.role).toBe('moderator');
    await rows(`update account set role = 'admin' where username = 'dora' returning id`);
    expect([(await come({ op: true })).body.user.role, (await come({})).body.user.role]).toEqual(['admin', 'admin']);
  });

  it('is a member of the open rooms that the site names', async () => {
    await open();
    const { accessToken } = (await come({ rooms: ['LOBBY', 'nowhere'] })).body;
    const { rooms, mine } = (await world.call('GET', '/api/rooms', undefined, accessToken)).body;
    expect(mine).toEqual([rooms.find(({ name }: { name: string }) => name === 'Lobby').id]);
    expect((await world.call('GET', '/api/rooms', undefined, (await come({ sub: 'emil' })).body.accessToken)).body.mine).toEqual([]);
  });

  it('does not come in while the account is locked', async () => {
    await open();
    const { id } = (await come()).body.user;
    await rows('update account set locked_at = 1 where id = $1 returning id', [id]);
    const { status, body } = await come();
    expect([status, body.code]).toEqual([403, 'account-locked']);
  });
});

describe('strict', () => {
  it('leaves only signed tokens, and administrators their password', async () => {
    await open({ HANDOFF_MODE: 'strict', REGISTRATION: 'open', GUESTS: 'on', HANDOFF_SIGN_IN_URL: 'https://site.test/in' });
    expect((await world.call('GET', '/api/config')).body).toMatchObject({
      registration: 'closed',
      guests: false,
      handoff: { strict: true, signInUrl: 'https://site.test/in' },
    });
    const register = { username: 'eve', displayName: 'Eve', password: PASSWORD };
    expect((await world.call('POST', '/api/auth/register', register)).body.code).toBe('registration-closed');
    expect((await world.call('POST', '/api/auth/guest', { name: 'Eve' })).body.code).toBe('registration-closed');
    await rows(
      `insert into account (id, username, display_name, role, password_hash, created_at)
      select $1::uuid, 'bob', 'Bob', 'user', password_hash, 0 from account where username = 'ann' returning id`,
      [randomUUID()],
    );
    const login = (username: string) => world.call('POST', '/api/auth/login', { username, password: PASSWORD });
    expect((await login('bob')).body).toMatchObject({ code: 'another-door', reason: 'strict' });
    expect([(await login('ann')).status, (await come()).status]).toEqual([200, 200]);
    await world.close();
    await open({ REGISTRATION: 'open' });
    expect([(await world.call('POST', '/api/auth/register', register)).status, (await come()).status]).toEqual([201, 200]);
  });
});

describe('the site amends and revokes (ACC10)', () => {
  it('with a token of the right scope only', async () => {
    await open();
    const { accessToken } = (await come()).body;
    const tokens = [
      [undefined, 401],
      [accessToken, 403],
      [await apiToken('accounts:write'), 403],
      [await apiToken('handoff:write'), 204],
    ] as const;
    for (const [token, status] of tokens) {
      expect((await world.call('PATCH', subjects('dora'), { nick: 'D' }, token)).status).toBe(status);
      expect((await world.call('DELETE', subjects('nobody'), undefined, token)).status).toBe(status);
    }
  });

  it('amends at once what others see, and refuses nonsense and strangers', async () => {
    await open();
    const token = await apiToken('handoff:write');
    const { user, accessToken } = (await come({ sub: 'dora/7?x=%', nick: 'Dora' })).body;
    const change = { nick: 'Dora the First', vip: true, url: 'https://site.test/d', rooms: ['Lobby'], rules: { upload: true } };
    expect((await world.call('PATCH', subjects('dora/7?x=%'), change, token)).status).toBe(204);
    const { body: profile } = await world.call('GET', `/api/people/${user.id}`, undefined, world.admin.token);
    expect(profile).toMatchObject({ displayName: 'Dora the First', vip: true, link: 'https://site.test/d', role: 'user' });
    expect((await world.call('GET', '/api/rooms', undefined, accessToken)).body.mine).toHaveLength(1);
    expect((await world.call('PATCH', subjects('dora/7?x=%'), { op: true }, token)).status).toBe(204);
    expect((await world.call('GET', '/api/rooms', undefined, accessToken)).body.code).toBe('session-ended');
    expect((await come({ sub: 'dora/7?x=%', op: true })).body.user).toMatchObject({ displayName: 'Dora the First', role: 'moderator' });
    expect((await world.call('PATCH', subjects('emil'), { vip: true }, token)).status).toBe(404);
    for (const body of [{ role: 'admin' }, { nick: '' }, { url: 'javascript:alert(1)' }, { op: 'yes' }])
      expect((await world.call('PATCH', subjects('dora/7?x=%'), body, token)).status).toBe(400);
  });

  it('revokes at once: session, socket, and every token of before', async () => {
    await open();
    const token = await apiToken('handoff:write');
    const waiting = await site.token({ iat: seconds() - 2 });
    const { accessToken, user } = (await come({ iat: seconds() - 2 })).body;
    const keys = await makeDevice(user.id, await makeAccount());
    const person = { id: user.id, token: accessToken, cookie: '', keys, username: 'dora' };
    expect((await world.enrol(person, keys)).status).toBe(204);
    const client = await world.connect(person);
    expect((await world.call('DELETE', subjects('dora'), undefined, token)).status).toBe(204);
    await client.closed;
    expect((await world.call('GET', '/api/rooms', undefined, accessToken)).body.code).toBe('session-ended');
    expect((await hand(waiting)).body.reason).toBe('revoked');
    expect((await come({ sub: 'emil', iat: seconds() - 2 })).status).toBe(200);
    expect((await come({ iat: seconds() + 1 })).body.user.id).toBe(user.id);
  });
});

/** r and n − s are as good a signature as r and s. */
function twin(jwt: string): string {
  const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const [head, claims, signature] = jwt.split('.') as [string, string, string];
  const bytes = Buffer.from(signature, 'base64url');
  const s = n - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const other = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
  return `${head}.${claims}.${other.toString('base64url')}`;
}
