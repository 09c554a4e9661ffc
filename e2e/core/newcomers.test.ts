import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RoomHandle } from '../../libs/client/src/index.ts';
import { messagesOf, NodePerson, shows, textsOf, until } from '../node-person.ts';
import { TestServer } from '../server.ts';

const complete = (room: RoomHandle, count: number) =>
  until(room.roster, ({ members }) => members.length === count && members.every(({ joining }) => !joining));
const notices = (room: RoomHandle) => room.timeline.value.items.flatMap((item) => (item.type === 'notice' ? [item.notice.kind] : []));

describe('what who comes later is shown (E2E9)', () => {
  let server: TestServer;
  const people: NodePerson[] = [];
  let secret: string;

  const arrive = async (name: string): Promise<NodePerson> => {
    const person = new NodePerson(server, name);
    await person.register(secret);
    people.push(person);
    return person;
  };

  beforeAll(async () => {
    server = await TestServer.start();
    const ann = new NodePerson(server, 'ann');
    people.push(ann);
    await ann.setUp('Lobby');
    ({ secret } = await ann.client.account.invite({ uses: 5 }));
    await arrive('bob');
  });
  afterAll(async () => {
    people.forEach((person) => person.stop());
    await server.stop();
  });

  it('is what was said while the room said so: changed words as they are now, nothing of before, of after, or that was taken back', async () => {
    const [ann, bob] = people as [NodePerson, NodePerson];
    const a = await ann.enter('Lobby');
    const b = await bob.enter('Lobby');
    for (const room of [a, b]) await complete(room, 2);
    await a.say('before the room said so');
    await shows(b, ['before the room said so']);
    const set = async (newcomersDays: number | null) => {
      await a.administration.change({ newcomersDays });
      for (const room of [a, b]) await until(room.view, ({ settings }) => settings.newcomersDays === newcomersDays);
    };
    await set(7);
    for (const room of [a, b]) await until(room.timeline, () => notices(room).includes('newcomers'));
    await a.say('for who comes later');
    await until(b.timeline, () => textsOf(b).includes('for who comes later'));
    const draft = await b.say('with a mistaek');
    await b.edit(draft, 'with a mistake mended');
    await b.react(messagesOf(b).find(({ text }) => text === 'for who comes later')!.mid, '🎉', true);
    const gone = await b.say('taken back');
    await b.remove(gone);
    await set(null);
    await b.say('after the room said so');
    await until(a.timeline, () => textsOf(a).includes('after the room said so'));
    await set(7);

    const cyd = await arrive('cyd');
    const c = await cyd.enter('Lobby');
    await until(c.timeline, () => notices(c).includes('history-shown'));
    await until(c.timeline, () => textsOf(c).includes('with a mistake mended'));
    expect(textsOf(c)).toEqual(['for who comes later', 'with a mistake mended']);
    expect(messagesOf(c)[0]).toMatchObject({ author: { name: 'ann' }, imported: false, reactions: [{ emoji: '🎉' }] });
    expect(c.view.value.unread).toBe(0);
    for (const room of [a, b, c]) await complete(room, 3);
    // Life goes on from there: no gap is seen where nothing was meant for them.
    await b.say('welcome, cyd');
    await c.say('thank you');
    for (const room of [a, b]) await until(room.timeline, () => textsOf(room).at(-1) === 'thank you');
    expect(notices(c)).not.toContain('gap');
  });

  it('is nothing once the room no longer says so, whatever was said before', async () => {
    const a = await people[0]!.enter('Lobby');
    await a.administration.change({ newcomersDays: null });
    for (const person of people) await until((await person.enter('Lobby')).view, ({ settings }) => settings.newcomersDays === null);
    const dora = await arrive('dora');
    const d = await dora.enter('Lobby');
    for (const room of [a, d]) await complete(room, 4);
    await a.say('hello, dora');
    await shows(d, ['hello, dora']);
    expect(notices(d)).not.toContain('history-shown');
  });
});
