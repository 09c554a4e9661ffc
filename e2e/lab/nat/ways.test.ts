import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Person } from '../../person.ts';
import { Figures } from './figures.ts';
import { NatLab } from './nat-lab.ts';
import { NatWorld, type Ways } from './nat-world.ts';
import type { NatKind } from './rules.ts';
import { allHave, allReach, everybodyTalks, reaches } from './said.ts';
import { Turn } from './turn.ts';

const MINUTE = 60_000;
/** A connection without a path says so after 15 s. */
const HOPELESS_MS = 40_000;

/** As the outside sees either end: named by STUN, or found while trying. */
const byStun = { local: expect.stringMatching(/srflx|prflx/), remote: expect.stringMatching(/srflx|prflx/), protocol: 'udp' };

describe('ways from one browser to another behind real NATs', () => {
  const figures = new Figures();
  let lab: NatLab;
  let turn: Turn;
  let world: NatWorld | null = null;

  beforeAll(async () => {
    lab = await NatLab.up('cone', 'cone', 'cone');
    turn = await Turn.start(lab);
  });
  afterAll(async () => {
    figures.print('ways behind NATs');
    await turn?.stop();
    await lab?.down();
  });
  afterEach(async () => {
    const complaints = world?.complaints;
    await world?.end();
    world = null;
    for (const host of [0, 1, 2]) lab.firewall(host, 'open');
    expect(complaints).toEqual([]);
  });

  /** As many people as NATs. */
  async function begin(nats: NatKind[], ways: Ways): Promise<Person[]> {
    nats.forEach((kind, host) => lab.nat(host, kind));
    world = await NatWorld.begin(lab, turn, ways, ['ann', 'bob', 'cyd'].slice(0, nats.length));
    return world.people;
  }

  it('cone NATs: STUN is enough for a direct path, and nothing said is relayed', { timeout: 2 * MINUTE }, async () => {
    const people = await begin(['cone', 'cone'], { stun: true });
    figures.seconds('cone and cone by STUN: both in the room to direct', await allReach(people, 'direct'));
    for (const person of people) expect(await world!.paths(person)).toEqual([byStun]);
    const before = await world!.relayed();
    await allHave(people, await everybodyTalks(people, 10, 'directly'));
    expect((await world!.relayed()) - before).toBe(0);
  });

  it('the same NATs without STUN: there is no direct path, and the relay carries', { timeout: 2 * MINUTE }, async () => {
    const people = await begin(['cone', 'cone'], {});
    await allHave(people, await everybodyTalks(people, 5, 'at once'));
    await allReach(people, 'relay', HOPELESS_MS);
    expect(await world!.relayed()).toBeGreaterThanOrEqual(10);
    expect(await world!.paths(people[0]!)).toEqual([]);
  });

  it(
    'symmetric NATs, with one another and with a port-restricted one: TURN, and the members list says so',
    { timeout: 2 * MINUTE },
    async () => {
      const people = await begin(['symmetric', 'symmetric', 'port-restricted'], { stun: true, turn: ['udp'] });
      figures.seconds('symmetric, symmetric, port-restricted: all in the room to TURN', await allReach(people, 'turn'));
      for (const person of people) {
        const paths = await world!.paths(person);
        expect(paths).toHaveLength(2);
        for (const { local, remote } of paths) expect([local, remote]).toContain('relay');
      }
      await expect(people[0]!.by('member').filter({ hasText: 'Connected through TURN' }).count()).resolves.toBe(2);
      const before = await world!.relayed();
      await allHave(people, await everybodyTalks(people, 5, 'through TURN'));
      expect((await world!.relayed()) - before).toBe(0);
    },
  );

  it('port-restricted NATs among themselves: STUN is enough', { timeout: 2 * MINUTE }, async () => {
    const people = await begin(['port-restricted', 'port-restricted'], { stun: true, turn: ['udp'] });
    figures.seconds('port-restricted and port-restricted by STUN: to direct', await allReach(people, 'direct'));
    for (const person of people) expect(await world!.paths(person)).toEqual([byStun]);
  });

  it(
    'UDP blocked on one side: TURN over TCP; when that is closed as well, the relay, and nothing is lost',
    { timeout: 2 * MINUTE },
    async () => {
      const people = await begin(['cone', 'cone'], { stun: true, turn: ['udp', 'tcp'] });
      const [ann, bob] = people as [Person, Person];
      await allReach(people, 'direct');
      lab.firewall(1, 'no-udp');
      await bob.page.reload();
      await bob.enter('Lobby');
      figures.seconds('UDP blocked on one side: to TURN over TCP', await allReach(people, 'turn'));
      expect((await world!.paths(bob)).map(({ local, protocol }) => `${local} ${protocol}`)).toEqual(['relay tcp']);
      const words = await everybodyTalks(people, 10, 'over TCP');
      await allHave(people, words);
      lab.firewall(1, 'web-only');
      const more = await everybodyTalks(people, 10, 'by the relay');
      figures.seconds('TURN closed while all talk: until everybody has everything', await allHave(people, [...words, ...more]));
      await reaches(ann, bob, 'relay', 80_000);
    },
  );

  it('UDP blocked and no TURN at all: the relay carries everything, once', { timeout: 2 * MINUTE }, async () => {
    lab.firewall(0, 'no-udp');
    const people = await begin(['cone', 'cone'], { stun: true });
    const words = await everybodyTalks(people, 10, 'while it is tried');
    await allReach(people, 'relay', HOPELESS_MS);
    const more = await everybodyTalks(people, 10, 'by the relay');
    await allHave(people, [...words, ...more]);
    expect(await world!.relayed()).toBeGreaterThanOrEqual(40);
  });
});
