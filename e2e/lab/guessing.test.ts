import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Passwords } from '../../backend/src/auth/passwords.service.ts';
import { cookieOf, PASSWORD, World } from '../../backend/src/testing/world.ts';
import { median } from './rank-test.ts';

/* A whole minute on the clock, with hashes that cost what they really do; backend/src/auth/guesses.test.ts has the rules one by one. */
const GUESSES = 1_000;
const EVERY_MS = 60;
const OWNER_EVERY = 100;

let world: World;
beforeAll(async () => {
  world = await World.open({ TRUSTED_PROXIES: 'loopback', BCRYPT_COST: '12' });
  await world.first('ann');
});
afterAll(() => world.close());

const login = (password: string, from: string, cookie = '') =>
  world.call('POST', '/api/auth/login', { username: 'ann', password }, undefined, { 'x-forwarded-for': from, cookie });

describe('a thousand wrong passwords from fifty addresses in a minute (ACC5)', () => {
  it('cost at most twelve hashes, and the owner’s browser comes in within a second meanwhile', async () => {
    const cookie = cookieOf(await login(PASSWORD, '192.0.2.1'));
    const passwords = world.server.app.get(Passwords);
    const verify = passwords.verify.bind(passwords);
    let hashes = 0;
    passwords.verify = (...which) => (hashes++, verify(...which));
    const attack: Promise<number>[] = [];
    const waits: number[] = [];
    const begun = performance.now();
    for (let i = 0; i < GUESSES; i++) {
      attack.push(login(`wrong ${i}`, `198.51.100.${i % 50}`).then(({ status }) => status));
      if (i % OWNER_EVERY === OWNER_EVERY / 2) {
        const asked = performance.now();
        expect((await login(PASSWORD, '192.0.2.1', cookie)).status).toBe(200);
        waits.push(performance.now() - asked);
      }
      await sleep(Math.max(0, begun + i * EVERY_MS - performance.now()));
    }
    const statuses = await Promise.all(attack);
    const guessed = hashes - waits.length;
    console.log(
      `| ${guessed} hashes for ${GUESSES} guesses | owner in after ${median(waits).toFixed(0)} ms, at most ${Math.max(...waits).toFixed(0)} ms |`,
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(guessed);
    expect(statuses.every((status) => status === 401 || status === 429)).toBe(true);
    expect(guessed).toBeGreaterThanOrEqual(5);
    expect(guessed).toBeLessThanOrEqual(12);
    expect(median(waits)).toBeLessThan(1_000);
  });
});
