import { afterEach, describe, expect, it } from 'vitest';
import { messagesOf, NodePerson, textsOf, until } from '../node-person.ts';
import { TestServer } from '../server.ts';

let server: TestServer;
const people: NodePerson[] = [];
afterEach(async () => {
  for (const person of people.splice(0)) person.stop();
  await server.stop();
});

async function talk() {
  server = await TestServer.start();
  const ann = new NodePerson(server, 'ann');
  const bob = new NodePerson(server, 'bob');
  people.push(ann, bob);
  await ann.setUp('Lobby');
  const annsRoom = await ann.enter('Lobby');
  const { secret } = await ann.client.account.invite({ uses: 1 });
  await bob.register(secret);
  const bobsRoom = await bob.enter('Lobby');
  await until(annsRoom.roster, ({ members }) => members.length === 2 && members.every(({ joining }) => !joining));
  await annsRoom.say('before the loss');
  const slip = await bobsRoom.say('a slip');
  await bobsRoom.edit(slip, 'bob answers');
  await until(annsRoom.timeline, () => textsOf(annsRoom).includes('bob answers'));
  return { ann, bob, annsRoom, bobsRoom };
}

/** Ann's only device backs itself up and is lost. */
async function backedUpAndLost(ann: NodePerson): Promise<string[]> {
  const words = await ann.client.recovery.newPhrase();
  await ann.client.recovery.turnOn(words);
  await ann.client.recovery.refresh();
  expect(ann.client.recovery.view.value).toMatchObject({ state: 'on', history: { bytes: expect.any(Number) as number } });
  ann.stop();
  return words;
}

async function newBrowser(): Promise<NodePerson> {
  const person = new NodePerson(server, 'ann');
  people.push(person);
  await person.client.start();
  await person.client.doors.login('ann', person.password);
  await until(person.client.session, ({ state }) => state === 'needs-device');
  return person;
}

describe('a recovery phrase (E2E10)', () => {
  it('brings the account’s key, the rooms and the history back when the only device is lost', async () => {
    const { ann, bob, bobsRoom } = await talk();
    const words = await backedUpAndLost(ann);
    const fresh = await newBrowser();
    await fresh.client.useRecoveryPhrase(words.join(' ').toUpperCase());
    await fresh.ready();
    const room = await fresh.enter('Lobby');
    await until(room.timeline, () => textsOf(room).length >= 2);
    expect(messagesOf(room).map(({ text, author, imported }) => [author.name, text, imported])).toEqual([
      ['ann', 'before the loss', false],
      ['bob', 'bob answers', false],
    ]);
    await room.say('back again');
    await until(bobsRoom.timeline, () => textsOf(bobsRoom).includes('back again'));
    await bobsRoom.say('good to see you');
    await until(room.timeline, () => textsOf(room).includes('good to see you'));
    // The account's key is the one it was: nobody is told of another.
    expect(bobsRoom.roster.value.members.find(({ name }) => name === 'ann')).toMatchObject({ keyChanged: false });
    expect(bob.client.trouble.value).toBeNull();
    expect(room.timeline.value.items.some((item) => item.type === 'notice' && item.notice.kind === 'gap')).toBe(false);
  });

  it('opens nothing with other words, says so, and lets one try again', async () => {
    const { ann } = await talk();
    const words = await backedUpAndLost(ann);
    const fresh = await newBrowser();
    const wrong = (typed: string) => fresh.client.useRecoveryPhrase(typed).catch((error: unknown) => error);
    expect(await wrong('only a few words')).toMatchObject({ code: 'bad-credentials', reason: 'recovery-phrase' });
    expect(await wrong([...words.slice(1), words[0]!].join(' '))).toMatchObject({ code: 'bad-credentials' });
    const another = await ann.client.recovery.newPhrase();
    expect(await wrong(another.join(' '))).toMatchObject({ code: 'bad-credentials', reason: 'recovery-phrase-other' });
    expect(fresh.client.session.value.state).toBe('needs-device');
    await fresh.client.useRecoveryPhrase(words.join('\n'));
    await fresh.ready();
  });

  it('is void once another was made, and gone when it is turned off', async () => {
    const { ann } = await talk();
    const first = await ann.client.recovery.newPhrase();
    await ann.client.recovery.turnOn(first);
    await ann.client.recovery.refresh();
    const second = await ann.client.recovery.newPhrase();
    await ann.client.recovery.turnOn(second);
    const fresh = await newBrowser();
    const old = await fresh.client.useRecoveryPhrase(first.join(' ')).catch((error: unknown) => error);
    expect(old).toMatchObject({ code: 'bad-credentials', reason: 'recovery-phrase-other' });
    await ann.client.recovery.turnOff();
    expect(ann.client.recovery.view.value.state).toBe('off');
    await expect(fresh.client.useRecoveryPhrase(second.join(' '))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is not on the server, nor is anything it seals', async () => {
    const { ann } = await talk();
    const seen: string[] = [];
    const sent = globalThis.fetch;
    globalThis.fetch = (input, init) => {
      const body = init?.body;
      if (body) seen.push(typeof body === 'string' ? body : Buffer.from(body as Uint8Array).toString('latin1'));
      return sent(input, init);
    };
    try {
      const words = await backedUpAndLost(ann);
      const all = seen.join('\n');
      expect(all).toContain('"phrase"'); // what was sent is seen here
      expect(all).not.toContain('before the loss');
      expect(words.filter((word, i) => all.includes(`${word} ${words[i + 1]}`))).toEqual([]);
    } finally {
      globalThis.fetch = sent;
    }
  });
});
