import { cp, rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoomHandle } from '../../libs/client/src/views.ts';
import { NodePerson, shows, textsOf, until } from '../node-person.ts';
import { TestServer } from '../server.ts';

let server: TestServer;
let people: NodePerson[] = [];

beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(async () => {
  people.forEach((person) => person.stop());
  await rm(`${server.dataDir}-backup`, { recursive: true, force: true });
  await server.stop();
});

const together = (room: RoomHandle, count: number) =>
  until(room.roster, ({ members }) => members.length === count && members.every(({ joining }) => !joining));
const epochOf = async (person: NodePerson, room: RoomHandle) => (await person.client.live!.epoch(room.id))!;

describe('a server that was set back to an older backup (delivery.md D11)', () => {
  it('gets the commits back that it has lost, and the words it held; nobody misses or doubles any', { timeout: 120_000 }, async () => {
    const [ann, bob, cyd] = ['ann', 'bob', 'cyd'].map((name) => new NodePerson(server, name)) as [NodePerson, NodePerson, NodePerson];
    people = [ann, bob, cyd];
    await ann.setUp('Lobby');
    const { secret } = await ann.client.invite({ uses: 5 });
    await bob.register(secret);
    await cyd.register(secret);
    const [a, b, c] = [await ann.enter('Lobby'), await bob.enter('Lobby'), await cyd.enter('Lobby')];
    for (const room of [a, b, c]) await together(room, 3);
    await a.say('before the backup');
    for (const room of [b, c]) await shows(room, ['before the backup']);

    await server.kill();
    await cp(server.dataDir, `${server.dataDir}-backup`, { recursive: true });
    await server.start();
    for (const person of people) await until(person.client.connection, ({ state }) => state === 'online', 40_000);
    cyd.stop();
    const backedUp = await epochOf(ann, a);
    await b.leave();
    await until(a.roster, ({ members }) => members.length === 2, 40_000);
    await bob.client.joinRoom(a.id);
    await until(b.view, ({ phase }) => phase === 'ready', 40_000);
    await together(a, 3);
    expect(await epochOf(ann, a)).toBeGreaterThan(backedUp);
    await a.say('after the backup');
    await until(b.timeline, () => textsOf(b).includes('after the backup'));
    await until(a.timeline, ({ items }) => items.some((item) => item.type === 'message' && item.text === 'after the backup'));

    await server.kill();
    await rm(server.dataDir, { recursive: true });
    await cp(`${server.dataDir}-backup`, server.dataDir, { recursive: true });
    const lost = await epochOf(ann, a);
    await server.start();
    for (const person of [ann, bob]) await until(person.client.connection, ({ state }) => state === 'online', 40_000);
    await b.say('nothing is lost');
    await until(a.timeline, () => textsOf(a).includes('nothing is lost'), 40_000);
    expect(await epochOf(ann, a)).toBeGreaterThan(lost); // the same chain, gone on

    const back = await cyd.reload();
    people.push(back);
    const again = back.client.room(a.id);
    await shows(again, ['before the backup', 'after the backup', 'nothing is lost'], 40_000);
    await again.say('cyd is back');
    for (const room of [a, b]) await until(room.timeline, () => textsOf(room).at(-1) === 'cyd is back', 40_000);
    expect(textsOf(a)).toEqual(['before the backup', 'after the backup', 'nothing is lost', 'cyd is back']);
  });
});
