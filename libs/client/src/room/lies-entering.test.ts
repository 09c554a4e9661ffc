import { beforeAll, describe, expect, it } from 'vitest';
import { toBase64url, type Entry } from '../../../protocol/src/index.ts';
import { leavesOf, openGroupInfo } from '../sealing/test-server.ts';
import { openMemoryStore } from '../storage/memory-store.ts';
import { loadOwnKeys } from '../sealing/identity.ts';
import { commitExternally } from '../sealing/mls/join-by-commit.ts';
import { base, ghostOf, openedBy, scene, wrongGuess, type Base, type Scene } from './test-scene.ts';
import { trials } from './test-trials.ts';

/** Trials of one test at a time: what they wait for is mostly the turn of a member to commit. */
const atOnce = 20;
const patience = 120_000;

const two = [crypto.randomUUID(), crypto.randomUUID()].sort() as [string, string];
const entries: Entry[] = [{ by: 'open' }, { by: 'password' }, { by: 'closed' }, { by: 'direct', users: two }];
const bases: Base[] = [];
beforeAll(async () => {
  for (const entry of entries) bases.push(await base(entry));
}, patience);

const noticed = async ({ members }: Scene, kinds: string[]) => {
  const shown = await Promise.all(members.map((member) => member.notices()));
  return shown.every((notices) => notices.some((kind) => kinds.includes(kind)));
};

/** Everybody speaks; what the ghost then opens was shown to everybody before, and never in a room that is not open. */
async function nothingUnseen(story: Scene, ghost: Parameters<typeof openedBy>[0], shownAs: string[], seed: number) {
  const { server, members } = story;
  const { entry } = server.truth;
  await server.settle(60); // whose turn it is commits what the server wants
  await server.settle(600);
  for (const member of members) await member.room.say(`secret ${seed} ${member.place}`);
  await server.settle(60);
  const inside = (await leavesOf(server.truth.group)).some(({ device }) => device === ghost.identity.device);
  if (entry.by === 'closed') expect(inside, 'nobody let the ghost in').toBe(false);
  const opened = (await openedBy(ghost, server)).filter((said) => said.includes('secret'));
  if (opened.length === 0) return 'refused';
  expect(entry.by, `the ghost opens ${opened.length}`).toBe('open');
  expect(await noticed(story, shownAs), 'everybody sees who came').toBe(true);
  return 'shown';
}

describe('a server that adds somebody', () => {
  it(
    'a ghost account, or a ghost device of a known account: refused, or shown to all, and never read to in rooms that are not open',
    async () => {
      const outcomes = new Map<string, number>();
      await trials('ghost', atOnce, async (random, seed) => {
        const from = bases[Math.floor(random() * bases.length)]!;
        const story = await scene(from);
        const { server, members } = story;
        const victim = members[Math.floor(random() * members.length)]!.device.identity;
        const known = random() < 0.5;
        const guess = random() < 0.5 ? wrongGuess : null;
        const { ghost, keyPackage } = await ghostOf(known ? victim.user : crypto.randomUUID(), guess, server.truth.room);
        if (random() < 0.5) {
          server.keyPackages.set(ghost.identity.device, keyPackage);
          server.status = { removing: [], adding: [ghost.identity.device], invited: [] };
          server.tellStatus();
        } else await forceIn(story, ghost);
        const outcome = await nothingUnseen(story, ghost, ['joined'], seed);
        const what = `${server.truth.entry.by}, ${known ? 'known' : 'new'} account: ${outcome}`;
        outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
        server.stop();
      });
      console.log(Object.fromEntries(outcomes));
      expect([...outcomes.keys()].filter((what) => what.includes('known account: shown'))).toEqual([]);
    },
    patience,
  );

  it(
    'another account key for a known person: refused, or shown to all, and never read to in rooms that are not open',
    async () => {
      const outcomes = new Map<string, number>();
      await trials('swapped key', atOnce, async (random, seed) => {
        const from = bases[Math.floor(random() * bases.length)]!;
        const story = await scene(from);
        const { server, members } = story;
        const victim = members[members.length - 1]!;
        const { identity } = victim.device;
        const { ghost, keyPackage } = await ghostOf(identity.user, random() < 0.5 ? wrongGuess : null, server.truth.room);
        server.keyPackages.set(ghost.identity.device, keyPackage);
        // It takes the person's device out, which it may, and brings its own in their name; they themselves hear of nothing.
        const proposal = toBase64url(await server.truth.removal(identity.device));
        server.status = { removing: [{ device: identity.device, proposal }], adding: [ghost.identity.device], invited: [] };
        server.post = (mail) => mail.filter(({ to }) => to !== victim);
        server.tellStatus();
        const rest = { ...story, members: members.filter((member) => member !== victim) };
        const outcome = await nothingUnseen(rest, ghost, ['key-changed'], seed);
        const what = `${server.truth.entry.by}: ${outcome}`;
        outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
        server.stop();
      });
      console.log(Object.fromEntries(outcomes));
      expect([...outcomes.keys()].filter((what) => what.endsWith('shown'))).toEqual(['open: shown']);
    },
    patience,
  );
});

/** The server signs and hands out an external commit that it would have to refuse. */
async function forceIn({ server, members }: Scene, ghost: Parameters<typeof openedBy>[0]): Promise<void> {
  const { truth } = server;
  const own = (await loadOwnKeys(openMemoryStore(ghost.disk, ghost.disk.term)))!;
  const { group, externalPub } = await openGroupInfo(truth.groupInfo, truth.serverKey);
  const admission = await truth.admit(ghost.identity);
  const { bundle } = await commitExternally(own, group, externalPub, undefined, admission);
  const ordered = await ghost.sealer.joinByCommit(truth.room, truth.groupInfo, admission, truth.serverKey, false).catch(() => null);
  const { commit } = ordered ?? bundle;
  const epoch = truth.group.epoch + 1;
  if (ordered) await ghost.sealer.confirm(truth.room, 0, epoch);
  server.tellCommit(members, commit, await truth.signOrder(commit, epoch), epoch);
}
