import { describe, expect, it } from 'vitest';
import { decodeContent, type Content } from '../../../protocol/src/index.ts';
import { SealError, type Roster } from '../sealing/sealer.ts';
import { direct, world } from '../sealing/test-world.ts';
import { openMemoryStore } from '../storage/memory-store.ts';
import { Rekeying } from './rekeying.ts';

const psk = new Uint8Array(32).fill(5);
const other = new Uint8Array(32).fill(6);

async function member(entry: Parameters<typeof world>[2] = { by: 'password' }) {
  const { server, devices } = await world(2, direct, entry);
  const { sealer } = devices[0]!;
  const told: Content[] = [];
  const commits: (number | undefined)[] = [];
  const fails = { next: false };
  const ctx = { room: server.room, store: openMemoryStore(), sealer };
  const committing = {
    commit: async (_roster: Roster, _packages: Uint8Array[], { password }: { password?: number }) => {
      if (fails.next) throw new SealError('invalid-commit', 'lost a race');
      commits.push(password);
    },
  };
  const hooks = {
    announce: async (content: Uint8Array) => void told.push(decodeContent(content)),
    mayRekey: (user: string) => user === 'owner',
  };
  const open = async () => {
    const rekeying = new Rekeying(ctx as never, committing as never, hooks);
    await rekeying.load();
    return rekeying;
  };
  const roster = (await sealer.roster(server.room))!;
  return { sealer, room: server.room, told, commits, fails, open, roster };
}

describe('a change of the room’s password', () => {
  it('is told to all who are in, then committed, and told once, over a restart too', async () => {
    const { open, told, commits, fails, roster, sealer, room } = await member();
    const begun = await open();
    await begun.begin(2, psk);
    expect(await sealer.passwordVersion(room)).toBe(2);
    fails.next = true;
    await expect((await open()).goOn(roster)).rejects.toMatchObject({ code: 'invalid-commit' });
    fails.next = false;
    const again = await open();
    expect(again.pending).toBe(true);
    await again.goOn(roster);
    expect(told).toEqual([{ kind: 'password', version: 2, psk }]);
    expect(commits).toEqual([2]);
    expect((await open()).pending).toBe(false);
  });

  it('is taken from an owner, for a later version than is held, and nowhere but in a room with a password', async () => {
    const { open, roster, sealer, room } = await member();
    const rekeying = await open();
    expect(await rekeying.told('somebody', roster, 2, psk)).toBe(false);
    expect(await rekeying.told('owner', roster, 1, other)).toBe(false);
    expect(await rekeying.told('owner', null, 2, psk)).toBe(false);
    expect(await sealer.passwordVersion(room)).toBe(1);
    expect(await rekeying.told('owner', roster, 2, psk)).toBe(true);
    expect(await rekeying.told('owner', roster, 2, other)).toBe(false);
    expect(await sealer.passwordVersion(room)).toBe(2);
    const unlocked = await member({ by: 'closed' });
    expect(await (await unlocked.open()).told('owner', unlocked.roster, 2, psk)).toBe(false);
  });
});
