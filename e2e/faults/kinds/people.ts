import { eventually } from '../../lab/free-port.ts';
import type { Member } from '../people/member.ts';
import type { Fault, Trial } from '../trial.ts';

const year = 365 * 86_400_000;

/** Cuts the browsers of each side from those of the other: what is sent over a link waits, as packets do. */
function cutPeers(members: readonly Member[]): void {
  members.forEach(({ peers }) => peers.cut());
}
function healPeers(members: readonly Member[]): void {
  members.forEach(({ peers }) => peers.heal());
}

/** Every direct link is dead, the server is there: the relay carries what the links do not. */
const partitionWithServer: Fault = {
  name: 'partition of the browsers, with the server',
  weight: 2,
  async run(trial) {
    const { members } = trial.world;
    await trial.strike(() => cutPeers(members));
    await trial.last(1_500, 6_000);
    healPeers(members);
  },
};

/** Some are cut from everybody, the server too; the others go on. */
const partitionWithoutServer: Fault = {
  name: 'partition of five members, without the server',
  weight: 3,
  async run(trial) {
    const some = trial.random.shuffled(trial.world.members).slice(0, trial.random.whole(2, 4));
    await trial.strike(() => {
      cutPeers(some);
      some.forEach(({ proxy }) => proxy.set('both', { hold: true }));
    }, some);
    await trial.last(1_000, 4_000);
    healPeers(some);
    for (const member of some) {
      if (trial.random.chance(0.5)) member.proxy.reset();
      member.proxy.heal();
      member.wake();
    }
  },
};

/** The server is nowhere to be seen: whoever has a direct link goes on by it. */
const serverOutOfReach: Fault = {
  name: 'nobody reaches the server',
  weight: 2,
  async run(trial) {
    const { members } = trial.world;
    await trial.strike(() =>
      members.forEach(({ proxy }) => {
        proxy.refuse(true);
        proxy.reset();
      }),
    );
    await trial.last(500, 2_500);
    members.forEach(({ proxy }) => proxy.heal());
    members.forEach((member) => member.wake());
  },
};

const linksKilled: Fault = {
  name: 'direct links end',
  weight: 3,
  async run(trial) {
    for (let i = 0; i < 2; i++) {
      const member = trial.random.one(trial.world.members.filter(({ direct }) => direct));
      await trial.strike(() => member.peers.kill(), [member]);
      await trial.last(200, 800);
    }
  },
};

/** Years off, then right again: in the middle of talking, over a reload as well. */
const clockJump: Fault = {
  name: 'clock jumps by years',
  weight: 4,
  async run(trial) {
    const some = trial.random.shuffled(trial.world.members).slice(0, 2);
    await trial.strike(() => some.forEach((member) => (member.clockOffMs = trial.random.whole(-20, 20) * year)), some);
    await trial.last(200, 600);
    if (trial.random.chance(0.5)) some.forEach(({ proxy }) => proxy.reset()); // the server's time corrects it
    await trial.last(200, 600);
    if (trial.random.chance(0.5)) await reload(trial, some[0]!);
    await trial.strike(() => some.forEach((member) => (member.clockOffMs = 0)), some);
  },
};

const reloaded: Fault = {
  name: 'client reloads',
  weight: 3,
  async run(trial) {
    for (const member of trial.random.shuffled(trial.world.members).slice(0, 2)) {
      await trial.moment([member]);
      trial.note();
      await reload(trial, member);
    }
  },
};

async function reload(trial: Trial, member: Member): Promise<void> {
  member.crash();
  await trial.last(0, 200);
  await member.start();
}

/** No room is left on a device: it says so and takes nothing more, until there is room and the page is reloaded. */
const quotaExceeded: Fault = {
  name: 'quota exceeded',
  weight: 2,
  async run(trial) {
    const member = trial.someone();
    await trial.strike(() => (member.store.full = true), [member]);
    await eventually('the person is told', async () => member.person.client.trouble.value?.code === 'unavailable', 5_000);
    await trial.last(200, 800);
    member.store.full = false;
    await reload(trial, member);
  },
};

export const peopleFaults: Fault[] = [
  partitionWithServer,
  partitionWithoutServer,
  serverOutOfReach,
  linksKilled,
  clockJump,
  reloaded,
  quotaExceeded,
];
