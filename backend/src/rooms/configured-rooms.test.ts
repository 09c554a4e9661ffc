import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../config.ts';
import { Database } from '../database/database.ts';
import { discard, freshDir } from '../testing/place.ts';
import { makeDevice, World, type Answer, type Person } from '../testing/world.ts';

let dir: string;
let data: string;
let file: string;
let world: World | undefined;

beforeEach(async () => {
  [dir, data] = [await freshDir(), await freshDir()];
  file = join(dir, 'rooms.json');
});
afterEach(async () => {
  await world?.close(true);
  world = undefined;
  for (const place of [dir, data]) await discard(place);
});

const write = (rooms: unknown) => writeFile(file, typeof rooms === 'string' ? rooms : JSON.stringify(rooms));
async function open(rooms: unknown, more: Record<string, string> = {}): Promise<World> {
  await world?.close(true);
  await write(rooms);
  return (world = await World.open({ ROOMS_FILE: file, ...more }, data));
}
const list = async (who: Person) => (await world!.call('GET', '/api/rooms', undefined, who.token)).body;
const join_ = (room: string, who: Person): Promise<Answer> => world!.call('POST', `/api/rooms/${room}/join`, {}, who.token);

describe('rooms of the house (ROOM7)', () => {
  it('are made at the start, with icon, topic and welcome, and the first takes every newcomer', async () => {
    const { first, person } = bound(await open([
      { name: 'lobby', icon: '🛋', topic: 'Come in', welcome: ['Hello!', 'Be kind.'] }, { name: 'offtopic' }, { name: 'den', kind: 'hidden' }, { name: 'velvet', for: 'vip' },
    ])); // prettier-ignore
    const ann = await first();
    const bob = await person('bob');
    const { rooms, mine } = await list(bob);
    expect(rooms.map(({ name }: { name: string }) => name).sort()).toEqual(['lobby', 'offtopic']);
    const lobby = rooms.find(({ name }: { name: string }) => name === 'lobby');
    expect([lobby.icon, lobby.topic, mine]).toEqual(['🛋', 'Come in', [lobby.id]]);
    const client = await world!.connect(ann);
    client.say({ type: 'join', room: lobby.id });
    const joined = await client.next('joined');
    expect(joined.settings.welcome).toEqual(['Hello!', 'Be kind.']);
    // The administrator owns the lobby that the first run asked for; nobody else owns a room of the house.
    expect(joined.members.map(({ username, role }) => [username, role])).toEqual([['ann', 'owner'], ['bob', 'member']]); // prettier-ignore
    const carl = await person('carl');
    expect((await client.next('members')).joined).toMatchObject([{ id: carl.id, accountKey: expect.any(String) }]);
    client.close();
  });

  it('are updated at the next start, never deleted, and never made twice', async () => {
    const { first } = bound(await open([{ name: 'lobby' }, { name: 'offtopic', slug: 'off' }]));
    const ann = await first();
    const before = (await list(ann)).rooms;
    await open([
      { name: 'lobby', topic: 'Another' },
      { name: 'off the topic', slug: 'off' },
    ]);
    const after = await world!.server.app.get(Database).rows('select id, name, topic from room order by name');
    const id = (name: string) => before.find((room: { name: string }) => room.name === name).id;
    expect(after).toEqual([
      { id: id('lobby'), name: 'lobby', topic: 'Another' },
      { id: id('offtopic'), name: 'off the topic', topic: '' },
    ]);
    await open([{ name: 'hall' }]);
    expect(await world!.server.app.get(Database).rows('select name from room order by name')).toHaveLength(3);
  });

  it('are read with care: nonsense ends the start, and says where it is', async () => {
    const wrong: [unknown, string][] = [
      ['{', 'JSON'], [{}, 'expected array'], [[{ name: 'x' }], 'rooms.0.name'], [[{ name: 'lobby', colour: 'red' }], 'colour'],
      [[{ name: 'lobby' }, { name: 'LOBBY' }], 'another room has this name'], [[{ name: 'lobby', kind: 'password' }], 'rooms.0.kind'],
      [[{ name: 'lobby' }, { name: 'hall', default: true }], 'only the first'], [[{ name: 'velvet', for: 'vip' }], 'the default room is for everybody'],
      [[{ name: 'lobby', slug: 'Not A Slug' }], 'rooms.0.slug'],
    ]; // prettier-ignore
    for (const [rooms, text] of wrong) {
      await write(rooms);
      const read = () => readConfig({ ROOMS_FILE: file });
      expect(read).toThrow(ConfigError);
      expect(read).toThrow(text);
    }
    expect(() => readConfig({ ROOMS_FILE: join(dir, 'missing.json') })).toThrow('ROOMS_FILE');
  });
});

describe('a full room (ROOM11)', () => {
  const cap = { MAX_DEVICES_PER_ROOM: '2' };
  const three = { MAX_DEVICES_PER_ROOM: '3' };

  it('has people wait in line, and lets the first in when a place is free', async () => {
    const { first, person } = bound(await open([], three));
    const ann = await first();
    const second = await makeDevice(ann.id, ann.account!);
    await world!.server.app
      .get(Database)
      .run(
        `insert into device (id, account, device_key, account_key, signature, name, created_at, last_seen_at) values ($1, $2, $3, $4, $5, '', 0, 0)`,
        [second.device, ann.id, second.deviceKey, second.accountKey, second.signature],
      );
    const room = (await world!.call('POST', '/api/rooms', { name: 'Small' }, ann.token)).body.id as string;
    const [bob, carl, dora, emil] = [await person('bob'), await person('carl'), await person('dora'), await person('emil')];
    expect((await join_(room, bob)).status).toBe(200);
    const refused = await join_(room, carl);
    expect([refused.status, refused.body.code]).toEqual([409, 'room-full']);
    expect(refused.body.text).toContain('number 1 in line');
    expect((await join_(room, dora)).body.text).toContain('number 2 in line');
    expect((await join_(room, carl)).body.text).toContain('number 1 in line'); // asking again loses no place
    expect((await join_(room, emil)).body.text).toContain('number 3 in line');
    const [socket, other] = [await world!.connect(carl), await world!.connect(dora)];
    await world!.call('POST', `/api/rooms/${room}/leave`, {}, bob.token);
    expect((await socket.next('members')).joined).toMatchObject([{ id: carl.id }]);
    expect((await join_(room, dora)).body.text).toContain('number 1 in line');
    expect((await world!.call('POST', `/api/rooms/${room}/leave`, {}, emil.token)).status).toBe(204); // out of the line
    await world!.call('DELETE', `/api/me/devices/${second.device}`, undefined, ann.token);
    expect((await other.next('members')).joined).toMatchObject([{ id: dora.id }]);
    for (const client of [socket, other]) client.close();
  });

  it('opens another beside it where it is configured so', async () => {
    const { first, person } = bound(await open([{ name: 'lobby', overflow: true }], cap));
    const ann = await first();
    const [{ id }] = (await list(ann)).rooms;
    const people = [await person('bob'), await person('carl'), await person('dora'), await person('emil')];
    const names = [];
    for (const who of people) names.push((await join_(id, who)).body.name);
    expect(names).toEqual(['lobby', 'lobby-2', 'lobby-2', 'lobby-3']);
    expect((await list(ann)).rooms.map(({ name }: { name: string }) => name)).toEqual(['lobby', 'lobby-2', 'lobby-3']);
  });
});

const bound = (of: World) => ({ first: () => of.first(), person: (name: string) => of.person(name) });
