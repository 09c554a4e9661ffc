import { beforeAll, describe, expect, it } from 'vitest';
import type { Mail } from './lying-server.ts';
import { lacks, patiently, talk } from './test-comparing.ts';
import { base, clerkCommits, scene, type Base } from './test-scene.ts';
import { trials } from './test-trials.ts';

const patience = 120_000;
let open: Base;
beforeAll(async () => {
  open = await base({ by: 'open' });
}, patience);

describe('a server that keeps some of it back', () => {
  it(
    'envelopes from anybody, or commits from one: who lacks words gets them from others, or sees that they are missing',
    async () => {
      const outcomes: string[] = [];
      await trials('drop', 100, async (random, seed) => {
        const story = await scene(open);
        const { server, members } = story;
        const [keepsCommits, relents] = [random() < 0.4, random() < 0.5];
        const victim = members[Math.floor(random() * members.length)]!;
        const passes = ({ kind, to }: Mail) =>
          keepsCommits ? kind === 'envelope' || to !== victim : kind !== 'envelope' || random() > 0.3;
        server.post = (mail) => mail.filter(passes);
        await talk(story, random, seed, 4);
        if (relents && !keepsCommits) server.post = (mail) => mail;
        await clerkCommits(story); // after which members compare how far they are
        await patiently(story);
        const lost = await lacks(story);
        expect(lost.filter((one) => one.lacks.length > 0 && !one.sees)).toEqual([]);
        outcomes.push(lost.every((one) => one.lacks.length === 0) ? 'healed' : 'shown');
        server.stop();
      });
      console.log('drop', { healed: outcomes.filter((one) => one === 'healed').length, of: outcomes.length });
    },
    patience,
  );
});
