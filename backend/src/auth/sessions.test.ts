import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../database/database.ts';
import { cookieOf, PASSWORD, World, type Answer, type Person } from '../testing/world.ts';
import { Guesses } from './guesses.service.ts';
import { Passwords } from './passwords.service.ts';
import { ResetLinks } from './reset-links.service.ts';
import { Sessions } from './sessions.service.ts';

const OTHER = 'seven rivers under walnut';
let world: World;
let ann: Person;
let bob: Person;
beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
  bob = await world.person('bob');
});
afterAll(() => world.close());
beforeEach(() => run('delete from guess')); // all come from one address

const database = () => world.server.app.get(Database);
const run = (sql: string, params: unknown[] = []) => database().run(sql, params);
const login = (username: string, password = PASSWORD, agent = 'Mozilla/5.0 (X11; Linux) Firefox/140.0') =>
  world.call('POST', '/api/auth/login', { username, password }, undefined, { 'user-agent': agent });
const list = async (token: string) => (await world.call('GET', '/api/me/sessions', undefined, token)).body as Record<string, unknown>[];
const end = (session: string, token: string) => world.call('DELETE', `/api/me/sessions/${session}`, undefined, token);
const change = (body: object, token: string) => world.call('PUT', '/api/me/password', body, token);
const works = async (token: string) => (await world.call('GET', '/api/rooms', undefined, token)).status === 200;
const codeOf = ({ status, body }: Answer) => [status, body.code];

describe('sessions (ACC7)', () => {
  it('are listed by browser, door and last use, each to its owner only', async () => {
    const { session, accessToken } = (await login('ann')).body;
    const lines = await list(accessToken);
    expect(lines[0]).toEqual({
      id: session,
      name: 'Firefox on Linux',
      method: 'password',
      createdAt: expect.any(Number),
      lastUsedAt: expect.any(Number),
      device: null,
      current: true,
    });
    expect(lines.filter(({ current }) => current)).toHaveLength(1);
    expect(lines.find(({ method }) => method === 'setup')!['device']).toBe(ann.keys.device);
    expect((await list(bob.token)).map(({ method }) => method)).toEqual(['registration']);
  });

  it('end ninety days after they began, however often they are used', async () => {
    const gwendolyn = await world.person('gwendolyn');
    const day = 24 * 3_600_000;
    const began = Date.now() - 89 * day;
    await run('update session set created_at = $1 where account = $2', [began, gwendolyn.id]);
    const refreshed = await world.call('POST', '/api/auth/refresh', {}, undefined, { cookie: gwendolyn.cookie });
    expect(refreshed.status).toBe(200);
    const [row] = await database().rows<{ until: number }>('select expires_at as until from session where account = $1', [gwendolyn.id]);
    expect(row?.until).toBe(began + 90 * day);
    await run('update session set expires_at = $1 where account = $2', [Date.now() - 1, gwendolyn.id]);
    expect((await world.call('POST', '/api/auth/refresh', {}, undefined, { cookie: cookieOf(refreshed) })).status).toBe(401);
  });

  it('are fifty of one account at most: a newer one ends the one that was used longest ago', async () => {
    const hugo = await world.person('hugo');
    const now = Date.now();
    await run(
      `insert into session (id, account, rotated_at, created_at, last_used_at, expires_at)
       select gen_random_uuid(), $1, $2::bigint, $2::bigint, $2::bigint + n, $3::bigint from generate_series(1, 49) n`,
      [hugo.id, now, now + 60_000],
    );
    await run(`update session set last_used_at = 1 where account = $1 and method = 'registration'`, [hugo.id]);
    expect(await works(hugo.token)).toBe(true);
    const { accessToken } = (await login('hugo')).body;
    expect(await works(hugo.token)).toBe(false);
    expect(await list(accessToken)).toHaveLength(50);
  });

  it('are used by refreshing and by coming in, which is noted once a minute', async () => {
    const carl = await world.person('carl');
    const used = async (ago: number) => {
      await run('update session set last_used_at = $1 where account = $2', [Date.now() - ago, carl.id]);
      (await world.connect(carl)).close();
      return Date.now() - Number((await list(carl.token))[0]['lastUsedAt']);
    };
    expect(await used(61_000)).toBeLessThan(60_000);
    expect(await used(30_000)).toBeGreaterThanOrEqual(30_000);
    await run('update session set last_used_at = 0 where account = $1', [carl.id]);
    await world.call('POST', '/api/auth/refresh', {}, undefined, { cookie: carl.cookie });
    expect((await list(carl.token))[0]['lastUsedAt']).toBeGreaterThan(0);
  });

  it('are ended one by one or all but one’s own, at once and with their sockets', async () => {
    const dora = await world.person('dora');
    const socket = await world.connect(dora);
    const [one, two] = [(await login('dora')).body, (await login('dora')).body];
    expect((await end(one.session, two.accessToken)).status).toBe(204);
    expect([await works(one.accessToken), await works(dora.token)]).toEqual([false, true]);
    expect((await world.call('DELETE', '/api/me/sessions', undefined, two.accessToken)).status).toBe(204);
    expect((await socket.next('bye')).code).toBe('session-ended');
    expect([await works(dora.token), await works(two.accessToken)]).toEqual([false, true]);
    expect((await world.call('POST', '/api/auth/refresh', {}, undefined, { cookie: dora.cookie })).status).toBe(401);
  });

  it('of others, ended ones and none at all are the same', async () => {
    const [{ id }] = (await list(bob.token)) as [{ id: string }];
    const [other, none] = [await end(id, ann.token), await end('00000000-0000-4000-8000-000000000000', ann.token)];
    expect([other.status, other.body]).toEqual([404, none.body]);
    expect(await works(bob.token)).toBe(true);
    expect((await end('x', ann.token)).status).toBe(400);
  });

  it('are forgotten a month after their end, and when somebody was here last is not', async () => {
    const lea = await world.person('lea');
    const other = (await login('lea')).body;
    const month = 30 * 24 * 3_600_000;
    await run('update session set ended_at = $1, last_used_at = 5 where id = $2', [Date.now() - month - 1, other.session]);
    await world.server.app.get(Sessions).sweep();
    const left = await database().rows<object>('select id, last_seen_at as seen from account where id = $1', [lea.id]);
    expect(left).toEqual([{ id: lea.id, seen: 5 }]);
    expect(await database().rows('select 1 from session where id = $1', [other.session])).toEqual([]);
    expect(await works(lea.token)).toBe(true);
  });

  it('end with their ticket unused', async () => {
    const eve = await world.person('eve');
    const ticket = await world.ticket(eve);
    const { accessToken } = (await login('eve')).body;
    await world.call('DELETE', '/api/me/sessions', undefined, accessToken);
    const client = world.socket();
    await client.opened;
    client.say({ type: 'hello', version: 1, ticket, device: eve.keys.device });
    expect((await client.next('bye')).code).toBe('bad-ticket');
  });
});

describe('a new password (ACC13)', () => {
  it('ends the other sessions and keeps this one; the old one opens nothing', async () => {
    const fay = await world.person('fay');
    const other = (await login('fay')).body.accessToken;
    const { secret } = await world.server.app.get(ResetLinks).make(database(), fay.id, null);
    expect((await change({ current: PASSWORD, password: OTHER }, fay.token)).status).toBe(204);
    expect([await works(fay.token), await works(other)]).toEqual([true, false]);
    expect([(await login('fay')).status, (await login('fay', OTHER)).status]).toEqual([401, 200]);
    expect((await world.call('POST', '/api/auth/reset', { secret, password: OTHER })).body.code).toBe('bad-reset-link');
  });

  it('needs the current one, whose guessing ends like any, and not for the account’s other devices', async () => {
    const gus = await world.person('gus');
    expect(codeOf(await change({ password: OTHER }, gus.token))).toEqual([401, 'bad-credentials']);
    const wrong = await Promise.all(Array.from({ length: 20 }, () => change({ current: 'wrong', password: OTHER }, gus.token)));
    expect(wrong.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(codeOf(await change({ current: PASSWORD, password: OTHER }, gus.token))).toEqual([429, 'slow-down']);
    expect((await login('gus')).status).toBe(200);
  });

  it('is as strong as any', async () => {
    for (const password of ['short', 'bobbobbobbobbobbob', 'passwordpassword1'])
      expect(codeOf(await change({ current: PASSWORD, password }, bob.token))).toEqual([400, 'weak-password']);
    expect((await change({ current: PASSWORD, password: OTHER, role: 'admin' }, bob.token)).status).toBe(400);
    expect(await works(bob.token)).toBe(true);
  });
});

describe('an administrator’s one-time link', () => {
  const link = async (person: Person) => (await world.server.app.get(ResetLinks).make(database(), person.id, ann.id)).secret;
  const reset = (secret: string, password = OTHER) => world.call('POST', '/api/auth/reset', { secret, password });

  it('sets a password once, also when many race, ends every session and every wait, and signs in', async () => {
    const hal = await world.person('hal');
    for (let i = 0; i < 5; i++) await login('hal', 'wrong');
    const secret = await link(hal);
    const answers = await Promise.all(Array.from({ length: 6 }, () => reset(secret)));
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 403, 403, 403, 403, 403]);
    const { body } = answers.find(({ status }) => status === 200)!;
    expect([await works(hal.token), (await list(body.accessToken)).map(({ method }) => method)]).toEqual([false, ['reset']]);
    expect(await world.server.app.get(Guesses).of('hal')).toEqual({ failures: 0, waitsUntil: null });
    expect(await database().rows(`select 1 from audit where act = 'password-reset'`)).toHaveLength(1);
    const stored = await database().rows<{ text: string }>(`select encode(hash, 'hex') as text from reset_link`);
    expect(JSON.stringify(stored)).not.toContain(secret);
  });

  it('survives a weak password, and ends with its time and with the next one', async () => {
    const ida = await world.person('ida');
    const secret = await link(ida);
    expect(codeOf(await reset(secret, 'short'))).toEqual([400, 'weak-password']);
    const next = await link(ida);
    expect(codeOf(await reset(secret))).toEqual([403, 'bad-reset-link']);
    await run('update reset_link set expires_at = $1 where account = $2', [Date.now() - 1, ida.id]);
    expect((await reset(next)).body).toEqual((await reset('invented')).body);
    await run('update reset_link set expires_at = $1 where account = $2', [Date.now() + 1_000_000, ida.id]);
    expect((await reset(next)).status).toBe(200);
  });

  it('makes nobody hash a password without one, and opens no locked account', async () => {
    let hashed = 0;
    const passwords = world.server.app.get(Passwords);
    const hash = passwords.hash.bind(passwords);
    passwords.hash = (password) => (hashed++, hash(password));
    await reset('invented');
    expect(hashed).toBe(0);
    const jon = await world.person('jon');
    const secret = await link(jon);
    await run('update account set locked_at = 1 where id = $1', [jon.id]);
    expect(codeOf(await reset(secret))).toEqual([403, 'account-locked']);
    await run('update account set locked_at = null where id = $1', [jon.id]);
    expect((await login('jon', PASSWORD)).status).toBe(200); // nothing was changed
  });
});

describe('a browser that signed in by any door', () => {
  it('is known afterwards', async () => {
    const kim = await world.person('kim');
    const { secret } = await world.server.app.get(ResetLinks).make(database(), kim.id, null);
    const cookie = cookieOf(await world.call('POST', '/api/auth/reset', { secret, password: OTHER }));
    for (let i = 0; i < 5; i++) await login('kim', 'wrong');
    expect((await login('kim', OTHER)).status).toBe(429);
    const answer = await world.call('POST', '/api/auth/login', { username: 'kim', password: OTHER }, undefined, { cookie });
    expect(answer.status).toBe(200);
  });
});
