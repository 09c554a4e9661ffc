import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientFrame } from '../../../libs/protocol/src/index.ts';
import type { Client } from '../testing/client.ts';
import { World, type Person } from '../testing/world.ts';

let world: World;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  world = await World.open({ TRUSTED_PROXIES: 'loopback' });
  ann = await world.first('ann');
  bob = await world.person('bob');
});
afterAll(() => world.close());

const lobby = async (person: Person) => (await world.call('GET', '/api/rooms', undefined, person.token)).body.rooms[0].id as string;

describe('the door', () => {
  it('welcomes a ticket once, and refuses it the second time', async () => {
    const ticket = await world.ticket(ann);
    const first = world.socket();
    await first.opened;
    first.say({ type: 'hello', version: 1, ticket, device: ann.keys.device });
    expect((await first.next('welcome')).user).toBe(ann.id);
    const second = world.socket();
    await second.opened;
    second.say({ type: 'hello', version: 1, ticket, device: ann.keys.device });
    expect((await second.next('bye')).code).toBe('bad-ticket');
    expect(await second.closed).toBe(1008);
    first.close();
  });

  it('lets exactly one of a hundred that race with one ticket', async () => {
    const ticket = await world.ticket(ann);
    const clients = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const client = world.socket({ headers: { 'x-forwarded-for': `198.51.100.${i}` } });
        await client.opened;
        return client;
      }),
    );
    for (const client of clients) client.say({ type: 'hello', version: 1, ticket, device: ann.keys.device });
    const outcomes = await Promise.all(
      clients.map((client) => Promise.race([client.next('welcome').then(() => 'in'), client.closed.then(() => 'out')])),
    );
    expect(outcomes.filter((outcome) => outcome === 'in')).toHaveLength(1);
    clients.forEach((client) => client.close());
  });

  it('refuses a foreign origin and takes its own', async () => {
    await expect(world.socket({ origin: 'https://evil.example' }).opened).rejects.toThrow('403');
    const own = world.socket({ origin: world.origin });
    await own.opened;
    own.close();
  });

  it('answers each bad frame while another connection goes on working, and closes at the tenth', async () => {
    const other = await world.connect(bob);
    const client = await world.connect(ann);
    const bad: (string | Uint8Array)[] = [
      '', '[]', 'null', '{"type":"nope"}', '{"type":"ping","x":1}', `{"type":"join","room":${'['.repeat(50)}${']'.repeat(50)}}`,
      '{"type":"ping","type":"ping"}', '{"type":"ping","__proto__":{}}', new Uint8Array([9, 9, 9]),
    ]; // prettier-ignore
    for (const frame of bad) {
      client.raw(frame, typeof frame !== 'string');
      expect((await client.next('error')).code).toBe('bad-frame');
      other.say({ type: 'ping' });
      await other.next('pong');
    }
    client.raw('{');
    expect((await client.next('bye')).code).toBe('bad-frame');
    expect(await client.closed).toBe(1008);
    other.close();
  });

  it('joins a room of mine, and shows another’s like one that is not there', async () => {
    const room = await lobby(ann);
    const client = await world.connect(ann);
    client.say({ type: 'join', room });
    expect((await client.next('joined')).group).toEqual({ generation: 0, epoch: -1, removing: [], adding: [], invited: [] });
    const stranger = await world.connect(bob);
    const answers = [];
    for (const id of [room, '00000000-0000-4000-8000-000000000000']) {
      stranger.say({ type: 'join', room: id });
      answers.push(await stranger.next('error'));
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0].code).toBe('not-found');
    client.close();
    stranger.close();
  });

  it('answers every frame about another’s room like one about a room that is not there', async () => {
    const own = (await world.call('POST', '/api/rooms', { name: 'Ann alone' }, ann.token)).body.id as string;
    const stranger = await world.connect(bob);
    await stranger.next('status'); // comes by itself
    const about = async (room: string) => {
      const frames: ClientFrame[] = [
        { type: 'join', room },
        { type: 'drain', room, after: 0 },
        { type: 'acknowledge', room, eids: ['A'.repeat(43)], commits: [1] },
        { type: 'skip', room, n: 1 },
        { type: 'signal', room, to: ann.keys.device, data: 'x' },
      ];
      for (const frame of frames) stranger.say(frame);
      stranger.say({ type: 'ping' });
      await stranger.next('pong');
      return JSON.stringify(stranger.frames.splice(0)).replaceAll(room, 'ROOM');
    };
    const missing = await about('00000000-0000-4000-8000-000000000000');
    expect(await about(own)).toBe(missing);
    expect(missing.match(/not-found/g)).toHaveLength(3);
    stranger.close();
  });

  it('closes the sockets of a session that signs out', async () => {
    const carl = await world.person('carl');
    const client: Client = await world.connect(carl);
    await world.call('POST', '/api/auth/logout', {}, undefined, { cookie: carl.cookie });
    expect((await client.next('bye')).code).toBe('session-ended');
    await client.closed;
  });

  it('gives one device one live connection', async () => {
    const older = await world.connect(ann);
    const newer = await world.connect(ann);
    expect((await older.next('bye')).code).toBe('conflict');
    newer.say({ type: 'ping' });
    await newer.next('pong');
    newer.close();
  });
});
