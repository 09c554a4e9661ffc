import { expect, it } from 'vitest';
import type { DeviceId } from '../../protocol/src/index.ts';
import { Conclave } from './conclave.ts';
import type { Platform } from './platform.ts';
import { PrivateRows, type PrivateRow } from './private/private-row.ts';
import { MlsSealer } from './sealing/mls-sealer.ts';
import { memoryDisk, openMemoryStore } from './storage/memory-store.ts';
import { StoreError } from './storage/store.ts';

const user = crypto.randomUUID();
const me = { id: user, username: 'ann', displayName: 'Ann', accountKey: null, avatar: null, role: 'user' as const };
const site = { serverKey: 'A'.repeat(43), relay: true };

/** One that goes on, with this device alone in it. */
const conversation = (device: DeviceId): PrivateRow => ({
  id: crypto.randomUUID(),
  room: crypto.randomUUID(),
  generation: 0,
  sequencer: device,
  people: [user],
  devices: [device],
  begunAt: Date.now(),
  talking: true,
  promised: 0,
  acked: null,
  departed: [],
  mandate: { votes: [], departures: [] },
});

/** A browser whose store is locked by a passphrase, and which knows its person, its device and the site. `asked`: what went to the server. */
async function lockedBrowser(apart: boolean) {
  const disk = memoryDisk();
  const before = openMemoryStore(disk);
  const { device } = await new MlsSealer(before).enroll(user);
  if (apart) {
    const row = conversation(device);
    await new PrivateRows(before).save(row);
    await before.write([
      { table: 'rooms', key: row.room, value: { name: 'Lounge', topic: '', unread: 0, last: null, draft: '', left: null } },
    ]);
  }
  await before.write([
    { table: 'meta', key: 'me', value: me },
    { table: 'meta', key: 'site', value: site },
  ]);
  const asked: string[] = [];
  const platform: Platform = {
    origin: 'http://chat.example',
    fetch: (input) => {
      asked.push(input as string);
      return Promise.reject(new TypeError('away'));
    },
    openSocket: (url) => {
      asked.push(url);
      throw new TypeError('away');
    },
    rtc: null,
    missing: () => [],
    deviceName: () => 'Node',
    open: (_, unlock) => {
      if (!unlock) return Promise.reject(new StoreError('locked', 'locked'));
      const store = openMemoryStore(disk);
      return Promise.resolve({ store, sealer: new MlsSealer(store), close: () => void store.close() });
    },
    locks: {
      of: () => Promise.resolve([{ by: 'passphrase' } as never]),
      change: () => Promise.resolve(),
      destroy: () => Promise.resolve(),
    },
    remembered: { get: () => user, set: () => undefined },
    apart: { get: () => apart, set: () => undefined },
    ownership: { take: () => Promise.resolve(true), release: () => undefined, onLost: () => undefined },
    visible: () => true,
    onWake: () => () => undefined,
  };
  const client = new Conclave(platform);
  await client.start();
  expect(client.session.value).toMatchObject({ state: 'locked', passphrase: true });
  asked.length = 0;
  return { client, asked };
}

it('unlocks in a private conversation without a word to the server (MESH6)', async () => {
  const { client, asked } = await lockedBrowser(true);
  await client.unlock({ passphrase: 'any' });
  expect(client.session.value).toMatchObject({ state: 'ready', user: me });
  expect(asked).toEqual([]);
  client.live!.stop();
});

it('unlocks while the server is away, and asks for it (ACC16)', async () => {
  const { client, asked } = await lockedBrowser(false);
  await client.unlock({ passphrase: 'any' });
  expect(client.session.value).toMatchObject({ state: 'ready', user: me });
  expect(asked).not.toEqual([]);
  client.live!.stop();
});
