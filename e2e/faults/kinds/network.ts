import type { Carried, MakeFilter } from '../net/proxy.ts';
import type { Member } from '../people/member.ts';
import type { Fault, Trial } from '../trial.ts';

const held = '"type":"held"';

/**
 * The server says `held` after its transaction was committed: the connection breaks with these words on it. Resolves with the number of
 * acknowledgements that were lost.
 */
function loseAcknowledgements(trial: Trial, member: Member): void {
  const gone = new WeakSet<Carried>();
  const make: MakeFilter = (carried, direction) => (frame) => {
    if (direction === 'up') return frame.bytes;
    if (gone.has(carried)) return null;
    if (frame.binary || !frame.bytes.includes(held)) return frame.bytes;
    gone.add(carried);
    trial.note();
    setImmediate(() => carried.reset());
    return null;
  };
  member.proxy.filter(make);
}

const acknowledgementLost: Fault = {
  name: 'acknowledgement lost after commit',
  weight: 12,
  async run(trial) {
    const { members } = trial.world;
    await trial.moment();
    for (const member of members) loseAcknowledgements(trial, member);
    await trial.last(2_200, 3_000);
    for (const { proxy } of members) proxy.heal();
  },
};

const reset: Fault = {
  name: 'TCP reset',
  weight: 4,
  async run(trial) {
    for (let i = 0; i < 4; i++) {
      const member = trial.someone();
      await trial.strike(() => member.proxy.reset(), [member]);
      await trial.last(50, 250);
    }
  },
};

/** The client's end is gone; the server believes in the connection still. */
const halfOpen: Fault = {
  name: 'half-open connection',
  weight: 3,
  async run(trial) {
    const member = trial.someone();
    await trial.strike(() => member.proxy.connections.forEach((each) => each.abandon()), [member]);
    await trial.last(500, 1_500);
    member.proxy.heal();
  },
};

/** Nothing passes and nothing is said: packets are dropped. */
const blackhole: Fault = {
  name: 'silent network',
  weight: 3,
  async run(trial) {
    const { members } = trial.world;
    const some = trial.random.shuffled(members).slice(0, trial.random.whole(1, 3));
    await trial.strike(() => some.forEach(({ proxy }) => proxy.set('both', { hold: true })), some);
    await trial.last(600, 2_500);
    for (const { proxy } of some) {
      if (trial.random.chance(0.5)) proxy.reset();
      proxy.heal();
    }
    some.forEach((member) => member.wake());
  },
};

export const networkFaults: Fault[] = [acknowledgementLost, reset, halfOpen, blackhole];
