import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeRelayed } from '../../libs/protocol/src/index.ts';
import { MlsSealer } from '../../libs/client/src/sealing/mls-sealer.ts';
import { openMemoryStore, type MemoryDisk } from '../../libs/client/src/storage/memory-store.ts';
import type { RoomHandle } from '../../libs/client/src/index.ts';
import { NodePerson, shows, until } from '../node-person.ts';
import { TestServer } from '../server.ts';

/** What a device could open with all it stored at some moment: the strongest position of somebody who keeps their keys. */
const keysOf = (disk: MemoryDisk) => new MlsSealer(openMemoryStore(structuredClone(disk)));

describe('a member who has gone, with the real sealer (E2E2)', () => {
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

  it('opens nothing that is sealed after, with all the keys it ever had; one who stayed opens it', async () => {
    const [ann, bob, cyd] = people as [NodePerson, NodePerson, NodePerson];
    const rooms: RoomHandle[] = [];
    for (const person of people) rooms.push(await person.enter('Lobby'));
    const [a, b, c] = rooms as [RoomHandle, RoomHandle, RoomHandle];
    for (const room of rooms) await until(room.roster, ({ members }) => members.length === 3 && members.every(({ joining }) => !joining));
    await a.say('for three');
    await shows(b, ['for three']);
    await shows(c, ['for three']);

    const gone = keysOf(cyd.disk);
    await c.leave();
    for (const room of [a, b]) await until(room.roster, ({ members }) => members.length === 2);
    const stayed = keysOf(bob.disk);
    bob.heard.length = 0;
    await a.say('for two');
    await shows(b, ['for three', 'for two']);
    const sealed = bob.heard.map((frame) => decodeRelayed(frame)).find(({ author }) => author === ann.device)!;

    await expect(gone.open(a.id, sealed.ciphertext)).rejects.toMatchObject({ name: 'SealError' });
    await expect(gone.roster(a.id)).resolves.not.toBeNull(); // it did keep its keys: the refusal above is the group's, not an empty disk's
    await expect(stayed.open(a.id, sealed.ciphertext)).resolves.toMatchObject({ author: ann.device });
  });

  it('a device that is removed loses its session at once, and its leaf', async () => {
    const [ann, bob] = people as [NodePerson, NodePerson, NodePerson];
    const a = await ann.enter('Lobby');
    const [device] = await bob.client.account.devices();
    await bob.client.account.removeDevice(device!.id);
    await until(bob.client.session, ({ state }) => state === 'signed-out');
    await until(a.roster, ({ members }) => members.find(({ username }) => username === 'bob')?.devices.length === 0);
    await a.say('for nobody else');
  });
});
