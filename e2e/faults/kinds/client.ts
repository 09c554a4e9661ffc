import { sleep } from '../load.ts';
import type { Member } from '../people/member.ts';
import type { Fault, Trial } from '../trial.ts';

const withinMs = 4_000;

/** The device dies at one of its next writes, wherever that falls: while saying, sealing, receiving or acknowledging. */
async function dieAtAWrite(trial: Trial, member: Member): Promise<void> {
  await trial.moment([member]);
  await new Promise<void>((resolve) => {
    const dies = () => {
      clearTimeout(timer);
      trial.note();
      member.crash();
      resolve();
    };
    const timer = setTimeout(dies, withinMs);
    member.store.dieAt({ writes: trial.random.whole(0, 12), kept: trial.random.chance(0.5), died: dies });
  });
  await trial.last(0, 400);
  await member.start();
}

const crash: Fault = {
  name: 'client crashes at a write',
  weight: 8,
  async run(trial) {
    const some = trial.random.shuffled(trial.world.members).slice(0, 2);
    await Promise.all(some.map((member) => dieAtAWrite(trial, member)));
  },
};

/** The server is away, words wait on the disk only, and the device dies over them. */
const crashOffline: Fault = {
  name: 'client crashes while the server is away',
  weight: 3,
  async run(trial) {
    const { server } = trial.world;
    const member = trial.someone();
    await trial.strike(() => server.kill());
    await sleep(500);
    await dieAtAWrite(trial, member);
    await server.start();
  },
};

export const clientFaults: Fault[] = [crash, crashOffline];
