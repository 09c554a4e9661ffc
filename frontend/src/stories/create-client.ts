import type { Store, Write } from '../../../libs/client/src/storage/store.ts';
import { browserPlatform, createConclave, type ConclaveClient } from '../../../libs/client/src/index.ts';

/* The client of the stories build: the real one, with a switch and a view into it for browser stories. Never in production. */
let relayOnly = false;

export function createClient(): ConclaveClient {
  const platform = browserPlatform({
    startSealer: () => new Worker(new URL('../app/sealer.worker', import.meta.url), { type: 'module' }),
    startFinder: () => new Worker(new URL('../app/finder.worker', import.meta.url), { type: 'module' }),
    startFiles: () => new Worker(new URL('../app/files.worker', import.meta.url), { type: 'module' }),
    // Only TURN candidates, and no TURN: direct connections become impossible.
    rtcConfiguration: (configuration) => (relayOnly ? { ...configuration, iceTransportPolicy: 'relay' } : configuration),
  });
  let store: Store | null = null;
  const client = createConclave({
    ...platform,
    open: async (user, unlock) => {
      const opened = await platform.open(user, unlock);
      store = opened.store;
      return opened;
    },
    limitsOwnWords: false, // stories talk in bursts
  });
  const room = (name: string) => client.rooms.value.find((line) => line.name === name)!.id;
  Object.assign(globalThis, {
    conclaveStories: {
      client,
      relayOnly: (on: boolean) => {
        relayOnly = on;
        client.live?.mesh.reconnect();
      },
      /** Writes to what is stored, past everything that would hear of it. */
      write: (writes: Write[]) => store!.write(writes),
      connectionStates: () => client.live?.mesh.connectionStates() ?? [],
      transcript: (name: string) => client.room(room(name)).timeline.value.items.flatMap(entry),
    },
  });
  return client;
}

function entry(item: ReturnType<ConclaveClient['room']>['timeline']['value']['items'][number]) {
  return item.type === 'message' ? [{ mid: item.mid, text: item.text, author: item.author.name }] : [];
}
