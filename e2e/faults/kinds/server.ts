import { sleep } from '../load.ts';
import type { Fault, Trial } from '../trial.ts';

/** Freezes the process for a while, as a paused machine or a blocked event loop does. */
async function freeze(trial: Trial, from: number, to: number): Promise<void> {
  const { server } = trial.world;
  await trial.strike(() => process.kill(server.pid!, 'SIGSTOP'));
  try {
    await trial.last(from, to);
  } finally {
    process.kill(server.pid!, 'SIGCONT');
  }
}

const kill: Fault = {
  name: 'server killed (kill -9)',
  weight: 45,
  async run(trial) {
    const { server } = trial.world;
    for (let i = 0; i < 4; i++) {
      await trial.strike(() => server.kill());
      await trial.last(0, 300);
      await server.start();
    }
  },
};

const drain: Fault = {
  name: 'server drained (SIGTERM)',
  weight: 3,
  async run(trial) {
    const { server } = trial.world;
    await trial.strike(() => server.halt());
    await server.start();
  },
};

const paused: Fault = { name: 'server paused (SIGSTOP, SIGCONT)', weight: 2, run: (trial) => freeze(trial, 1_000, 3_000) };

const blocked: Fault = {
  name: 'event loop blocked',
  weight: 2,
  async run(trial) {
    for (let i = 0; i < 3; i++) {
      await freeze(trial, 150, 600);
      await sleep(50);
    }
  },
};

export const serverFaults: Fault[] = [kill, drain, paused, blocked];
