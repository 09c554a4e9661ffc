import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Database } from '../database/database.ts';
import { base64url, claimsOf, ISSUER, Site } from '../testing/site.ts';
import { PASSWORD, World, type Answer, type Person } from '../testing/world.ts';

/* Each kind of token opens its own door, for its own time, and no other. */
const site = new Site('HS256');
let world: World;
let ann: Person;
beforeAll(async () => {
  world = await World.open(site.environment());
  ann = await world.first('ann');
});
afterAll(() => world.close());
afterEach(() => vi.useRealTimers());

const DAY_MS = 24 * 3_600_000;
const login = () => world.call('POST', '/api/auth/login', { username: 'ann', password: PASSWORD });
const me = async (token: string) => (await world.call('GET', '/api/me', undefined, token)).status;
const refresh = (cookie: string) => world.call('POST', '/api/auth/refresh', {}, undefined, { cookie });
const refreshCookieOf = (answer: Answer) =>
  answer.headers
    .getSetCookie()
    .find((line) => line.includes('refresh='))!
    .split(';', 1)[0];
const inDays = (days: number) => vi.setSystemTime(Date.now() + days * DAY_MS);

describe('a token', () => {
  it('of one kind is none of another', async () => {
    const handed = await site.token();
    const ticket = await world.ticket(ann);
    const cookie = refreshCookieOf(await login());
    const refreshToken = cookie.slice(cookie.indexOf('=') + 1);
    const { secret } = (await world.call('POST', '/api/admin/tokens', { name: 'x', scopes: ['accounts:read'] }, ann.token)).body;
    for (const [kind, token] of Object.entries({ handed, ticket, refreshToken })) expect([kind, await me(token)]).toEqual([kind, 401]);
    expect(await me(secret)).toBe(403); // known, and of no use here
    for (const jwt of [ann.token, refreshToken, secret as string])
      expect((await world.call('POST', '/api/auth/handoff', { jwt })).body.code).toBe('bad-token');
    for (const other of [ann.token, handed, ticket, secret as string])
      expect((await refresh(cookie.replace(refreshToken, other))).body.code).toBe('unauthenticated');
    expect([await me(ann.token), (await refresh(cookie)).status]).toEqual([200, 200]);
    expect((await world.call('POST', '/api/auth/handoff', { jwt: handed })).status).toBe(200);
  });

  it('of a session is new at each sign-in, tells nothing, and is in the cookie only', async () => {
    const answers = [await login(), await login()];
    const tokens = answers.map((answer) => refreshCookieOf(answer).replace(/^[^=]+=/, ''));
    expect(new Set([...tokens, ...answers.map(({ body }) => body.accessToken), ...answers.map(({ body }) => body.session)]).size).toBe(6);
    for (const [i, token] of tokens.entries()) {
      const [session, , mac] = token.split('.') as [string, string, string];
      expect(session).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(Buffer.from(mac, 'base64url')).toHaveLength(32);
      expect(JSON.stringify(answers[i].body)).not.toContain(mac);
    }
    expect(Buffer.from(await world.ticket(ann), 'base64url')).toHaveLength(32);
  });

  it('of access holds five minutes, whoever keeps it, and is refreshed by its cookie', async () => {
    const answer = await login();
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 4 * 60_000);
    expect(await me(answer.body.accessToken)).toBe(200);
    vi.setSystemTime(Date.now() + 61_000);
    expect(await me(answer.body.accessToken)).toBe(401);
    expect(await me((await refresh(refreshCookieOf(answer))).body.accessToken)).toBe(200);
  });

  it('of a session that was left alone for thirty days opens nothing any more', async () => {
    const [used, left] = [await login(), await login()];
    vi.useFakeTimers({ toFake: ['Date'] });
    inDays(29);
    const later = await refresh(refreshCookieOf(used));
    expect(later.status).toBe(200);
    inDays(2);
    expect((await refresh(refreshCookieOf(left))).status).toBe(401);
    expect((await refresh(refreshCookieOf(later))).status).toBe(200);
  });

  it('is worth nothing after signing out, and the browser is told to forget its cookie', async () => {
    const answer = await login();
    const out = await world.call('POST', '/api/auth/logout', {}, undefined, { cookie: refreshCookieOf(answer) });
    expect([out.status, out.headers.getSetCookie().join()]).toEqual([204, expect.stringMatching(/refresh=;.*Expires=Thu, 01 Jan 1970/)]);
    expect([await me(answer.body.accessToken), (await refresh(refreshCookieOf(answer))).status]).toEqual([401, 401]);
    expect(await world.server.app.get(Database).rows('select 1 from session where id = $1 and ended_at is null', [answer.body.session])).toEqual([]);
  }); // prettier-ignore

  it('of this server is taken only as it signs them: not by another key, algorithm, issuer, or without an end', async () => {
    const [head, body] = ann.token.split('.') as [string, string];
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    expect([JSON.parse(Buffer.from(head, 'base64url').toString()), claims]).toEqual([
      { alg: 'HS256', typ: 'JWT' },
      expect.objectContaining({ sub: ann.id, iss: 'conclave', exp: (claims['iat'] as number) + 300 }),
    ]);
    expect(await me(await site.token({ ...claims, jti: undefined }, { typ: 'JWT' }))).toBe(401);
    expect(await me(new Site().raw(JSON.stringify({ alg: 'ES256', typ: 'JWT' }), JSON.stringify(claims)))).toBe(401);
    expect(await me(`${base64url(JSON.stringify({ alg: 'none' }))}.${body}.`)).toBe(401);
    expect(await me(ann.token)).toBe(200);
  });
});

describe('two sites that call somebody alike', () => {
  it('have two people, where no issuer is fixed', async () => {
    const { HANDOFF_ISSUER: _, ...environment } = site.environment();
    const own = await World.open(environment);
    await own.first('ann');
    const come = async (iss: string) =>
      (await own.call('POST', '/api/auth/handoff', { jwt: await site.token({ ...claimsOf(), iss, sub: 'dora' }) })).body.user.id as string;
    const [here, there, again] = [await come(ISSUER), await come('https://other.test'), await come(ISSUER)];
    expect([here === there, here === again]).toEqual([false, true]);
    await own.close();
  });
});
