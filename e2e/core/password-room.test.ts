import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeRelayed } from '../../libs/protocol/src/index.ts';
import { MlsSealer } from '../../libs/client/src/sealing/mls-sealer.ts';
import { memoryDisk, openMemoryStore, type MemoryDisk } from '../../libs/client/src/storage/memory-store.ts';
import type { RoomHandle } from '../../libs/client/src/index.ts';
import { NodePerson, shows, textsOf, until } from '../node-person.ts';
import { TestServer } from '../server.ts';

const password = 'violets in the vestry';
const later = 'tulips in the tower';

/** What a device could open with all it stored at some moment. */
const keysOf = (disk: MemoryDisk) => new MlsSealer(openMemoryStore(structuredClone(disk)));
const ready = (room: RoomHandle) => until(room.view, ({ phase }) => phase === 'ready');
const complete = (room: RoomHandle, count: number) =>
  until(room.roster, ({ members }) => members.length === count && members.every(({ joining }) => !joining));

describe('a room with a password, with the real sealer (ROOM3, E2E2)', () => {
  let server: TestServer;
  let people: NodePerson[];
  let id: string;

  beforeAll(async () => {
    server = await TestServer.start();
    const ann = new NodePerson(server, 'ann');
    await ann.setUp('Lobby');
    const { secret } = await ann.client.account.invite({ uses: 5 });
    people = [ann, new NodePerson(server, 'bob'), new NodePerson(server, 'cyd')];
    for (const person of people.slice(1)) await person.register(secret);
    id = await ann.client.createRoom({ name: 'Vault', kind: 'password', password });
    await ready(ann.client.room(id));
  });
  afterAll(async () => {
    people?.forEach((person) => person.stop());
    await server.stop();
  });

  const rooms = () => people.map((person) => person.client.room(id)) as [RoomHandle, RoomHandle, RoomHandle];

  it('opens to who knows it and not to a wrong one; the first words to somebody new are asked about', async () => {
    const [ann, bob, cyd] = people as [NodePerson, NodePerson, NodePerson];
    await expect(bob.client.joinRoom(id, { password: 'violets in the pantry' })).rejects.toMatchObject({ code: 'bad-credentials' });
    for (const person of [bob, cyd]) {
      await person.client.joinRoom(id, { password });
      await ready(person.client.room(id));
    }
    const [a, b, c] = rooms();
    for (const room of [a, b, c]) await complete(room, 3);
    const mid = await a.say('for who knows the password');
    await until(a.timeline, ({ items }) =>
      items.some((item) => item.type === 'message' && item.state?.state === 'waiting' && item.state.why === 'audience-grew'),
    );
    expect([textsOf(b), textsOf(c)]).toEqual([[], []]);
    await a.retry(mid); // “send anyway”
    for (const room of [b, c]) await shows(room, ['for who knows the password']);
    expect(ann.client.trouble.value).toBeNull();
  });

  it('goes on under a new password for those who are in, without typing; the old one opens nothing', async () => {
    const [a, b, c] = rooms();
    const epoch = async () => (await keysOf(people[1]!.disk).roster(id))!.epoch;
    const before = await epoch();
    await a.administration.changePassword(later);
    await until(b.view, ({ settings }) => settings.passwordVersion === 2);
    await expect.poll(epoch, { timeout: 20_000 }).toBeGreaterThan(before);
    await expect.poll(() => keysOf(people[2]!.disk).passwordVersion(id), { timeout: 20_000 }).toBe(2);
    await b.retry(await b.say('under the new one'));
    for (const room of [a, c]) await shows(room, ['for who knows the password', 'under the new one']);
  });

  it('lets a kicked member open nothing sealed after, with all the keys and the password they had', async () => {
    const [ann, bob, cyd] = people as [NodePerson, NodePerson, NodePerson];
    const [a, b] = rooms();
    const gone = keysOf(cyd.disk);
    const { user } = a.roster.value.members.find(({ username }) => username === 'cyd')!;
    await a.moderation.kick(user, 'enough');
    for (const room of [a, b]) await until(room.roster, ({ members }) => members.length === 2);
    const stayed = keysOf(bob.disk);
    bob.heard.length = 0;
    await a.say('for two');
    await until(b.timeline, () => textsOf(b).includes('for two'));
    const frames = bob.heard.map((frame) => decodeRelayed(frame)).filter(({ author }) => author === ann.device);
    const outcomes = await Promise.allSettled(frames.map(({ ciphertext }) => gone.open(id, ciphertext)));
    expect(outcomes.map(({ status }) => status)).toEqual(frames.map(() => 'rejected'));
    const opened = await Promise.allSettled(frames.map(({ ciphertext }) => stayed.open(id, ciphertext)));
    expect(opened.some(({ status }) => status === 'fulfilled')).toBe(true);
    await expect(gone.roster(id)).resolves.not.toBeNull(); // it did keep its keys
  });

  it('asks a device for the password that stored nothing of it', async () => {
    const [, bob] = people as [NodePerson, NodePerson, NodePerson];
    const [a] = rooms();
    // The disk keeps who one is, and nothing of the room: as after a browser has cleaned up.
    const disk = memoryDisk();
    for (const table of ['identity', 'keyPackages', 'pins', 'people'] as const) disk.tables.set(table, bob.disk.tables.get(table)!);
    const meta = [...bob.disk.tables.get('meta')!].filter(([key]) => !key.includes(id));
    disk.tables.set('meta', new Map(meta));
    bob.stop();
    Object.assign(bob, { disk });
    const again = await bob.reload();
    people[1] = again;
    await again.ready();
    await until(again.client.rooms, (list) => list.some((room) => room.id === id));
    const b = again.client.room(id);
    await until(b.view, ({ phase }) => phase === 'password-needed');
    await expect(b.enterPassword(password)).rejects.toMatchObject({ code: 'bad-credentials' });
    await b.enterPassword(later);
    await ready(b);
    await a.retry(await a.say('welcome back'));
    await until(b.timeline, () => textsOf(b).includes('welcome back'));
  });
});
