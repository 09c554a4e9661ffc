import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Database } from '../database/database.ts';
import { Authenticator } from '../testing/authenticator.ts';
import { cookieOf, PASSWORD, World, type Answer, type Person } from '../testing/world.ts';
import { Guesses } from './guesses.service.ts';
import { Passwords } from './passwords.service.ts';

let world: World;
let ann: Person;
/** Every password that was compared, or a dummy in its place. */
let compared = 0;

beforeEach(async () => {
  world = await World.open({ TRUSTED_PROXIES: 'loopback' });
  ann = await world.first();
  const passwords = world.server.app.get(Passwords);
  const verify = passwords.verify.bind(passwords);
  compared = 0;
  passwords.verify = (...which) => (compared++, verify(...which));
});
afterEach(async () => {
  vi.useRealTimers();
  await world.close();
});

const login = (username: string, password: string, from: string, cookie?: string): Promise<Answer> =>
  world.call('POST', '/api/auth/login', { username, password }, undefined, {
    'x-forwarded-for': from,
    ...(cookie === undefined ? {} : { cookie }),
  });
const guesses = () => world.server.app.get(Guesses);
const run = (sql: string, params: unknown[] = []) => world.server.app.get(Database).run(sql, params);
const said = ({ status, body }: Answer) => [status, body.code, body.text];
const address = (i: number) => `198.51.100.${i % 50}`;

/** All at once, and no millisecond passes. */
const burst = (username: string, count: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => login(username, `wrong ${i}`, address(i))));

/** A hundred failures in a row, with all the waits between them. */
async function wearOut(username: string): Promise<void> {
  await login(username, 'wrong', '203.0.113.9');
  await run(`update guess set failures = 100, blocked_until = 0 where bucket like 'account:%'`);
  await run(`delete from guess where bucket like 'address:%'`);
}

describe('a thousand wrong passwords from fifty addresses in a minute (ACC5)', () => {
  it.each(['ann', 'nobody'])('cost at most twelve hashes at %s, and a known device comes in at once', async (username) => {
    const known = cookieOf(await login('ann', PASSWORD, '192.0.2.1'));
    vi.useFakeTimers({ toFake: ['Date'] });
    compared = 0;
    const statuses: number[] = [];
    for (let i = 0; i < 20; i++) {
      statuses.push(...(await burst(username, 50)).map(({ status }) => status));
      vi.setSystemTime(Date.now() + 3_000);
    }
    expect(statuses.filter((status) => status !== 429)).toHaveLength(compared);
    expect(compared).toBeGreaterThanOrEqual(5);
    expect(compared).toBeLessThanOrEqual(12);
    expect((await login('ann', PASSWORD, '198.51.100.1', known)).status).toBe(200);
    vi.setSystemTime(Date.now() + 15 * 60_000);
    expect((await login('ann', PASSWORD, '192.0.2.77')).status).toBe(200); // nobody is locked out for good
  });

  it('are few from one address, also when it tries many names at once, and then it waits', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `person${i}`);
    await Promise.all(names.map((name) => login(name, 'wrong', '203.0.113.5')));
    // 32 at once; before the fifth of them has ended and is counted, a few more have taken the place of those that were quicker.
    expect(compared).toBeLessThanOrEqual(40);
    expect((await login('ann', PASSWORD, '203.0.113.5')).status).toBe(429);
  });
});

describe('an attempt', () => {
  it('is no hindrance to others behind one address: a whole office signs in at once', async () => {
    const names = await Promise.all(Array.from({ length: 12 }, async (_, i) => (await world.person(`person${i}`)).username));
    const answers = await Promise.all(names.map((name) => login(name, PASSWORD, '203.0.113.5')));
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 200));
  });

  it('that succeeds is given back, and washes no address clean', async () => {
    const from = '203.0.113.7';
    for (let i = 0; i < 4; i++) await login('bob', 'wrong', from);
    for (let i = 0; i < 3; i++) expect((await login('ann', PASSWORD, from)).status).toBe(200);
    expect(await guesses().of('ann')).toEqual({ failures: 0, waitsUntil: null });
    expect((await login('carl', 'wrong', from)).status).toBe(401);
    expect((await login('dora', PASSWORD, from)).status).toBe(429);
    expect((await login('ann', PASSWORD, '203.0.113.8')).status).toBe(200);
  });

  it('that breaks off is no guess', async () => {
    world.server.app.get(Passwords).verify = () => Promise.reject(new Error('the hasher is gone'));
    for (let i = 0; i < 6; i++) expect((await login('ann', PASSWORD, '203.0.113.7')).status).toBe(500);
    expect(await guesses().of('ann')).toEqual({ failures: 0, waitsUntil: null });
  });

  it('is forgiven to an address in time, and to an account never while it goes on', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    for (let i = 0; i < 5; i++) await login('ann', 'wrong', '203.0.113.7');
    vi.setSystemTime(Date.now() + 4 * 15 * 60_000);
    expect((await login('eve', 'wrong', '203.0.113.7')).status).toBe(401);
    expect((await login('fay', 'wrong', '203.0.113.7')).status).toBe(401); // its second, not its seventh
    await login('ann', 'wrong', '203.0.113.8');
    expect((await guesses().of('ann')).failures).toBe(6);
  });
});

describe('after a hundred failures in a row', () => {
  it('an unknown device needs another door, also with the right password, and a name that nobody has says the same', async () => {
    const known = cookieOf(await login('ann', PASSWORD, '192.0.2.1'));
    await wearOut('ann');
    await wearOut('nobody');
    compared = 0;
    const [right, wrong, nobody] = [
      await login('ann', PASSWORD, '192.0.2.1'),
      await login('ann', 'x', '192.0.2.2'),
      await login('nobody', 'x', '192.0.2.3'),
    ];
    expect(said(right).slice(0, 2)).toEqual([403, 'another-door']);
    expect([said(wrong), said(nobody)]).toEqual([said(right), said(right)]);
    expect(compared).toBe(0);
    expect((await login('ann', PASSWORD, '192.0.2.1', known)).status).toBe(200);
    expect((await login('ann', PASSWORD, '192.0.2.1')).body.code).toBe('another-door');
  });

  it('a passkey opens it, and the password again after that', async () => {
    const key = new Authenticator(world.origin);
    const created = key.create((await world.call('POST', '/api/me/passkeys/options', { password: PASSWORD }, ann.token)).body.options);
    await world.call('POST', '/api/me/passkeys', { name: 'Key', response: created }, ann.token);
    await wearOut('ann');
    const response = key.get((await world.call('POST', '/api/auth/passkey/options', {})).body.options);
    expect((await world.call('POST', '/api/auth/passkey', { response })).status).toBe(200);
    expect((await login('ann', PASSWORD, '192.0.2.1')).status).toBe(200);
  });

  it('an administrator’s unlocking opens it, and is told of failures until then', async () => {
    await wearOut('ann');
    await burst('eve', 5);
    const found = await guesses().ofAll(['ann', 'eve', 'fay']);
    expect([found.get('ann'), found.get('fay')]).toEqual([
      { failures: 100, waitsUntil: null },
      { failures: 0, waitsUntil: null },
    ]);
    expect(found.get('eve')!.waitsUntil).toBeGreaterThan(Date.now());
    await guesses().forget('ann');
    expect((await login('ann', PASSWORD, '192.0.2.1')).status).toBe(200);
  });

  it('is remembered for a month, and a few failures for a day', async () => {
    await wearOut('ann');
    await login('bob', 'wrong', '203.0.113.7');
    const later = async (days: number) => {
      await run('update guess set last_at = $1', [Date.now() - days * 24 * 3_600_000 - 1]);
      await guesses().sweep();
      return [(await guesses().of('ann')).failures, (await guesses().of('bob')).failures];
    };
    expect(await later(0)).toEqual([100, 1]);
    expect(await later(1)).toEqual([100, 0]);
    expect(await later(30)).toEqual([0, 0]);
  });
});

describe('a locked account', () => {
  it('says so to who knows its password only, and its sessions open nothing', async () => {
    const known = cookieOf(await login('ann', PASSWORD, '192.0.2.1'));
    await run('update account set locked_at = 1 where id = $1', [ann.id]);
    const [wrong, nobody] = [await login('ann', 'wrong', '192.0.2.2'), await login('nobody', 'wrong', '192.0.2.3')];
    expect(said(wrong)).toEqual(said(nobody));
    for (const cookie of [undefined, known]) {
      expect(said(await login('ann', PASSWORD, '192.0.2.4', cookie)).slice(0, 2)).toEqual([403, 'account-locked']);
    }
    expect((await world.call('GET', '/api/rooms', undefined, ann.token)).body.code).toBe('session-ended');
    expect((await world.call('POST', '/api/auth/refresh', {}, undefined, { cookie: ann.cookie })).status).toBe(401);
  });
});
