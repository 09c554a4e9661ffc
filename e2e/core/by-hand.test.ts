import { afterEach, describe, expect, it } from 'vitest';
import type { RoomHandle } from '../../libs/client/src/index.ts';
import { messagesOf, NodePerson, shows, textsOf, until } from '../node-person.ts';
import { TestServer } from '../server.ts';

describe('back into the mesh without the server (ACC16, P-26)', () => {
  let server: TestServer;
  const people: NodePerson[] = [];

  afterEach(async () => {
    people.splice(0).forEach((person) => person.stop());
    await server.stop();
  });

  /** People in one room, all linked to each other; then the server dies. */
  async function cutOff(...names: string[]): Promise<RoomHandle[]> {
    server = await TestServer.start();
    people.push(...names.map((name) => NodePerson.direct(server, name)));
    await people[0]!.setUp('Lobby');
    const { secret } = await people[0]!.client.account.invite({ uses: 10 });
    for (const person of people.slice(1)) await person.register(secret);
    const rooms: RoomHandle[] = [];
    for (const person of people) rooms.push(await person.enter('Lobby'));
    for (const room of rooms) await until(room.roster, ({ direct }) => direct === names.length);
    await rooms[0]!.say('all together');
    for (const room of rooms) await shows(room, ['all together']);
    await server.kill();
    for (const person of people) await until(person.client.connection, ({ state }) => state !== 'online');
    return rooms;
  }

  it('a member who has reloaded comes in by paste, reaches the rest through that member, and nothing is lost or doubled', async () => {
    const [, b, c] = (await cutOff('ann', 'bob', 'cyd')) as [RoomHandle, RoomHandle, RoomHandle];
    const [ann, bob, cyd] = people as [NodePerson, NodePerson, NodePerson];
    const again = (people[0] = await ann.reload());
    const a = again.client.room(b.id);
    await shows(a, ['all together']);
    await a.say('written with nobody there');
    await c.say('while ann was away');
    await shows(b, ['all together', 'while ann was away']);

    const { text: offer } = await again.client.offerByHand();
    const { text: answer, name } = await bob.client.answerByHand(offer);
    expect(name).toBe('ann');
    expect(await again.client.acceptByHand(answer)).toEqual({ name: 'bob' });
    await until(a.roster, ({ direct }) => direct === 3);

    const all = ['all together', 'while ann was away', 'written with nobody there'];
    for (const room of [a, b, c]) await until(room.timeline, () => [...textsOf(room)].sort().join() === [...all].sort().join());
    await until(a.timeline, () => messagesOf(a).some(({ text, state }) => text === all[2] && state?.state === 'delivered'));
    await c.say('and on it goes');
    for (const room of [a, b, c]) await until(room.timeline, () => textsOf(room).at(-1) === 'and on it goes');

    await server.start();
    people.forEach((person) => person.client.reconnect());
    for (const person of people) await person.ready();
    await a.say('the server is back');
    for (const room of [a, b, c]) await until(room.timeline, () => textsOf(room).at(-1) === 'the server is back');
    const [first, ...others] = [a, b, c].map((room) => messagesOf(room).map(({ mid }) => mid));
    expect(first).toHaveLength(5);
    for (const other of others) expect(other).toEqual(first);
    // The server may have died within a request: that may be said aloud. Nothing else may.
    for (const person of [again, bob, cyd]) expect([undefined, 'unavailable']).toContain(person.client.trouble.value?.code);
  });

  it('a device that shares no room is refused with words, and learns nothing', async () => {
    const [a] = (await cutOff('ann', 'bob')) as [RoomHandle];
    const ann = people[0]!;
    const dan = NodePerson.direct(server, 'dan');
    people.push(dan);
    await server.start();
    ann.client.reconnect();
    await ann.ready();
    await dan.register((await ann.client.account.invite({ uses: 1 })).secret); // signed in, but in none of their rooms
    const { text } = await dan.client.offerByHand();
    await expect(ann.client.answerByHand(text)).rejects.toMatchObject({ code: 'forbidden' });
    expect(textsOf(a)).toEqual(['all together']);
  });
});
