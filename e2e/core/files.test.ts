import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Attachment } from '../../libs/protocol/src/index.ts';
import type { RoomHandle } from '../../libs/client/src/index.ts';
import { messagesOf, NodePerson, until } from '../node-person.ts';
import { TestServer } from '../server.ts';

const MIB = 1024 * 1024;
const secret = 'the walrus plan of the ninth floor';

describe('files in messages (FILE1–FILE3)', () => {
  let server: TestServer;
  let people: NodePerson[] = [];

  afterEach(async () => {
    people.forEach((person) => person.stop());
    await server.stop();
  });

  const directly = (at: TestServer, name: string) => NodePerson.direct(at, name);
  async function world(environment: Record<string, string>, names: string[], make = directly) {
    server = await TestServer.start(environment);
    people = names.map((name) => make(server, name));
    const [first, ...others] = people;
    await first!.setUp('Lobby');
    const { secret: invite } = await first!.client.account.invite({ uses: 10 });
    for (const person of others) await person.register(invite);
    const rooms: RoomHandle[] = [];
    for (const person of people) rooms.push(await person.enter('Lobby'));
    const direct = make === directly ? names.length : 1;
    for (const room of rooms) await until(room.roster, (roster) => roster.direct === direct && roster.total === names.length);
    return rooms;
  }
  const byRelay = (at: TestServer, name: string) => new NodePerson(at, name);

  function content(length: number): Uint8Array<ArrayBuffer> {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + (i >> 8) * 11) & 255);
    bytes.set(new TextEncoder().encode(secret), 1000);
    return bytes;
  }

  async function send(person: NodePerson, room: RoomHandle, bytes: Uint8Array<ArrayBuffer>, name = 'walrus-plan.bin'): Promise<Attachment> {
    const attachment = await person.client.files.attach(room.id, new File([bytes], name)).attachment;
    await room.say('', { files: [attachment] });
    return attachment;
  }

  /** The message with the file, as this person sees it. */
  async function fetched(person: NodePerson, room: RoomHandle): Promise<Attachment> {
    await until(room.timeline, () => messagesOf(room).some(({ files }) => files.length > 0));
    const message = messagesOf(room).find(({ files }) => files.length > 0)!;
    await person.client.files.fetch(room.id, message, message.files[0]!);
    return message.files[0]!;
  }
  const here = (person: NodePerson, { id }: Attachment) => until(person.client.files.view(id), ({ coming }) => coming.state === 'here');
  const opened = async (person: NodePerson, file: Attachment) => new Uint8Array(await (await person.client.files.open(file)).arrayBuffer());

  it('go directly to several at once, and nothing of them is at the server', async () => {
    const [a, b, c] = (await world({}, ['ann', 'bob', 'cyd'])) as [RoomHandle, RoomHandle, RoomHandle];
    const [ann, bob, cyd] = people as [NodePerson, NodePerson, NodePerson];
    const bytes = content(5 * MIB + 77);
    await send(ann, a, bytes);
    const [file] = await Promise.all([fetched(bob, b), fetched(cyd, c)]);
    await Promise.all([here(bob, file), here(cyd, file)]);
    for (const person of [bob, cyd]) expect(Buffer.compare(await opened(person, file), bytes)).toBe(0);
    expect(file.name).toBe('walrus-plan.bin');
    expect(ann.client.files.view(file.id).value).toMatchObject({ stored: 'no', coming: { state: 'here' } });
    expect(everything(server.dataDir).filter((path) => path.includes('/files/'))).toEqual([]);
  });

  it('wait sealed at the server for who is away, and their names and contents are nowhere there', async () => {
    const [a, b] = (await world({}, ['ann', 'bob'])) as [RoomHandle, RoomHandle];
    const [ann, bob] = people as [NodePerson, NodePerson];
    bob.stop();
    await until(a.roster, ({ direct }) => direct === 1);
    const bytes = content(MIB);
    const sent = await send(ann, a, bytes);
    await until(ann.client.files.view(sent.id), ({ stored }) => stored === 'yes');
    await until(a.timeline, () => messagesOf(a).at(-1)?.state?.state === 'held');
    ann.stop();
    const again = (people[1] = await bob.reload());
    await again.ready();
    const room = await again.enter('Lobby');
    expect(room.id).toBe(b.id);
    const file = await fetched(again, room);
    await here(again, file);
    expect(Buffer.compare(await opened(again, file), bytes)).toBe(0);
    const stored = everything(server.dataDir);
    expect(stored.some((path) => path.includes('/files/'))).toBe(true);
    for (const words of [secret, 'walrus', file.key, file.hash])
      for (const path of stored) expect([path, readFileSync(path).includes(words)]).toEqual([path, false]);
  });

  it('are thrown away when a byte was flipped, and come from whoever has them right', async () => {
    const [a, b, c] = (await world({ RELAY: 'on' }, ['ann', 'bob', 'cyd'])) as [RoomHandle, RoomHandle, RoomHandle];
    const [ann, bob, cyd] = people as [NodePerson, NodePerson, NodePerson];
    const sent = await send(ann, a, content(2 * MIB));
    await here(bob, await fetched(bob, b));
    ann.files.get(sent.id)![MIB]! ^= 1;
    const bobs = bob.files.get(sent.id)!.slice();
    bob.files.get(sent.id)![5]! ^= 1;
    const file = await fetched(cyd, c);
    const failed = await until(cyd.client.files.view(file.id), ({ coming }) => coming.state === 'failed');
    expect([failed.coming, cyd.files.get(file.id)]).toEqual([{ state: 'failed', why: 'damaged' }, undefined]);
    await expect(opened(cyd, file)).rejects.toMatchObject({ code: 'not-found' });
    bob.files.set(sent.id, bobs);
    await fetched(cyd, c);
    await here(cyd, file);
    expect(Buffer.compare(await opened(cyd, file), content(2 * MIB))).toBe(0);
  });

  it('are gone on with where a reload cut them off, at either end', async () => {
    const [a, b] = (await world({ FILE_MAX_BYTES: '0' }, ['ann', 'bob'])) as [RoomHandle, RoomHandle];
    let [ann, bob] = people as [NodePerson, NodePerson];
    const bytes = content(24 * MIB);
    await send(ann, a, bytes);
    const file = await fetched(bob, b);
    await until(bob.client.files.view(file.id), ({ coming }) => coming.state === 'coming' && coming.have > 4 * MIB);
    bob = people[1] = await bob.reload();
    const kept = bob.files.get(file.id)!.length;
    expect(kept).toBeGreaterThan(4 * MIB);
    await until(bob.client.files.view(file.id), ({ coming }) => coming.state === 'coming' && coming.have > kept);
    ann = people[0] = await ann.reload();
    const before = bob.files.get(file.id)!.length;
    await until(bob.client.files.view(file.id), ({ coming }) => coming.state === 'here', 60_000);
    expect(before).toBeGreaterThan(kept);
    expect(Buffer.compare(await opened(bob, file), bytes)).toBe(0);
  });

  it('go from the server where no direct link is possible, and go with their message', async () => {
    const [a, b] = (await world({}, ['ann', 'bob'], byRelay)) as [RoomHandle, RoomHandle];
    const [ann, bob] = people as [NodePerson, NodePerson];
    const bytes = content(5 * MIB);
    const sent = await send(ann, a, bytes);
    const file = await fetched(bob, b);
    await here(bob, file);
    expect(Buffer.compare(await opened(bob, file), bytes)).toBe(0);
    await a.remove(messagesOf(a).find(({ files }) => files.length > 0)!.mid);
    await expect.poll(() => [ann.files.size, bob.files.size], { timeout: 10_000 }).toEqual([0, 0]);
    await expect.poll(() => everything(server.dataDir).filter((path) => path.includes('/files/')), { timeout: 10_000 }).toEqual([]);
    expect(bob.client.files.view(sent.id).value.coming).toEqual({ state: 'absent' });
  });

  it('with pictures come from nobody who may show none: they are told, and others see none of theirs (MOD1)', async () => {
    const [a, b] = (await world({}, ['ann', 'bob'])) as [RoomHandle, RoomHandle];
    const [ann, bob] = people as [NodePerson, NodePerson];
    const picture = async (person: NodePerson, room: RoomHandle) => {
      const attachment = await person.client.files.attach(room.id, new File([content(5_000)], 'p.png', { type: 'image/png' })).attachment;
      return { ...attachment, preview: { width: 4, height: 3 } };
    };
    await b.say('look', { files: [await picture(bob, b)] });
    await until(a.timeline, () => messagesOf(a).some(({ text, hidden }) => text === 'look' && hidden === null));
    const user = bob.client.session.value.state === 'ready' ? bob.client.session.value.user.id : '';
    await a.moderation.forbid(user, { images: true, cameras: false });
    await until(a.timeline, () => messagesOf(a).some(({ text, hidden }) => text === 'look' && hidden === 'images'));
    await until(b.roster, ({ members }) => members.some(({ self, rules }) => self && rules?.images === true));
    await expect(b.say('', { files: [await picture(bob, b)] })).rejects.toMatchObject({ code: 'forbidden', reason: 'images' });
    await b.say('words', { files: [await bob.client.files.attach(b.id, new File([content(5_000)], 'notes.bin')).attachment] });
    await until(a.timeline, () => messagesOf(a).some(({ text, hidden }) => text === 'words' && hidden === null));
    await a.moderation.forbid(user, { images: false, cameras: false });
    await until(b.roster, ({ members }) => members.some(({ self, rules }) => self && !rules?.images));
    await b.say('again', { files: [await picture(bob, b)] });
    await until(ann.client.room(a.id).timeline, () => messagesOf(a).some(({ text, hidden }) => text === 'again' && hidden === null));
  });

  it('are given to nobody any more when their author says so, and again when they say so', async () => {
    const [a, b] = (await world({ FILE_MAX_BYTES: '0' }, ['ann', 'bob'])) as [RoomHandle, RoomHandle];
    const [ann, bob] = people as [NodePerson, NodePerson];
    const sent = await send(ann, a, content(MIB));
    await ann.client.files.withhold(sent.id, true);
    const file = await fetched(bob, b);
    await until(bob.client.files.view(file.id), ({ coming }) => coming.state === 'waiting');
    await bob.client.files.cancel(file.id);
    await until(bob.client.files.view(file.id), ({ coming }) => coming.state === 'absent');
    await ann.client.files.withhold(sent.id, false);
    await fetched(bob, b);
    await here(bob, file);
  });
});

/** Every file under a folder. */
function everything(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
