import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Passwords } from '../auth/passwords.service.ts';
import { Database } from '../database/database.ts';
import { PASSWORD, World, type Answer } from '../testing/world.ts';

let world: World;
let number = 0;
beforeEach(async () => {
  world = await World.open({ REGISTRATION: 'open', TRUSTED_PROXIES: 'loopback' });
  await world.first('ann');
});
afterEach(async () => {
  vi.useRealTimers();
  await world.close();
});

const register = (from: string, more: object = {}): Promise<Answer> => {
  const username = `newcomer${++number}`;
  const body = { username, displayName: username, password: PASSWORD, ...more };
  return world.call('POST', '/api/auth/register', body, undefined, { 'x-forwarded-for': from });
};
const many = (count: number, from: string) => Promise.all(Array.from({ length: count }, () => register(from)));

describe('where anybody may make an account (ACC3)', () => {
  it('one network makes twenty in an hour, also all at once, and no password more is hashed', async () => {
    const passwords = world.server.app.get(Passwords);
    // At once: on a busy machine the hasher's own queue refuses some, and that is another limit.
    const hash = vi.spyOn(passwords, 'hash').mockResolvedValue('no hash');
    const statuses = (await many(25, '192.0.2.1')).map(({ status }) => status);
    expect([201, 429].map((status) => statuses.filter((one) => one === status).length)).toEqual([20, 5]);
    expect(hash).toHaveBeenCalledTimes(20);
    const { body, headers } = await register('192.0.2.1');
    expect(body).toMatchObject({ code: 'slow-down', text: expect.stringContaining('invitation'), retryAfterMs: expect.any(Number) });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(3_500);
    expect((await register('192.0.2.2')).status).toBe(201);
    expect(JSON.stringify(await world.server.app.get(Database).rows('select * from guess'))).not.toContain('192.0.2');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    expect((await register('192.0.2.1')).status).toBe(201);
  });

  it('counts an IPv6 network as one, and neither weak passwords nor who was invited', async () => {
    for (let i = 0; i < 22; i++) expect((await register(`2001:db8::${i}`, { password: 'short' })).body.code).toBe('weak-password');
    for (let i = 0; i < 20; i++) expect((await register(`2001:db8::${i}`)).status).toBe(201);
    expect((await register('2001:db8::ffff')).status).toBe(429);
    expect((await register('2001:db8:0:1::1')).status).toBe(201);
    const invite = (await world.call('POST', '/api/invites', {}, world.admin.token)).body.secret;
    expect((await register('2001:db8::1', { invite })).status).toBe(201);
    expect((await register('2001:db8::1', { invite: 'made up' })).body.code).toBe('bad-invite');
  });
});
