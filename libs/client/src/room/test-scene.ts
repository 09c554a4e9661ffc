import type { Entry } from '../../../protocol/src/index.ts';
import { commit, direct, newDevice, rightPsk, text, world, type Device } from '../sealing/test-world.ts';
import { TestServer } from '../sealing/test-server.ts';
import { copyOf, LyingServer, type Member } from './lying-server.ts';

/** A room as three honest people have it, who know each other; and a device of a fourth that only commits. Trials begin from copies. */
export type Base = { truth: TestServer; devices: Device[]; clerk: Device };
export type Scene = { server: LyingServer; members: Member[]; clerk: Device };

export async function base(entry: Entry): Promise<Base> {
  const { truth, devices, clerk } = await founded(entry);
  const server = new LyingServer(truth, false);
  devices.forEach((device) => server.admit(device));
  await server.begin();
  await clerkCommits({ server, members: server.members, clerk });
  await server.settle();
  for (const member of server.members) {
    await member.room.say(`hello from ${member.place}`);
    await server.settle();
  }
  server.stop();
  return { truth, devices: server.members.map(({ device }) => device), clerk };
}

async function founded(entry: Entry): Promise<Base> {
  if (entry.by !== 'direct') {
    const { server, devices } = await world(4, direct, entry);
    return { truth: server, devices: devices.slice(0, 3), clerk: devices[3]! };
  }
  // Two people: the clerk is a second device of the first.
  const truth = await TestServer.start(undefined, entry);
  const [ann, bob] = [await newDevice(direct, entry.users[0]), await newDevice(direct, entry.users[1])];
  await truth.found((await ann.sealer.found(truth.room, 0, truth.serverKey, entry)).groupInfo);
  await ann.sealer.confirm(truth.room, 0, 0);
  const clerk = await newDevice();
  const code = 'ABCDEFGHJKMNPQRSTVWX';
  const request = await clerk.sealer.requestLink(code, entry.users[0]);
  clerk.identity = await clerk.sealer.acceptLink(code, await ann.sealer.answerLink(code, request));
  const packages = await Promise.all([bob, clerk].map(async ({ sealer }) => (await sealer.keyPackages(1, false)).packages[0]!));
  await commit(truth, ann, [ann], packages);
  const { bundle } = truth.log.at(-1)!;
  for (const { sealer } of [bob, clerk]) await sealer.joinByWelcome(truth.room, bundle.welcome, bundle.groupInfo, truth.serverKey);
  return { truth, devices: [ann, bob], clerk };
}

/** Another copy of what the base was when it was made. */
export async function scene({ truth, devices, clerk }: Base, linked = true): Promise<Scene> {
  const server = new LyingServer(truth.fork(), linked);
  devices.forEach((device) => server.admit(device));
  await server.begin();
  return { server, members: server.members, clerk: copyOf(clerk) };
}

/** The fourth commits, and the server tells the members of it (by its `post`). */
export async function clerkCommits({ server, members, clerk }: Scene, packages: Uint8Array[] = []): Promise<void> {
  const { truth } = server;
  const before = truth.group.epoch;
  await commit(truth, clerk, [clerk], packages);
  const { bundle, signature } = truth.log.at(-1)!;
  server.tellCommit(members, bundle.commit, signature, before + 1);
  server.tellStatus();
}

/** The server's own device in somebody's name (of a user id that it chooses), with its key package; it knows no password. */
export async function ghostOf(user: string, guess: Uint8Array | null, room: string): Promise<{ ghost: Device; keyPackage: Uint8Array }> {
  const ghost = await newDevice(direct, user);
  if (guess) await ghost.sealer.setPassword(room, 1, guess);
  return { ghost, keyPackage: (await ghost.sealer.keyPackages(1, false)).packages[0]! };
}

export const wrongGuess = rightPsk.map((byte) => byte ^ 1);

/** All that the ghost can open of what was ever sealed. */
export async function openedBy(ghost: Device, { truth, heard }: LyingServer): Promise<string[]> {
  const opened: string[] = [];
  for (const { bundle } of truth.log)
    if (bundle.welcome.length > 0)
      await ghost.sealer.joinByWelcome(truth.room, bundle.welcome, bundle.groupInfo, truth.serverKey).catch(() => undefined);
  for (const ciphertext of heard)
    await ghost.sealer.open(truth.room, ciphertext).then(
      ({ content }) => opened.push(text(content)),
      () => undefined,
    );
  return opened;
}
