import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveStatistics, StatisticsHistory } from '../../../libs/protocol/src/index.ts';
import { World, type Person } from '../testing/world.ts';
import { History } from './history.service.ts';

let world: World;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
  bob = await world.person('bob');
});
afterAll(() => world.close());

const get = (path: string, token = ann.token) => world.call('GET', path, undefined, token);

describe('figures', () => {
  it('count direct messages as clients say, in sum only: once a minute for each connection, in bounds', async () => {
    const [one, two] = [await world.connect(ann), await world.connect(bob)];
    for (const client of [one, two]) client.say({ type: 'sums', direct: 7, relayed: 1 });
    one.say({ type: 'sums', direct: 100_000, relayed: 0 });
    const refused = await one.next('error');
    expect([refused.code, refused.retryAfterMs! > 50_000]).toEqual(['slow-down', true]);
    two.say({ type: 'sums', direct: 100_001, relayed: 0 });
    expect((await two.next('error')).code).toBe('bad-frame');
    two.raw('{"type":"sums","direct":-1,"relayed":0}');
    expect((await two.next('error')).code).toBe('bad-frame');
    expect((await get('/api/admin/statistics')).body.directMessages).toBe(14);
    one.close();
    two.close();
  });

  it('are kept for an hour, in steps, and no longer', async () => {
    const history = world.server.app.get(History);
    for (let i = 0; i < 3; i++) await world.call('POST', '/api/auth/login', { username: 'bob', password: 'wrong' });
    const client = await world.connect(bob);
    await history.sample();
    await history.sample();
    const { stepMs, samples } = StatisticsHistory.parse((await get('/api/admin/statistics/history')).body);
    expect(stepMs).toBe(10_000);
    const [before, last] = samples.slice(-2);
    expect(before).toMatchObject({ sockets: 1, signedIn: 1, rooms: 1, direct: 14, failedLogins: 3, relayed: 0 });
    expect(last).toMatchObject({ sockets: 1, direct: 0, failedLogins: 0 });
    for (let i = 0; i < 365; i++) await history.sample();
    expect(history.read().samples).toHaveLength(360);
    client.close();
  });

  it('are for moderators and programs; those of the site’s page for programs, and tell of rooms in the list only', async () => {
    const { secret } = (await world.call('POST', '/api/admin/tokens', { name: 'site', scopes: ['statistics:read'] }, ann.token)).body;
    const listed = (await world.call('POST', '/api/rooms', { name: 'In the list' }, ann.token)).body.id;
    await world.call('POST', '/api/rooms', { name: 'Not there', kind: 'hidden' }, ann.token);
    expect((await get('/api/admin/statistics/history', secret)).status).toBe(200);
    expect((await get('/api/admin/statistics/history', bob.token)).status).toBe(403);
    const live = LiveStatistics.parse((await get('/api/statistics', secret)).body);
    expect(live).toMatchObject({ users: 2, signedIn: 0 });
    expect(live.rooms.map(({ name }) => name)).toEqual(['Lobby', 'In the list']);
    expect(live.rooms[1]).toEqual({ id: listed, slug: null, name: 'In the list', members: 1, online: 0 });
    expect((await get('/api/statistics', bob.token)).status).toBe(403);
  });
});
