import { sleep } from '../load.ts';
import type { Random } from '../random.ts';
import type { BrowserMember } from './browser-member.ts';
import type { BrowserWorld } from './browser-world.ts';

export type BrowserTrial = { world: BrowserWorld; random: Random; victim: BrowserMember };
/** Strikes when the victim has just said something; resolves when everything is well again. */
export type BrowserFault = { name: string; run: (trial: BrowserTrial) => Promise<void> };

const lasting = ({ random }: BrowserTrial) => sleep(random.whole(500, 2_000));

async function lifecycle({ page, context }: BrowserMember, state: 'frozen' | 'active'): Promise<void> {
  const session = await context.newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state });
  await session.detach();
}

export const browserFaults: readonly BrowserFault[] = [
  {
    name: 'browser killed',
    async run({ victim }) {
      await victim.kill();
      await victim.open();
      await victim.visit();
      await victim.ready();
    },
  },
  {
    name: 'page reloaded',
    async run({ victim }) {
      await victim.page.reload();
      await victim.ready();
    },
  },
  {
    name: 'page frozen',
    async run(trial) {
      await lifecycle(trial.victim, 'frozen');
      await lasting(trial);
      await lifecycle(trial.victim, 'active');
    },
  },
  {
    name: 'browser offline',
    async run(trial) {
      const { victim } = trial;
      await victim.context.setOffline(true);
      victim.proxy.refuse(true);
      victim.proxy.reset();
      await lasting(trial);
      victim.proxy.heal();
      await victim.context.setOffline(false);
    },
  },
  {
    name: 'server killed under browsers',
    async run({ world }) {
      await world.server.kill();
      await world.server.start();
    },
  },
  {
    name: 'browser killed while the server is away',
    async run({ world, victim }) {
      await world.server.kill();
      await victim.kill();
      await world.server.start();
      await victim.open();
      await victim.visit();
      await victim.ready();
    },
  },
];
