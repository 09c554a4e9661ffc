import type { ServerFrame } from '../../../protocol/src/index.ts';
import type { Files } from '../files/files.ts';
import type { Session } from '../room/context.ts';
import type { Blocks } from '../site/blocks.ts';
import type { Store } from '../storage/store.ts';
import type { Ice } from './ice.ts';
import { refillKeyPackages } from './key-packages.ts';
import type { OpenRooms } from './open-rooms.ts';
import type { Unattended } from './unattended.ts';

type Parts = {
  session: Session;
  store: Store;
  rooms: OpenRooms;
  ice: Ice;
  files: Files;
  blocks: Blocks;
  tend: () => Promise<void>;
  unattended: Unattended;
};

/** The server is there (again): clocks, rooms and what it has to know of this device are brought up to date, one after the other. */
export async function welcomed(
  parts: Parts,
  { time, rooms: memberships, incarnation }: Extract<ServerFrame, { type: 'welcome' }>,
): Promise<void> {
  const { session, rooms, ice, files, blocks, unattended } = parts;
  session.clock.correct(time);
  const mine = new Set(memberships);
  // As of now: a room that is joined while this goes on was not among them yet.
  const lost = rooms.joined.filter(({ id }) => !mine.has(id));
  await unattended.run(() => ice.fetch()); // before the first offer is made
  if (unattended.stopped) return;
  await meetServer(parts, incarnation);
  for (const id of mine) rooms.enter(id);
  files.serverBack();
  await unattended.run(() => blocks.refresh());
  for (const room of lost) await room.expelled('removed');
  await unattended.run(() => refillKeyPackages(session.rest, session.sealer, session.me.device));
  void unattended.run(() => parts.tend());
}

/** Each start of the server is another incarnation: it may have come back from an older backup (delivery.md D11). */
async function meetServer({ store, rooms }: Parts, incarnation: string): Promise<void> {
  if ((await store.get<string>('meta', 'incarnation')) === incarnation) return;
  for (const room of rooms) await room.serverChanged();
  await store.write([{ table: 'meta', key: 'incarnation', value: incarnation }]);
}
