import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Member } from '../testing/member.ts';
import { OwnProcess } from '../testing/own-process.ts';
import { discard, freshDir } from '../testing/place.ts';

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

describe('a server that is killed', () => {
  it('has everything it said it held when it comes back, in order', async () => {
    let world = await server.start();
    const ann = await Member.come(world, 'ann', true);
    const bob = await Member.come(world, 'bob');
    const room = (await ann.call('POST', '/api/rooms', { name: 'Crash' })).body.id as string;
    await ann.join(room);
    await bob.join(room);
    await ann.found(room);
    await bob.enter(room);
    await ann.follow(room);
    bob.client.close();
    for (let i = 0; i < 40; i++) await ann.send(room, `message ${i}`, [bob]);
    await ann.client.next('held', ({ n }) => n === 30);
    await server.end('SIGKILL');
    await ann.client.closed;
    const held = 30 + ann.client.frames.filter((frame) => frame.type === 'held' && frame.n > 30).length;

    world = await server.start(new URL(world.origin).port);
    await bob.connect();
    await bob.join(room);
    bob.client.say({ type: 'drain', room, after: 0 });
    await bob.client.next('drained');
    const texts = [];
    while (bob.client.envelopes.length > 0) texts.push((await bob.read()).text);
    expect(texts.length).toBeGreaterThanOrEqual(held);
    expect(texts).toEqual(texts.map((_, i) => `message ${i}`));
    bob.client.close();
    await server.end('SIGTERM');
  }, 120_000);

  it('says goodbye, leaves no lock and loses nothing when it is asked to end', async () => {
    const world = await server.start();
    const login = await world.call('POST', '/api/auth/login', { username: 'ann', password: 'walnut under seven rivers' });
    expect(login.status).toBe(200);
    await server.end('SIGTERM');
    expect(existsSync(join(dir, 'lock'))).toBe(false);
    await server.start();
    await server.end('SIGTERM');
  }, 120_000);
});
