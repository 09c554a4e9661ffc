import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../person.ts';
import { Figures } from './figures.ts';
import { NatLab } from './nat-lab.ts';
import { NatWorld } from './nat-world.ts';
import { allHave, allReach, everybodyTalks, reaches, reachOf, shown, textsOf, timeUntil } from './said.ts';
import { Turn } from './turn.ts';

const MINUTE = 60_000;
const NAMES = ['ann', 'bob', 'cyd'];
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('three who are connected directly through cone NATs, when the network fails', () => {
  const figures = new Figures();
  let lab: NatLab;
  let turn: Turn;
  let world: NatWorld;
  let people: [ann: Person, bob: Person, cyd: Person];

  beforeAll(async () => {
    lab = await NatLab.up('cone', 'cone', 'cone');
    turn = await Turn.start(lab);
  });
  afterAll(async () => {
    figures.print('faults behind NATs');
    await turn?.stop();
    await lab?.down();
  });
  beforeEach(async () => {
    world = await NatWorld.begin(lab, turn, { stun: true }, NAMES);
    people = world.people as typeof people;
    await allReach(people, 'direct');
  });
  afterEach(async () => {
    const { complaints } = world;
    await world.end();
    for (const host of NAMES.keys()) {
      lab.firewall(host, 'open');
      lab.line(host, {});
    }
    expect(complaints).toEqual([]);
  });

  it(
    'the direct path dies in silence, the server is still there: the next words come by the relay (MESH3)',
    { timeout: 2 * MINUTE },
    async () => {
      const [ann, bob, cyd] = people;
      lab.firewall(1, 'no-udp');
      const pulled = performance.now();
      await Promise.all([ann.say('ann is heard'), bob.say('bob is heard'), cyd.say('cyd is heard')]);
      await Promise.all([shown(bob, 'ann is heard'), shown(bob, 'cyd is heard'), shown(ann, 'bob is heard'), shown(cyd, 'bob is heard')]);
      const took = performance.now() - pulled;
      figures.seconds('direct path cut: pulled to shown', took);
      expect(took).toBeLessThan(10_000);
      await timeUntil('the path is no longer called direct', async () => (await reachOf(ann, bob)) !== 'direct', 10_000);
      figures.seconds('direct path cut: pulled to no longer called direct', performance.now() - pulled);
      expect(await reachOf(ann, cyd)).toBe('direct');
      // What is known to be suspect is not tried alone any more: the relay has it at once.
      await ann.say('ann again');
      figures.seconds('said to a suspect: to shown', await shown(bob, 'ann again', 10_000));

      await pause(10_000);
      lab.firewall(1, 'open');
      figures.seconds('direct path healed: to all direct again', await allReach(people, 'direct', 60_000));
      const before = await world.relayed();
      const more = await everybodyTalks(people, 3, 'is direct again');
      await allHave(people, ['ann is heard', 'bob is heard', 'cyd is heard', 'ann again', ...more]);
      expect((await world.relayed()) - before).toBe(0);
    },
  );

  it('one is cut off from everything and comes back: the others do not notice, and nothing is lost', { timeout: 2 * MINUTE }, async () => {
    const [ann, bob, cyd] = people;
    lab.line(1, { lossPercent: 100 });
    const pulled = performance.now();
    await Promise.all([ann.say('ann to both'), bob.say('bob into the void')]);
    await shown(cyd, 'ann to both', 2_000);
    figures.seconds('one cut off: the others hear each other after', performance.now() - pulled);
    await pause(20_000);
    const words = ['ann to both', 'bob into the void', ...(await everybodyTalks([ann, cyd], 5, 'meanwhile'))];
    expect(await reachOf(ann, bob)).not.toBe('direct');
    lab.line(1, {});
    figures.seconds('cut off for 20 s, cable back: until everybody has everything', await allHave(people, words, 60_000));
    figures.seconds('… and until all are direct again, after that', await allReach(people, 'direct', 60_000));
  });

  it('10 % loss and 100 ms each way: 50 messages from each, all at once, each exactly once', { timeout: 3 * MINUTE }, async () => {
    lab.line(1, { delayMs: 100, lossPercent: 10 });
    const words = await everybodyTalks(people, 50, 'through the storm');
    figures.seconds('10 % loss, 100 ms delay, 3 × 50 messages: last said to all shown', await allHave(people, words, 90_000));
    expect(await textsOf(people[1])).toHaveLength(150);
  });

  it('a narrow line: 256 kbit/s and 50 ms, 30 messages from each', { timeout: 2 * MINUTE }, async () => {
    lab.line(2, { delayMs: 50, rateMbit: 0.256 });
    const words = await everybodyTalks(people, 30, 'through the straw');
    figures.seconds('256 kbit/s, 3 × 30 messages: last said to all shown', await allHave(people, words, 60_000));
    expect(await textsOf(people[2])).toHaveLength(90);
  });

  it(
    'another network: the link goes down and comes back with another address, and all are direct again',
    { timeout: 2 * MINUTE },
    async () => {
      const [ann, bob] = people;
      const words = await everybodyTalks(people, 2, 'before the move');
      await lab.move(1, 3_000);
      const moved = performance.now();
      await bob.say('bob has moved');
      await ann.say('ann stayed');
      figures.seconds('new address: until both have been heard', await allHave(people, [...words, 'bob has moved', 'ann stayed'], 60_000));
      await allReach(people, 'direct', 60_000);
      figures.seconds('new address: until all are direct again', performance.now() - moved);
      expect(await world.paths(bob)).toHaveLength(2);
    },
  );

  it('the server is gone for 30 s: people go on talking and see a banner, nothing more', { timeout: 2 * MINUTE }, async () => {
    await world.server.kill();
    const words: string[] = [];
    for (let round = 0; round < 5; round++) {
      const said = await everybodyTalks(people, 2, `without a server, round ${round},`);
      words.push(...said);
      figures.seconds(`no server, round ${round + 1}: last said to all shown`, await allHave(people, words, 5_000));
      await pause(6_000);
    }
    for (const person of people) {
      await timeUntil('the banner says so', async () => (await person.by('connection-banner').innerText()) !== '', 15_000);
      for (const other of people) if (other !== person) expect(await reachOf(person, other)).toBe('direct');
      expect(await person.page.getByRole('alert').count()).toBe(0);
      expect(await person.page.getByRole('dialog').count()).toBe(0);
    }
    await world.server.start();
    figures.seconds('server back: until every banner is gone', await everyBannerGone());
    words.push(...(await everybodyTalks(people, 2, 'with it again')));
    await allHave(people, words);
    await reaches(people[0], people[1], 'direct');
  });

  async function everyBannerGone(): Promise<number> {
    const begun = performance.now();
    for (const person of people)
      await timeUntil('the banner is gone', async () => (await person.by('connection-banner').innerText()) === '', 40_000);
    return performance.now() - begun;
  }
});
