import { describe, expect, it } from 'vitest';
import type { GroupStatus } from '../../../protocol/src/index.ts';
import { MlsSealer } from '../sealing/mls-sealer.ts';
import { openMemoryStore } from '../storage/memory-store.ts';
import { Serial } from '../serial.ts';
import { Group } from './group.ts';

const room = '22222222-2222-4222-8222-222222222222';
const unfounded = (generation: number): GroupStatus => ({ generation, epoch: -1, removing: [], adding: [], invited: [] });

/** A device alone before a server that orders everything, and tells of it only when the story does. Real sealer, fake server. */
async function alone() {
  const sealer = new MlsSealer(openMemoryStore());
  await sealer.enroll('33333333-3333-4333-8333-333333333333');
  const serial = new Serial();
  const ordered: string[] = [];
  const identity = (await sealer.identity())!;
  const ctx = {
    room,
    store: openMemoryStore(),
    sealer,
    me: identity,
    serverKey: () => new Uint8Array(32).fill(7),
    socket: { online: true, send: () => true },
    relay: { acknowledgeCommit: () => undefined },
    rest: { as: async (_method: string, path: string) => ({ pos: ordered.push(path), generation: generation.now, epoch: 0 }) },
    soon: (task: () => Promise<void>) => void serial.run(task),
    broken: (error: unknown) => expect.fail(String(error)),
  };
  const generation = { now: 0 };
  const nothing = async () => undefined;
  const group = new Group(ctx as never, {
    changed: nothing,
    ready: nothing,
    online: () => [identity.device],
    urgent: () => false,
    about: () => ({ kind: 'open', with: null, passwordVersion: 0 }),
    shunned: () => false,
    announce: nothing,
    mayRekey: () => false,
  });
  const settled = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    await serial.idle();
  };
  return { group, ordered, generation, settled };
}

describe('the founder of a group', () => {
  it('is ready at once and founds nothing twice, though the server’s word on it is late', async () => {
    const { group, ordered, settled } = await alone();
    await group.joined(unfounded(0));
    await settled();
    expect(group.phase).toBe('ready');
    for (let i = 0; i < 3; i++) {
      group.nudge();
      await settled();
    }
    expect(ordered).toEqual([`/api/rooms/${room}/group`]);
    expect(group.phase).toBe('ready');
    group.stop();
  });

  it('founds anew when the server says that every leaf of the old group must go', async () => {
    const { group, ordered, generation, settled } = await alone();
    await group.joined(unfounded(0));
    await settled();
    generation.now = 1;
    await group.told(unfounded(1));
    await settled();
    expect(ordered).toHaveLength(2);
    expect(group.roster?.generation).toBe(1);
    group.stop();
  });
});
