import { expect as shownOn } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Person } from '../../person.ts';
import { NatLab } from './nat-lab.ts';
import { NatWorld } from './nat-world.ts';
import { allHave, allReach, everybodyTalks } from './said.ts';
import { Turn } from './turn.ts';

const MINUTE = 60_000;
const address = /typ (host|srflx|prflx)/;

/** Everything this person's page sends over its socket from the next load on. */
function overheard(person: Person): string[] {
  const sent: string[] = [];
  person.page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
  return sent;
}

describe('a hidden address behind real NATs, with the TURN server that Conclave ships', () => {
  let lab: NatLab;
  let turn: Turn;
  let world: NatWorld;

  beforeAll(async () => {
    lab = await NatLab.up('cone', 'cone');
    turn = await Turn.start(lab);
    world = await NatWorld.begin(lab, turn, { stun: true, turn: ['udp'] }, ['ann', 'bob']);
  }, 3 * MINUTE);
  afterAll(async () => {
    await world?.end();
    await turn?.stop();
    await lab?.down();
  });

  it(
    'leaves in no signal: who was reached directly is reached over TURN at once, and directly again (MESH10)',
    { timeout: 4 * MINUTE },
    async () => {
      const [ann, bob] = world.people as [Person, Person];
      const sent = overheard(ann);
      await ann.page.reload();
      await allReach([ann, bob], 'direct');
      expect(sent.join('\n')).toMatch(address); // the test can see what it looks for
      sent.length = 0;
      await ann.by('room-menu').click();
      await ann.by('hide-address').click();
      await allReach([ann, bob], 'turn');
      expect(sent.join('\n')).toMatch(/typ relay/);
      expect(sent.join('\n')).not.toMatch(address);
      expect(await world.paths(ann)).toEqual([{ local: 'relay', remote: expect.any(String), protocol: 'udp' }]);
      await ann.page.reload(); // it is kept
      await allReach([ann, bob], 'turn');
      expect(sent.join('\n')).not.toMatch(address);
      await allHave([ann, bob], await everybodyTalks([ann, bob], 5, 'unseen'));
      await ann.by('room-menu').click();
      await shownOn(ann.by('hide-address')).toHaveAttribute('aria-checked', 'true');
      await ann.by('hide-address').click();
      await allReach([ann, bob], 'direct');
    },
  );
});

describe('back into the mesh by hand behind real NATs', () => {
  let lab: NatLab;
  let turn: Turn;
  let world: NatWorld;

  beforeAll(async () => {
    lab = await NatLab.up('port-restricted', 'port-restricted');
    turn = await Turn.start(lab);
    world = await NatWorld.begin(lab, turn, { stun: true }, ['ann', 'bob']);
  }, 3 * MINUTE);
  afterAll(async () => {
    await world?.end();
    await turn?.stop();
    await lab?.down();
  });

  it(
    'opens though the answer is carried for longer than a hole in a NAT stays open by itself (P-26)',
    { timeout: 4 * MINUTE },
    async () => {
      const [ann, bob] = world.people as [Person, Person];
      await allReach([ann, bob], 'direct');
      await world.server.kill();
      // Her link ends, and with nobody to pass signals it cannot come back by itself.
      await ann.relayOnly(false);
      const offer = await ann.page.evaluate(async () => (await globalThis.conclaveStories!.client.offerByHand()).text);
      const { text, name } = await bob.page.evaluate((given) => globalThis.conclaveStories!.client.answerByHand(given), offer);
      expect(name).toBe('Ann');
      await ann.page.waitForTimeout(40_000);
      await ann.page.evaluate((given) => globalThis.conclaveStories!.client.acceptByHand(given), text);
      await allReach([ann, bob], 'direct');
      await allHave([ann, bob], await everybodyTalks([ann, bob], 5, 'without a server'));
      for (const { local, remote, protocol } of await world.paths(ann)) {
        expect([local, remote].join()).toMatch(/srflx|prflx/);
        expect(protocol).toBe('udp');
      }
    },
  );
});
