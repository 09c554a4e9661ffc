import type { Entry } from '../../../protocol/src/index.ts';
import { memoryDisk, openMemoryStore, type MemoryDisk } from '../storage/memory-store.ts';
import { MlsSealer } from './mls-sealer.ts';
import type { CommitOptions, EpochChange, Identity, Sealer } from './sealer.ts';
import { TestServer } from './test-server.ts';

/** One device of a story: its sealer, and the disk it would find after a crash. */
export type Device = { sealer: Sealer; identity: Identity; disk: MemoryDisk };

export type MakeSealer = (disk: MemoryDisk) => Sealer;
export const direct: MakeSealer = (disk) => new MlsSealer(openMemoryStore(disk));

export async function newDevice(make: MakeSealer = direct, user: string = crypto.randomUUID()): Promise<Device> {
  const disk = memoryDisk();
  const sealer = make(disk);
  return { sealer, disk, identity: await sealer.enroll(user) };
}

/** The process died; what the store holds is all there is. */
export function reload(device: Device, make: MakeSealer = direct): void {
  device.sealer = make(device.disk);
}

/** What everybody types who knows the room's password. */
export const rightPsk = new Uint8Array(32).fill(7);

/** A room whose first device founded the group and added the others by key package. In a room with a password all know it. */
export async function world(
  count: number,
  make: MakeSealer = direct,
  entry: Entry = { by: 'open' },
): Promise<{ server: TestServer; devices: Device[] }> {
  const server = await TestServer.start(undefined, entry);
  const devices = await Promise.all(Array.from({ length: count }, () => newDevice(make)));
  if (entry.by === 'password') await Promise.all(devices.map(({ sealer }) => sealer.setPassword(server.room, 1, rightPsk)));
  const [first, ...others] = devices;
  await server.found((await first!.sealer.found(server.room, 0, server.serverKey, server.entry)).groupInfo);
  await first!.sealer.confirm(server.room, 0, 0);
  if (others.length > 0) await add(server, first!, others, [first!]);
  return { server, devices };
}

/** `by` adds devices by fresh key packages; `members` (with `by` among them) follow, the new ones join by Welcome. */
export async function add(server: TestServer, by: Device, newcomers: Device[], members: Device[]): Promise<void> {
  const packages = await Promise.all(newcomers.map(async ({ sealer }) => (await sealer.keyPackages(1, false)).packages[0]!));
  await commit(server, by, members, packages);
  const { bundle } = server.log.at(-1)!;
  await Promise.all(newcomers.map(({ sealer }) => sealer.joinByWelcome(server.room, bundle.welcome, bundle.groupInfo, server.serverKey)));
}

/** `by` commits what is pending, the server orders it, all `members` follow. */
export async function commit(
  server: TestServer,
  by: Device,
  members: Device[],
  packages: Uint8Array[] = [],
  options?: CommitOptions,
): Promise<EpochChange> {
  const bundle = await by.sealer.commit(server.room, packages, options);
  const { epoch } = await server.order(bundle);
  const change = await by.sealer.confirm(server.room, server.group.generation, epoch);
  if (change === null) throw new Error('nothing was pending');
  await follow(
    server,
    members.filter((device) => device !== by),
  );
  return change;
}

/** Everybody applies the newest commit. */
export async function follow(server: TestServer, members: Device[]): Promise<(EpochChange | null)[]> {
  const { bundle, signature } = server.log.at(-1)!;
  return Promise.all(members.map(({ sealer }) => sealer.apply(server.room, bundle.commit, signature)));
}

/** A device comes in, or comes back, by external commit. */
export async function joinByCommit(server: TestServer, device: Device, members: Device[], resync = false): Promise<EpochChange> {
  const admission = await server.admit(device.identity);
  const bundle = await device.sealer.joinByCommit(server.room, server.groupInfo, admission, server.serverKey, resync);
  const { epoch } = await server.order(bundle);
  const change = await device.sealer.confirm(server.room, server.group.generation, epoch);
  if (change === null) throw new Error('nothing was pending');
  await follow(server, members);
  return change;
}

const utf8 = new TextEncoder();
export const words = (text: string) => utf8.encode(text);
export const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** One says something, all others open it. */
export async function tell(server: TestServer, from: Device, to: Device[], said: string): Promise<string[]> {
  const { ciphertext } = await from.sealer.seal(server.room, words(said), words('about'));
  return Promise.all(to.map(async ({ sealer }) => text((await sealer.open(server.room, ciphertext)).content)));
}
