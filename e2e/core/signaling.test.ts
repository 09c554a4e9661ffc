import { afterAll, beforeAll, describe } from 'vitest';
import { signalerContract, type SignalingPair } from '../../libs/client/src/mesh/signaler-contract.ts';
import { ServerSignaler } from '../../libs/client/src/server/server-signaler.ts';
import { NodePerson, until } from '../node-person.ts';
import { TestServer } from '../server.ts';

describe('the server as a signaler', () => {
  let server: TestServer;
  let pair: SignalingPair;
  let people: NodePerson[] = [];

  beforeAll(async () => {
    server = await TestServer.start();
    const ann = new NodePerson(server, 'ann');
    const bob = new NodePerson(server, 'bob');
    people = [ann, bob];
    await ann.setUp('Lobby');
    await bob.register((await ann.client.account.invite({ uses: 1 })).secret);
    const [room] = [await ann.enter('Lobby'), await bob.enter('Lobby')];
    await until(room.roster, ({ members }) => members.length === 2 && members.every(({ reach }) => reach !== 'away'));
    pair = {
      near: new ServerSignaler(ann.client.live!.socket),
      far: new ServerSignaler(bob.client.live!.socket),
      nearDevice: ann.device,
      farDevice: bob.device,
      room: room.id,
      cut: () => ann.client.live!.socket.stop(),
      mend: () => ann.client.live!.socket.start(ann.device),
    };
  });
  afterAll(async () => {
    people.forEach((person) => person.stop());
    await server.stop();
  });

  signalerContract('the server’s socket', async () => pair);
});
