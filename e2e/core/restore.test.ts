import { cp, rm } from 'node:fs/promises';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoomHandle } from '../../libs/client/src/index.ts';
import { NodePerson, shows, textsOf, until } from '../node-person.ts';
import { TestServer } from '../server.ts';

let server: TestServer;
let people: NodePerson[] = [];

/** In the lab a database of each test on this server, which is copied there; otherwise the embedded one, whose folder is copied. */
const postgres = process.env['LAB_POSTGRES'];
let name = '';

async function administer(...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: postgres! });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

async function backUp(): Promise<void> {
  if (postgres) await administer(`create database ${name}_backup with template ${name}`);
  else await cp(server.dataDir, `${server.dataDir}-backup`, { recursive: true });
}

async function setBack(): Promise<void> {
  if (postgres) return administer(`drop database ${name} with (force)`, `alter database ${name}_backup rename to ${name}`);
  await rm(server.dataDir, { recursive: true });
  await cp(`${server.dataDir}-backup`, server.dataDir, { recursive: true });
}

beforeEach(async () => {
  name = `restore_${crypto.randomUUID().replaceAll('-', '')}`;
  if (postgres) await administer(`create database ${name}`);
  server = await TestServer.start(postgres ? { DATABASE_URL: Object.assign(new URL(postgres), { pathname: `/${name}` }).href } : {});
});
afterEach(async () => {
  people.forEach((person) => person.stop());
  await rm(`${server.dataDir}-backup`, { recursive: true, force: true });
  await server.stop();
});

const together = (room: RoomHandle, count: number) =>
  until(room.roster, ({ members }) => members.length === count && members.every(({ joining }) => !joining));
const epochOf = async (person: NodePerson, room: RoomHandle) => (await person.client.live!.epoch(room.id))!;

/** Also to those whom this person has not seen yet. */
const sayAnyway = async (room: RoomHandle, text: string) => room.retry(await room.say(text));

type Kind = 'open' | 'password' | 'hidden';
const password = 'over the hills';

/** Into the room, for the first time or again; `by`: somebody inside, who invites where there is no other way. */
async function comeIn(person: NodePerson, kind: Kind, by: RoomHandle): Promise<RoomHandle> {
  if (kind === 'hidden') await person.client.joinByInvitation((await by.administration.invite(1, 1)).fragment);
  else await person.client.joinRoom(by.id, kind === 'password' ? { password } : undefined);
  const room = person.client.room(by.id);
  await until(room.view, ({ phase }) => phase === 'ready', 90_000);
  return room;
}

/** Three in a room; a backup is taken; then one sleeps through it when another leaves and comes back, and words are said: two commits, one message. */
async function backedUp(kind: Kind = 'open') {
  const [ann, bob, cyd] = ['ann', 'bob', 'cyd'].map((name) => new NodePerson(server, name)) as [NodePerson, NodePerson, NodePerson];
  people = [ann, bob, cyd];
  await ann.setUp('Lobby');
  const { secret } = await ann.client.account.invite({ uses: 5 });
  await bob.register(secret);
  await cyd.register(secret);
  const a = ann.client.room(await ann.client.createRoom({ name: 'Attic', kind, ...(kind === 'password' ? { password } : {}) }));
  await until(a.view, ({ phase }) => phase === 'ready');
  const [b, c] = [await comeIn(bob, kind, a), await comeIn(cyd, kind, a)];
  for (const room of [a, b, c]) await together(room, 3);
  await sayAnyway(a, 'before the backup');
  for (const room of [b, c]) await shows(room, ['before the backup']);

  await server.kill();
  await backUp();
  await server.start();
  for (const person of people) await until(person.client.connection, ({ state }) => state === 'online', 90_000);
  cyd.stop();
  const epoch = await epochOf(ann, a);
  await b.leave();
  await until(a.roster, ({ members }) => members.length === 2, 90_000);
  await comeIn(bob, kind, a);
  await together(a, 3);
  expect(await epochOf(ann, a)).toBe(epoch + 2);
  await sayAnyway(a, 'after the backup');
  await until(b.timeline, () => textsOf(b).includes('after the backup'));
  await until(a.timeline, ({ items }) => items.some((item) => item.type === 'message' && item.text === 'after the backup'));
  return { ann, bob, cyd, a, b, epoch, secret };
}

/** The server is set back, and the one who slept takes these in: the room goes on otherwise than the two who knew more know it. */
async function goneOn(kind: Kind, newcomers: readonly string[]) {
  const { ann, bob, cyd, a, epoch, secret } = await backedUp(kind);
  ann.stop();
  bob.stop();
  await server.kill();
  await setBack();
  await server.start();
  const first = await cyd.reload();
  people.push(first);
  await first.ready();
  const here = first.client.room(a.id);
  const fresh = newcomers.map((each) => new NodePerson(server, each));
  people.push(...fresh);
  for (const newcomer of fresh) {
    await newcomer.register(secret);
    await comeIn(newcomer, kind, here);
  }
  return { ann, bob, first, here, epoch, fresh };
}

describe('a server that was set back to an older backup (delivery.md D11)', () => {
  it('gets the commits back that it has lost, and the words it held; nobody misses or doubles any', { timeout: 120_000 }, async () => {
    const { ann, bob, cyd, a, b } = await backedUp();
    await server.kill();
    await setBack();
    const lost = await epochOf(ann, a);
    await server.start();
    for (const person of [ann, bob]) await until(person.client.connection, ({ state }) => state === 'online', 90_000);
    await b.say('nothing is lost');
    await until(a.timeline, () => textsOf(a).includes('nothing is lost'), 90_000);
    expect(await epochOf(ann, a)).toBeGreaterThan(lost); // the same chain, gone on

    const back = await cyd.reload();
    people.push(back);
    const again = back.client.room(a.id);
    await shows(again, ['before the backup', 'after the backup', 'nothing is lost'], 90_000);
    await again.say('cyd is back');
    for (const room of [a, b]) await until(room.timeline, () => textsOf(room).at(-1) === 'cyd is back', 90_000);
    expect(textsOf(a)).toEqual(['before the backup', 'after the backup', 'nothing is lost', 'cyd is back']);
  });

  it.each([
    ['behind those who knew more', 'open', ['dan']],
    ['as far as those who knew more', 'open', ['dan', 'eve']],
    ['beyond those who knew more', 'open', ['dan', 'eve', 'fay']],
    ['in a room with a password', 'password', ['dan']],
  ] as const)(
    'that has gone on %s: they come in again, and what they said since is said to all',
    { timeout: 120_000 },
    async (_, kind, newcomers) => {
      const { ann, bob, first, here, epoch, fresh } = await goneOn(kind, newcomers);
      await together(here, 3 + fresh.length);
      expect(await epochOf(first, here)).toBe(epoch + fresh.length);
      await sayAnyway(here, 'the room has gone on');

      const back = [await ann.reload(), await bob.reload()];
      people.push(...back);
      const rooms = [here, ...back.map((person) => person.client.room(here.id))];
      const everything = ['before the backup', 'after the backup', 'the room has gone on'];
      if (kind !== 'open') {
        // Who had not seen the newcomer is asked first, also for what was said before and has to leave again.
        for (const room of rooms) await until(room.roster, ({ members }) => members.some(({ name }) => name === 'dan'), 90_000);
        for (const room of rooms) await together(room, 3 + fresh.length);
        await sayAnyway(rooms[1]!, 'dan is welcome');
        everything.push('dan is welcome');
      }
      for (const room of rooms) await shows(room, everything, 90_000);
      await sayAnyway(rooms[1]!, 'all are back');
      for (const room of rooms) await shows(room, [...everything, 'all are back'], 90_000);
    },
  );

  it(
    'in a hidden room whose others are away: what they say meanwhile is said once somebody has let them in',
    { timeout: 120_000 },
    async () => {
      const { ann, first, here, epoch, fresh } = await goneOn('hidden', ['dan', 'eve']);
      fresh.forEach((newcomer) => newcomer.stop());
      expect(await epochOf(first, here)).toBe(epoch + 2); // as many as those two know of, and others
      first.stop();

      const back = await ann.reload();
      people.push(back);
      await back.ready();
      const again = back.client.room(here.id);
      await until(again.view, ({ phase }) => phase === 'waiting-for-member', 30_000);
      await again.say('said outside');
      const last = await first.reload();
      people.push(last);
      await until(again.roster, ({ members }) => members.some(({ name }) => name === 'eve'), 90_000);
      await until(again.view, ({ phase }) => phase === 'ready', 90_000);
      await sayAnyway(again, 'let in');
      const room = last.client.room(here.id);
      await shows(room, ['before the backup', 'after the backup', 'said outside', 'let in'], 90_000);
    },
  );
});
