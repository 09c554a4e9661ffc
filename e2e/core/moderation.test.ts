import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeContent, toBase64url } from '../../libs/protocol/src/index.ts';
import { MlsSealer } from '../../libs/client/src/sealing/mls-sealer.ts';
import { openMemoryStore } from '../../libs/client/src/storage/memory-store.ts';
import type { RoomHandle } from '../../libs/client/src/index.ts';
import { messagesOf, NodePerson, shows, textsOf, until } from '../node-person.ts';
import { TestServer } from '../server.ts';

let server: TestServer;
let people: NodePerson[] = [];
let rooms: RoomHandle[] = [];

async function gather(direct: boolean, ...names: string[]): Promise<void> {
  people = names.map((name) => (direct ? NodePerson.direct(server, name) : new NodePerson(server, name)));
  await people[0]!.setUp('Lobby');
  const { secret } = await people[0]!.client.account.invite({ uses: 9 });
  for (const person of people.slice(1)) await person.register(secret);
  rooms = [];
  for (const person of people) rooms.push(await person.enter('Lobby'));
  const all = names.length;
  for (const room of rooms)
    await until(room.roster, (view) => view.members.length === all && view.members.every(({ joining }) => !joining), 60_000);
  if (direct) for (const room of rooms) await until(room.roster, (view) => view.direct === all && view.total === all, 60_000);
}
const idOf = (room: RoomHandle, name: string) => room.roster.value.members.find(({ username }) => username === name)!.user;
const noticesOf = (room: RoomHandle) =>
  room.timeline.value.items.flatMap((item) => (item.type === 'notice' && item.notice.kind === 'act' ? [item.notice.act] : []));
const reachOf = (room: RoomHandle, name: string) => room.roster.value.members.find(({ username }) => username === name)?.reach;

beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(async () => {
  people.forEach((person) => person.stop());
  people = [];
  await server.stop();
});

describe('what a moderator does (MOD1)', () => {
  it(
    'is obeyed by members who share only a mesh with them: links end, nothing more is sealed to who was put out, and the server follows when it is back',
    { timeout: 180_000 },
    async () => {
      await gather(true, 'ann', 'bob', 'carl');
      const [ann, bob, carl] = people as [NodePerson, NodePerson, NodePerson];
      const [a, b, c] = rooms as [RoomHandle, RoomHandle, RoomHandle];
      await a.say('for three');
      for (const room of [b, c]) await shows(room, ['for three']);
      await until(a.view, ({ role }) => role === 'owner');

      await server.kill();
      for (const { client } of people) await until(client.connection, ({ state }) => state !== 'online');
      await a.moderation.kick(idOf(a, 'carl'), 'enough');
      for (const room of [a, b]) {
        await until(room.timeline, () => noticesOf(room).includes('kick'), 30_000);
        await until(room.roster, () => reachOf(room, 'carl') !== 'direct', 30_000);
      }
      await b.say('not for carl');
      await until(b.timeline, () => messagesOf(b).at(-1)?.state?.state === 'waiting');
      expect(messagesOf(b).at(-1)!.state).toEqual({ state: 'waiting', why: 'removal' });

      await server.start();
      for (const person of [ann, bob]) {
        person.client.reconnect();
        await person.ready();
      }
      await shows(a, ['for three', 'not for carl'], 60_000);
      carl.client.reconnect();
      await until(c.view, (view) => view.phase === 'left' && view.reason === 'kicked', 60_000);
      expect(textsOf(c)).toEqual(['for three']);
    },
  );

  it(
    'takes the keys: who was put out opens nothing that is sealed after, with everything they ever had',
    { timeout: 120_000 },
    async () => {
      await gather(false, 'ann', 'bob', 'carl');
      const [, bob, carl] = people as [NodePerson, NodePerson, NodePerson];
      const [a, b, c] = rooms as [RoomHandle, RoomHandle, RoomHandle];
      await a.say('before');
      for (const room of [b, c]) await shows(room, ['before']);
      const keys = structuredClone(carl.disk);
      await a.moderation.ban(idOf(a, 'carl'), null, 'enough');
      await until(c.view, (view) => view.phase === 'left' && view.reason === 'banned');
      const heardBefore = bob.heard.length;
      await a.say('after');
      await shows(b, ['before', 'after']);
      // Carl's keys of before, and what the relay carried to Bob since.
      const sealer = new MlsSealer(openMemoryStore(keys));
      const opened: string[] = [];
      for (const frame of bob.heard.slice(heardBefore))
        for (let at = 0; at < Math.min(frame.length, 160); at++)
          await sealer.open(a.id, frame.subarray(at)).then(
            ({ content }) => opened.push(toBase64url(content).slice(0, 8) + decodeContent(content).kind),
            () => undefined,
          );
      expect(opened).toEqual([]);
      await expect(carl.client.joinRoom(a.id)).rejects.toMatchObject({ code: 'banned' });
    },
  );

  it('mutes: what is said meanwhile is shown to nobody, and the muted is told', { timeout: 120_000 }, async () => {
    await gather(false, 'ann', 'bob');
    const [a, b] = rooms as [RoomHandle, RoomHandle];
    await a.moderation.mute(idOf(a, 'bob'), null, 'calm down');
    await until(b.view, ({ muted }) => muted?.reason === 'calm down');
    await expect(b.say('but')).rejects.toMatchObject({ code: 'forbidden', reason: 'muted' });
    await expect(b.moderation.unmute(idOf(b, 'bob'))).rejects.toMatchObject({ code: 'forbidden' });
    await a.moderation.unmute(idOf(a, 'bob'));
    await until(b.view, ({ muted }) => muted === null);
    await b.say('thanks');
    await shows(a, ['thanks']);
  });
});
