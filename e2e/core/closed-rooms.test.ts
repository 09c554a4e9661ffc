import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryDisk } from '../../libs/client/src/storage/memory-store.ts';
import type { RoomHandle } from '../../libs/client/src/index.ts';
import { NodePerson, shows, textsOf, until } from '../node-person.ts';
import { TestServer } from '../server.ts';

const ready = (room: RoomHandle) => until(room.view, ({ phase }) => phase === 'ready');
const complete = (room: RoomHandle, count: number) =>
  until(room.roster, ({ members }) => members.length === count && members.every(({ joining }) => !joining));

/** The same browser after it has cleaned up: it knows who it is, and nothing of the room. */
async function cleanedUp(person: NodePerson, room: string): Promise<NodePerson> {
  const disk = memoryDisk();
  for (const table of ['identity', 'keyPackages', 'pins', 'people'] as const) disk.tables.set(table, person.disk.tables.get(table)!);
  disk.tables.set('meta', new Map([...person.disk.tables.get('meta')!].filter(([key]) => !key.includes(room))));
  person.stop();
  Object.assign(person, { disk });
  const again = await person.reload();
  await again.ready();
  await until(again.client.rooms, (list) => list.some(({ id }) => id === room));
  return again;
}

describe('rooms into which only members bring anybody, with the real sealer', () => {
  let server: TestServer;
  let people: NodePerson[];

  beforeAll(async () => {
    server = await TestServer.start();
    const ann = new NodePerson(server, 'ann');
    await ann.setUp('Lobby');
    const { secret } = await ann.client.account.invite({ uses: 5 });
    people = [ann, new NodePerson(server, 'bob'), new NodePerson(server, 'cyd')];
    for (const person of people.slice(1)) await person.register(secret);
  });
  afterAll(async () => {
    people?.forEach((person) => person.stop());
    await server.stop();
  });

  it('a hidden room: who knows its name knocks, who was invited comes in, and who lost their keys comes back (ROOM1, ROOM8)', async () => {
    const [ann, bob, cyd] = people as [NodePerson, NodePerson, NodePerson];
    const id = await ann.client.createRoom({ name: 'Attic', kind: 'hidden' });
    const a = ann.client.room(id);
    await ready(a);
    await bob.client.joinHidden('Attic');
    const b = bob.client.room(id);
    const { knocking } = await until(a.view, (view) => view.knocking.length === 1);
    expect(knocking.map(({ name }) => name)).toEqual(['bob']);
    await until(b.view, ({ phase }) => phase === 'waiting-for-member');
    await a.letIn(knocking[0]!.user);
    await ready(b);
    await a.say('come in'); // whom one let in, one has seen
    await shows(b, ['come in']);

    const link = await b.administration.invite(1, 1);
    await cyd.client.joinByInvitation(link.fragment);
    const c = cyd.client.room(id);
    await ready(c);
    for (const room of [a, b]) await complete(room, 3);
    await c.say('hello');
    await shows(a, ['come in', 'hello']);

    people[2] = await cleanedUp(cyd, id);
    const again = people[2].client.room(id);
    await ready(again);
    await a.retry(await a.say('welcome back'));
    await until(again.timeline, () => textsOf(again).includes('welcome back'));

    ann.stop(); // who let bob in is away: their leaf is still there, and who is there adds them again
    people[1] = await cleanedUp(bob, id);
    await ready(people[1].client.room(id));
    people[0] = await ann.reload();
    await people[0].ready();
  });

  it('a conversation of two: founded by one, the other comes in by themselves, and comes back (ROOM5)', async () => {
    const [ann, bob] = people as [NodePerson, NodePerson, NodePerson];
    const lobby = [await ann.enter('Lobby'), await bob.enter('Lobby')] as const;
    const { members } = await until(lobby[0].roster, (roster) => roster.members.some(({ username }) => username === 'bob'));
    const id = await ann.client.direct(members.find(({ username }) => username === 'bob')!.user);
    const a = ann.client.room(id);
    await ready(a);
    await until(bob.client.rooms, (list) => list.some((room) => room.id === id));
    const b = bob.client.room(id);
    await ready(b);
    await a.say('only you');
    await shows(b, ['only you']);

    people[1] = await cleanedUp(bob, id);
    const again = people[1].client.room(id);
    await ready(again);
    await a.say('and only you');
    await until(again.timeline, () => textsOf(again).includes('and only you'));
  });
});
