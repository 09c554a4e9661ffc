import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OwnProcess } from '../testing/own-process.ts';
import { discard, freshDir } from '../testing/place.ts';
import { cookieOf, PASSWORD, type World } from '../testing/world.ts';

let dir: string;
let server: OwnProcess;
beforeAll(async () => {
  dir = await freshDir();
  server = OwnProcess.build(dir);
}, 120_000);
afterAll(async () => {
  server.discard();
  await discard(dir);
});

describe('a server that is killed during an attack (ACC5)', () => {
  it('still knows every wrong guess when it comes back, and lets the owner’s browser in', async () => {
    const from = (i: number) => ({ 'x-forwarded-for': `198.51.100.${i % 50}` });
    const login = (world: World, password: string, headers: Record<string, string>) =>
      world.call('POST', '/api/auth/login', { username: 'ann', password }, undefined, headers);
    let world = await server.start('0', { TRUSTED_PROXIES: 'loopback' });
    await world.first('ann');
    const cookie = cookieOf(await login(world, PASSWORD, from(99)));
    const attack = await Promise.all(Array.from({ length: 200 }, (_, i) => login(world, `wrong ${i}`, from(i))));
    const before = attack.filter(({ status }) => status === 401).length;
    expect([5, 6, 7]).toContain(before); // a slow machine outlasts the first waits
    await server.end('SIGKILL');

    world = await server.start('0', { TRUSTED_PROXIES: 'loopback' });
    const again = await Promise.all(Array.from({ length: 20 }, (_, i) => login(world, `wrong ${i}`, from(i + 20))));
    expect(again.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(1); // one, if the wait is over by now
    expect(again.filter(({ body }) => body.code === 'slow-down').length).toBeGreaterThanOrEqual(19);
    expect((await login(world, PASSWORD, { ...from(30), cookie })).status).toBe(200);
    await server.end('SIGTERM');
  }, 120_000);
});
