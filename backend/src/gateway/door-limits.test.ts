import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { limits } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';
import type { Client } from '../testing/client.ts';
import { makeAccount, makeDevice, PASSWORD, World, type Person } from '../testing/world.ts';
import { DoorPolicy } from './door-policy.ts';

let world: World;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
  bob = await world.person('bob');
});
afterAll(() => world.close());

async function stranger(): Promise<Client> {
  const client = world.socket();
  await client.opened;
  return client;
}

async function refusedHello(first: string | Uint8Array): Promise<string> {
  const client = await stranger();
  client.raw(first, typeof first !== 'string');
  const { code } = await client.next('bye');
  expect(await client.closed).toBe(1008);
  return code;
}

const hello = (ticket: string, device: string, version = 1) => JSON.stringify({ type: 'hello', version, ticket, device });

async function goneDownTo(count: number): Promise<void> {
  const policy = world.server.app.get(DoorPolicy);
  await vi.waitFor(() => expect(policy.open).toBe(count), 30_000);
}

describe('before the ticket', () => {
  it('takes nothing but one hello, with a ticket that is its own', async () => {
    const login = await world.call('POST', '/api/auth/login', { username: 'ann', password: PASSWORD });
    const expired = await world.ticket(ann);
    await world.server.app.get(Database).run('update ticket set expires_at = 1');
    expect(await refusedHello(hello(expired, ann.keys.device))).toBe('bad-ticket');
    expect(await refusedHello(hello('A'.repeat(43), ann.keys.device))).toBe('bad-ticket');
    expect(await refusedHello(hello(await world.ticket(bob), ann.keys.device))).toBe('forbidden');
    expect(await refusedHello(hello(await world.ticket(ann), '00000000-0000-4000-8000-000000000000'))).toBe('forbidden');
    expect(await refusedHello(hello(await world.ticket(ann), ann.keys.device, 2))).toBe('bad-request');
    const second = await makeDevice(ann.id, await makeAccount());
    expect(await refusedHello(hello(await world.ticket(ann, login.body.accessToken), second.device))).toBe('forbidden');
    for (const first of ['{"type":"ping"}', `{"type":"join","room":"${ann.id}"}`]) expect(await refusedHello(first)).toBe('bad-ticket');
    expect(await refusedHello(Uint8Array.of(1))).toBe('bad-ticket');
    expect(await refusedHello('')).toBe('bad-frame');
  });

  it('has 2 KB and not one byte more', async () => {
    const padded = async (size: number) => hello(await world.ticket(ann), ann.keys.device).padEnd(size);
    expect(await refusedHello(await padded(limits.frameBeforeTicket + 1))).toBe('too-large');
    const client = await stranger();
    client.raw(await padded(limits.frameBeforeTicket));
    await client.next('welcome');
    client.close();
  });

  it('has five seconds', async () => {
    const client = await stranger();
    const since = performance.now();
    expect(await client.closed).toBe(1008);
    expect(client.frames.map((frame) => frame.type === 'bye' && frame.code)).toEqual(['bad-ticket']);
    expect(performance.now() - since).toBeGreaterThan(4_000);
  });

  it('lets fifty wait for an address, and does not count those who are in or gone', async () => {
    await goneDownTo(0);
    const inside = await world.connect(bob);
    const waiting = await Promise.all(Array.from({ length: 50 }, stranger));
    await expect(world.socket().opened).rejects.toThrow('429');
    waiting[0].raw(hello(await world.ticket(ann), ann.keys.device));
    await waiting[0].next('welcome');
    const next = await stranger();
    await expect(world.socket().opened).rejects.toThrow('429');
    for (const client of [...waiting, next, inside]) client.close();
    await goneDownTo(0);
    (await stranger()).close();
  });
});

describe('a server that is full', () => {
  it('says so and until when, and takes the next as soon as somebody goes', async () => {
    const small = await World.open({ MAX_CONNECTIONS: '1' });
    const person = await small.first('ann');
    const first = await small.connect(person);
    for (let i = 0; i < 5; i++) {
      const refused = small.socket();
      await refused.opened;
      expect(await refused.next('bye')).toMatchObject({ code: 'server-full', retryAfterMs: 30_000 });
      expect(await refused.closed).toBe(1013);
    }
    first.say({ type: 'ping' });
    await first.next('pong');
    first.close();
    await first.closed;
    const policy = small.server.app.get(DoorPolicy);
    await vi.waitFor(() => expect(policy.open).toBe(0), 30_000);
    (await small.connect(person)).close();
    await small.close();
  });
});

describe('a reader that stalls', () => {
  const frame = { type: 'error', code: 'internal', text: 'x'.repeat(60_000) } as const;
  const MB = 1024 * 1024;

  it('is sent no more than a megabyte that waits, and is cut when it never reads', async () => {
    const client = await world.connect(ann);
    const other = await world.connect(bob);
    const presence = world.server.app.get(Presence);
    const [connection] = [...presence.connectionsOf(ann.id)];
    client.socket.pause();
    for (let i = 0; i < 400; i++) {
      presence.tell({ user: ann.id }, frame);
      if (i % 10 === 0) await sleep(1);
      expect(connection.socket.bufferedAmount).toBeLessThan(2 * MB);
    }
    expect(connection.socket.bufferedAmount).toBeGreaterThan(MB / 2); // it did stall
    other.say({ type: 'ping' });
    await other.next('pong');
    await vi.waitFor(() => expect(presence.socketsOf(ann.id)).toBe(0), 60_000);
    client.socket.terminate();
    other.close();
  });

  it('is told to come again and drain when it has caught up', async () => {
    const client = await world.connect(ann);
    const presence = world.server.app.get(Presence);
    client.socket.pause();
    for (let i = 0; i < 400; i++) {
      presence.tell({ user: ann.id }, frame);
      if (i % 10 === 0) await sleep(1);
    }
    client.socket.resume();
    expect((await client.next('bye')).code).toBe('slow-down');
    expect(await client.closed).toBe(1013);
  });
});
