import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messagesOf, NodePerson, shows, textsOf, until } from '../node-person.ts';
import { TestServer } from '../server.ts';

describe('the client core against the real server, by relay', () => {
  let server: TestServer;
  let ann: NodePerson;
  let bob: NodePerson;

  beforeAll(async () => {
    server = await TestServer.start();
    ann = new NodePerson(server, 'ann');
    await ann.setUp('Lobby');
    bob = new NodePerson(server, 'bob');
    await bob.register((await ann.client.account.invite({ uses: 5 })).secret);
  });
  afterAll(async () => {
    ann?.stop();
    bob?.stop();
    await server.stop();
  });

  it('two people talk, and each sees what became of their words (MSG1, MSG2)', async () => {
    const [a, b] = [await ann.enter('Lobby'), await bob.enter('Lobby')];
    await until(a.roster, ({ members }) => members.length === 2 && members.every(({ joining }) => !joining));
    await a.say('hello bob');
    await shows(b, ['hello bob']);
    await b.say('hello ann');
    await shows(a, ['hello bob', 'hello ann']);
    await b.markRead();
    await until(a.timeline, () => messagesOf(a)[0]?.state?.state === 'read');
    expect(messagesOf(a)[0]!.state).toEqual({ state: 'read', n: 1, m: 1 });
  });

  it('whoever was away gets everything in order, though author and server went in between', async () => {
    bob?.stop();
    const a = await ann.enter('Lobby');
    const before = textsOf(a);
    const words = Array.from({ length: 50 }, (_, i) => `while you were away ${i}`);
    for (const text of words) await a.say(text);
    await until(a.timeline, () =>
      messagesOf(a).every(({ state }) => state === null || state.state === 'held' || state.state === 'delivered' || state.state === 'read'),
    );
    ann?.stop();
    await server.kill();
    await server.start();
    bob = await bob.reload();
    await bob.ready();
    const b = await bob.enter('Lobby');
    await shows(b, [...before, ...words]);
    ann = await ann.reload();
    await ann.ready();
    const again = await ann.enter('Lobby');
    await until(again.timeline, () => messagesOf(again).at(-1)?.state?.state === 'delivered');
  });

  it('words said while the server is gone wait, and arrive once when it is back (MSG8)', async () => {
    const [a, b] = [await ann.enter('Lobby'), await bob.enter('Lobby')];
    const before = textsOf(a);
    await server.kill();
    await until(ann.client.connection, ({ state }) => state !== 'online');
    await a.say('from ann, offline');
    await until(a.timeline, () => messagesOf(a).at(-1)?.state?.state === 'waiting');
    await server.start();
    ann.client.reconnect();
    bob.client.reconnect();
    await shows(b, [...before, 'from ann, offline']);
    await shows(a, [...before, 'from ann, offline']);
  });
});
