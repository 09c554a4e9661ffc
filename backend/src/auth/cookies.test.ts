import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cookieOf, PASSWORD, World } from '../testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await World.open({ TRUSTED_PROXIES: 'loopback' });
  await world.first('ann');
});
afterAll(() => world.close());

const overTls = { 'x-forwarded-proto': 'https' };
const login = (headers: Record<string, string>) =>
  world.call('POST', '/api/auth/login', { username: 'ann', password: PASSWORD }, undefined, headers);
const refresh = (cookie: string, headers: Record<string, string>) =>
  world.call('POST', '/api/auth/refresh', {}, undefined, { ...headers, cookie });

describe('cookies', () => {
  it('belong to this host alone over TLS, are out of reach of scripts, and travel to no other site', async () => {
    const cookies = (await login(overTls)).headers.getSetCookie();
    expect(cookies.map((cookie) => cookie.split('=', 1)[0])).toEqual(['__Host-conclave_refresh', '__Host-conclave_known']);
    for (const cookie of cookies) {
      for (const term of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/;']) expect(`${cookie};`).toContain(term);
      expect(cookie).not.toContain('Domain');
    }
  });

  it('count over TLS only when they were set over TLS', async () => {
    const plain = cookieOf(await login({}));
    expect((await refresh(plain, overTls)).status).toBe(401);
    const secure = cookieOf(await login(overTls));
    expect((await refresh(secure, {})).status).toBe(401);
    expect((await refresh(secure, overTls)).status).toBe(200);
    expect((await refresh(plain, {})).status).toBe(200);
  });
});
