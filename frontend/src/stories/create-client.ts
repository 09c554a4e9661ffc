import { browserPlatform, createConclave, type ConclaveClient } from '../../../libs/client/src/index.ts';

/* The client of the stories build: the real one, with a switch and a view into it for browser stories. Never in production. */
let relayOnly = false;

export function createClient(): ConclaveClient {
  const client = createConclave(
    browserPlatform({
      startSealer: () => new Worker(new URL('../app/sealer.worker', import.meta.url), { type: 'module' }),
      // Only TURN candidates, and no TURN: direct connections become impossible.
      rtcConfiguration: (configuration) => (relayOnly ? { ...configuration, iceTransportPolicy: 'relay' } : configuration),
    }),
  );
  const room = (name: string) => client.rooms.value.find((line) => line.name === name)!.id;
  Object.assign(globalThis, {
    conclaveStories: {
      client,
      relayOnly: (on: boolean) => {
        relayOnly = on;
        client.live?.mesh.reconnect();
      },
      connectionStates: () => client.live?.mesh.connectionStates() ?? [],
      transcript: (name: string) => client.room(room(name)).timeline.value.items.flatMap(entry),
    },
  });
  return client;
}

function entry(item: ReturnType<ConclaveClient['room']>['timeline']['value']['items'][number]) {
  return item.type === 'message' ? [{ mid: item.mid, text: item.text, author: item.author.name }] : [];
}
