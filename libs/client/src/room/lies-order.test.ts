import { beforeAll, describe, expect, it } from 'vitest';
import { encodeParts } from '../../../protocol/src/index.ts';
import type { Mail, Member } from './lying-server.ts';
import { allSplit, expectEqual, placeOf, sees, talk } from './test-comparing.ts';
import { base, clerkCommits, scene, type Base, type Scene } from './test-scene.ts';
import { shuffled, trials } from './test-trials.ts';

const patience = 120_000;
let open: Base;
beforeAll(async () => {
  open = await base({ by: 'open' });
}, patience);

describe('a server that carries what is true', () => {
  it(
    'again and again: commits, envelopes and Welcomes change nothing the second time',
    async () => {
      await trials('replay', 10, async (random, seed) => {
        const story = await scene(open);
        const { server, members } = story;
        const kept: Mail[] = [];
        server.post = (mail) => {
          kept.push(...mail.filter(({ kind }) => kind !== 'status'));
          const again = kept.filter(() => random() < 0.2);
          return [...mail, ...(mail.length > 0 ? again : [])];
        };
        await talk(story, random, seed, 4);
        server.post = (mail) => mail;
        for (const { bring } of shuffled(kept, random)) bring();
        replayWelcome(story, members[Math.floor(random() * members.length)]!);
        await server.settle(20);
        await expectEqual(story);
        expect((await Promise.all(members.map(sees))).includes(true)).toBe(false);
        server.stop();
      });
    },
    patience,
  );

  it(
    'in another order: everybody has the same in the end',
    async () => {
      await trials('reorder', 10, async (random, seed) => {
        const story = await scene(open);
        const { server } = story;
        const held: Mail[] = [];
        server.post = (mail) => {
          held.push(...mail);
          const now = shuffled(held, random).filter(() => random() < 0.4);
          for (const one of now) held.splice(held.indexOf(one), 1);
          return now;
        };
        await talk(story, random, seed, 5);
        const late = shuffled(held, random);
        server.post = (mail) => mail;
        for (const { bring } of late) bring();
        await server.settle(30);
        await expectEqual(story);
        server.stop();
      });
    },
    patience,
  );
});

describe('a server that goes back', () => {
  it(
    'to another commit for the same epoch, for some: nobody reads across, and all who can compare see it',
    async () => {
      await trials('fork', 50, async (random, seed) => {
        const story = await scene(open);
        const { server, members } = story;
        const other = await scene(open); // the same room in the same state: its clerk makes another commit
        const [apart, ...others] = shuffled(members, random);
        await clerkCommits({ ...other, members: [apart!] });
        const { bundle, signature, epoch } = other.server.truth.log.at(-1)!;
        server.tellCommit([apart!], bundle.commit, signature, epoch);
        await clerkCommits({ ...story, members: others });
        await server.settle(30);
        const until = Date.now() + 25_000; // members compare a second after a commit
        while (Date.now() < until && !(await allSplit(members))) await server.settle(50);
        for (const member of members) {
          expect(await member.notices(), `member ${member.place}`).toContain('split');
          await member.room.say(`${seed} after the split by ${member.place}`);
        }
        await server.settle(30);
        const sealed = await Promise.all(members.map((member) => member.states()));
        expect(sealed.map((states) => states.at(-1))).toEqual(members.map(() => ({ state: 'waiting', why: 'split' })));
        other.server.stop();
        server.stop();
      });
    },
    patience,
  );

  it(
    'to an older epoch: nobody follows it',
    async () => {
      await trials('roll back', 10, async (random, seed) => {
        const story = await scene(open);
        const { server, members } = story;
        const older = server.groupStatus;
        await talk(story, random, seed, 3);
        await expectEqual(story); // what is on its way still would move them
        const before = await Promise.all(members.map(placeOf));
        const first = server.truth.log.at(-1)!;
        for (const member of shuffled(members, random)) {
          member.hears({ type: 'group', room: member.id, group: older });
          member.log.set(99, encodeParts([first.bundle.commit, first.signature]));
          member.hears({ type: 'committed', room: member.id, pos: 99, generation: 0, epoch: first.epoch, as: 'commit' });
        }
        await server.settle(30);
        expect(await Promise.all(members.map(placeOf))).toEqual(before);
        await members[1]!.room.say(`${seed} still here`);
        await server.settle(30);
        await expectEqual(story);
        server.stop();
      });
    },
    patience,
  );
});

function replayWelcome({ server: { truth } }: Scene, to: Member): void {
  const { bundle, epoch } = truth.log.find((one) => one.bundle.welcome.length > 0)!;
  to.log.set(1_000, encodeParts([bundle.welcome, bundle.groupInfo, new Uint8Array()]));
  to.hears({ type: 'committed', room: truth.room, pos: 1_000, generation: 0, epoch, as: 'welcome' });
  to.hears({ type: 'committed', room: truth.room, pos: 1_000, generation: 0, epoch: epoch + 50, as: 'welcome' });
}
