import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MlsSealer } from '../../libs/client/src/sealing/mls-sealer.ts';
import { openMemoryStore } from '../../libs/client/src/storage/memory-store.ts';
import type { RoomHandle } from '../../libs/client/src/index.ts';
import { messagesOf, NodePerson, shows, textsOf, until } from '../node-person.ts';
import { TestServer } from '../server.ts';

let server: TestServer;
let people: NodePerson[] = [];
let rooms: RoomHandle[] = [];

/** Some with WebRTC, directly connected to each other, and `dan`, whom only the relay reaches. */
async function gather(...names: string[]): Promise<void> {
  const [first, ...others] = names.map((name) => NodePerson.direct(server, name));
  const dan = new NodePerson(server, 'dan');
  people = [first!, ...others, dan];
  await first!.setUp('Lobby');
  const { secret } = await first!.client.account.invite({ uses: 9 });
  for (const person of people.slice(1)) await person.register(secret);
  rooms = [];
  for (const person of people) rooms.push(await person.enter('Lobby'));
  const direct = names.length;
  for (const room of rooms.slice(0, -1)) await until(room.roster, (view) => view.total === direct + 1 && view.direct === direct, 60_000);
}

/** The first proposes, the others consent. */
async function goPrivate(consenting: NodePerson[]): Promise<void> {
  await rooms[0]!.proposePrivate();
  for (const person of consenting) {
    await until(person.client.privateMode, (view) => view?.phase === 'asked');
    await person.client.answerPrivate(true);
  }
  for (const person of [people[0]!, ...consenting]) await until(person.client.privateMode, (view) => view?.phase === 'private');
}

const noticesOf = (room: RoomHandle) => room.timeline.value.items.flatMap((item) => (item.type === 'notice' ? [item.notice.kind] : []));
/** The group of the private conversation, from a copy of what the device has stored. */
const privateEpoch = async (person: NodePerson) => {
  const store = openMemoryStore(structuredClone(person.disk));
  const [row] = await store.range<{ id: string }>('meta', { prefix: 'private/' });
  return new MlsSealer(store).roster(row!.value.id);
};

beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(async () => {
  people.forEach((person) => person.stop());
  people = [];
  await server.stop();
});

describe('private mode (MESH6)', () => {
  it(
    'those who consent and are directly connected leave the server together, talk without it, and come back',
    { timeout: 120_000 },
    async () => {
      await gather('ann', 'bob', 'cyd');
      const [ann, bob, cyd] = people as [NodePerson, NodePerson, NodePerson, NodePerson];
      const [a, b, c, d] = rooms as [RoomHandle, RoomHandle, RoomHandle, RoomHandle];
      await a.say('for all');
      for (const room of rooms) await shows(room, ['for all']);

      await goPrivate([bob, cyd]);
      for (const person of [ann, bob, cyd]) expect(person.client.connection.value.state).toBe('private');
      await until(d.roster, ({ total }) => total === 1);
      await until(d.timeline, () => noticesOf(d).includes('private-others'));

      await server.kill();
      for (const room of [a, b, c]) await room.markRead(); // as a room does that is on screen
      await b.say('between us');
      await until(c.timeline, () => textsOf(c).includes('between us')); // without a server clocks agree by what is heard
      await c.say('and without any server');
      for (const room of [a, b, c]) await shows(room, ['for all', 'between us', 'and without any server'], 30_000);
      expect(messagesOf(a).map((message) => message.private)).toEqual([null, ['bob', 'cyd'], ['bob', 'cyd']]);
      await until(b.timeline, () => messagesOf(b)[1]?.state?.state === 'delivered');

      await server.start();
      for (const person of [ann, bob, cyd]) await person.client.leavePrivate();
      for (const person of [ann, bob, cyd]) await until(person.client.connection, ({ state }) => state === 'online');
      await d.say('welcome back');
      for (const room of [a, b, c]) await shows(room, ['for all', 'between us', 'and without any server', 'welcome back'], 30_000);
      await shows(d, ['for all', 'welcome back']);
      await a.say('good to be back');
      await shows(d, ['for all', 'welcome back', 'good to be back'], 30_000);
      expect(noticesOf(a)).toContain('private-ended');
    },
  );

  it(
    'who goes back reads nothing that is said after; the others go on, also when it was the one who ordered',
    { timeout: 120_000 },
    async () => {
      await gather('ann', 'bob', 'cyd', 'eve');
      const [ann, bob, cyd, eve] = people as [NodePerson, NodePerson, NodePerson, NodePerson];
      const [, b, c, e] = rooms as [RoomHandle, RoomHandle, RoomHandle, RoomHandle];
      await goPrivate([bob, cyd, eve]);
      const before = await privateEpoch(bob);
      expect(before!.leaves).toHaveLength(4);

      await ann.client.leavePrivate(); // she proposed it, and ordered its commits
      for (const person of [bob, cyd, eve])
        await until(
          person.client.privateMode,
          (view) => view?.phase === 'private' && view.people.filter(({ reach }) => reach === 'gone').length === 1,
        );
      const three = [bob, cyd, eve].map(({ device }) => device).sort();
      for (const person of [bob, cyd, eve]) {
        const there = async () => {
          const roster = await privateEpoch(person);
          return roster!.generation > before!.generation ? roster!.leaves.map(({ device }) => device).sort() : [];
        };
        await expect.poll(there, { timeout: 30_000, interval: 200 }).toEqual(three);
      }

      await b.say('without ann');
      for (const room of [b, c, e]) await shows(room, ['without ann'], 30_000);
      await cyd.client.leavePrivate();
      await expect.poll(async () => (await privateEpoch(eve))!.leaves.length, { timeout: 30_000, interval: 200 }).toBe(2);
      await e.say('the two of us');
      await shows(b, ['without ann', 'the two of us'], 30_000);
      expect(textsOf(c)).toEqual(['without ann']);
      expect(textsOf(rooms[0]!)).toEqual([]);
      await bob.client.leavePrivate();
      await until(eve.client.connection, ({ state }) => state === 'online'); // nobody is left to talk to
    },
  );

  it('who reloads is private still, comes back by paste with any of the others, and misses nothing', { timeout: 120_000 }, async () => {
    await gather('ann', 'bob', 'cyd');
    const [ann, bob, cyd] = people as [NodePerson, NodePerson, NodePerson, NodePerson];
    const [a, b, c] = rooms as [RoomHandle, RoomHandle, RoomHandle, RoomHandle];
    await goPrivate([bob, cyd]);
    await b.say('before the reload');
    for (const room of [a, b, c]) await shows(room, ['before the reload']);

    const again = (people[2] = await cyd.reload());
    expect(again.client.connection.value.state).toBe('private'); // not a word to the server
    await until(again.client.privateMode, (view) => view?.phase === 'private');
    const back = again.client.room(c.id);
    await shows(back, ['before the reload']);
    await a.say('while cyd was gone');
    await back.say('written alone');
    const { text: offer } = await again.client.offerByHand();
    const { text: answer } = await bob.client.answerByHand(offer);
    await again.client.acceptByHand(answer);
    await until(
      again.client.privateMode,
      (view) => view?.phase === 'private' && view.people.every(({ reach }) => reach === 'here'),
      40_000,
    );
    const all = ['before the reload', 'while cyd was gone', 'written alone'];
    for (const room of [a, b, back]) await until(room.timeline, () => [...textsOf(room)].sort().join() === [...all].sort().join(), 90_000);
    expect(textsOf(a)).toEqual(textsOf(b));
    expect(textsOf(a)).toEqual(textsOf(back));
    expect(textsOf(rooms[3]!)).toEqual([]);
    for (const person of [ann, bob, again]) await person.client.leavePrivate();
    for (const person of [ann, bob, again]) await until(person.client.connection, ({ state }) => state === 'online');
  });

  it('nobody goes who did not consent, and nobody is asked who cannot come', { timeout: 120_000 }, async () => {
    await gather('ann', 'bob', 'cyd');
    const [ann, bob, cyd, dan] = people as [NodePerson, NodePerson, NodePerson, NodePerson];
    await rooms[0]!.proposePrivate();
    await until(bob.client.privateMode, (view) => view?.phase === 'asked');
    await until(cyd.client.privateMode, (view) => view?.phase === 'asked');
    expect(dan.client.privateMode.value).toBeNull();
    await bob.client.answerPrivate(false);
    await cyd.client.answerPrivate(true);
    await until(ann.client.privateMode, (view) => view?.phase === 'private');
    await until(cyd.client.privateMode, (view) => view?.phase === 'private');
    expect(bob.client.privateMode.value).toBeNull();
    await rooms[0]!.say('only cyd');
    await shows(rooms[2]!, ['only cyd'], 30_000);
    await rooms[1]!.say('for the room');
    await shows(rooms[3]!, ['for the room']);
    expect(bob.client.connection.value.state).toBe('online');
    await expect(rooms[3]!.proposePrivate()).rejects.toMatchObject({ code: 'conflict' }); // dan has no direct link to anybody
    await cyd.client.leavePrivate();
    await until(ann.client.connection, ({ state }) => state === 'online');
    // Neither author has heard the other: the clocks of two devices say which came first.
    await until(rooms[2]!.timeline, () => textsOf(rooms[2]!).sort().join() === 'for the room,only cyd', 30_000);
    expect(textsOf(rooms[1]!)).toEqual(['for the room']);
  });
});
