import { afterEach, describe, expect, it } from 'vitest';
import type { RoomHandle } from '../../libs/client/src/index.ts';
import { messagesOf, NodePerson, shows, until } from '../node-person.ts';
import { TestServer } from '../server.ts';

describe('the client core with real WebRTC', () => {
  let server: TestServer;
  let people: NodePerson[] = [];

  afterEach(async () => {
    people.forEach((person) => person.stop());
    await server.stop();
  });

  async function world(environment: Record<string, string>, ...names: string[]): Promise<RoomHandle[]> {
    server = await TestServer.start(environment);
    people = names.map((name) => NodePerson.direct(server, name));
    const [first, ...others] = people;
    await first!.setUp('Lobby');
    const { secret } = await first!.client.account.invite({ uses: 10 });
    for (const person of others) await person.register(secret);
    const rooms: RoomHandle[] = [];
    for (const person of people) rooms.push(await person.enter('Lobby'));
    for (const room of rooms) await until(room.roster, ({ direct, total }) => direct === names.length && total === names.length);
    return rooms;
  }

  it('goes on talking while the server is gone, and loses nothing when it is back', async () => {
    const [a, b, c] = (await world({}, 'ann', 'bob', 'cyd')) as [RoomHandle, RoomHandle, RoomHandle];
    await server.kill();
    await until(people[0]!.client.connection, ({ state }) => state !== 'online');
    await a.say('the server is gone');
    await shows(b, ['the server is gone']);
    await b.say('so what');
    for (const room of [a, b, c]) await shows(room, ['the server is gone', 'so what']);
    await until(a.timeline, () => messagesOf(a)[0]?.state?.state === 'delivered');
    await server.start();
    people.forEach((person) => person.client.reconnect());
    for (const person of people) await person.ready();
    await c.say('there it is again');
    for (const room of [a, b]) await shows(room, ['the server is gone', 'so what', 'there it is again']);
  });

  it('without a relay words wait at their author, and go when there is a direct link (MESH4)', async () => {
    const [a, b] = (await world({ RELAY: 'off' }, 'ann', 'bob')) as [RoomHandle, RoomHandle];
    await a.say('directly');
    await shows(b, ['directly']);
    const [ann, bob] = people as [NodePerson, NodePerson];
    bob.stop();
    await until(a.roster, ({ members }) => members.find(({ username }) => username === 'bob')?.reach === 'away');
    await a.say('while bob is away');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(messagesOf(a).at(-1)!.state).toEqual({ state: 'waiting', why: 'no-relay' });
    people[1] = await bob.reload();
    await people[1].ready();
    const again = await people[1].enter('Lobby');
    await shows(again, ['directly', 'while bob is away']);
    await until(a.timeline, () => messagesOf(a).at(-1)!.state?.state === 'delivered');
    expect([...ann.heard, ...people[1].heard]).toEqual([]); // nothing sealed ever came by the server
    expect(ann.client.connection.value.state).toBe('online');
  });
});
