import type { Weather } from '../net/lane.ts';
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
  weight: 28,
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

/** Changes what the server says to some, frame by frame. */
function onTheWay(
  name: string,
  weight: number,
  make: (trial: Trial, member: Member) => MakeFilter,
  lasts: [number, number] = [400, 900],
): Fault {
  return {
    name,
    weight,
    async run(trial) {
      const some = trial.random.shuffled(trial.world.members).slice(0, 3);
      await trial.strike(() => some.forEach((member) => member.proxy.filter(make(trial, member))));
      await trial.last(...lasts);
      some.forEach(({ proxy }) => proxy.heal());
    },
  };
}

/** The server believes that it was handed over, and it never came: only the others can help, once the hole shows. */
const envelopeLost = onTheWay('envelope lost on the way', 2, ({ random }) => (_, direction) => (frame) => {
  return direction === 'down' && frame.binary && random.chance(0.25) ? null : frame.bytes;
});

const duplicated = onTheWay('envelopes and submissions twice', 2, ({ random }) => () => (frame) => {
  return frame.binary && random.chance(0.3) ? Buffer.concat([frame.bytes, frame.bytes]) : frame.bytes;
});

const reordered = onTheWay('envelopes in another order', 2, ({ random }) => (_, direction) => {
  let kept: Buffer | null = null;
  return ({ bytes, binary }) => {
    if (direction === 'up') return bytes;
    if (binary && !kept && random.chance(0.4)) {
      kept = bytes;
      return null;
    }
    const both: Buffer = kept ? Buffer.concat([bytes, kept]) : bytes;
    kept = null;
    return both;
  };
});

/** The whole network of some is bad, and mends by itself. */
function weather(name: string, what: Weather, direction: 'up' | 'down' | 'both', lasts: [number, number]): Fault {
  return {
    name,
    weight: 2,
    async run(trial) {
      const some = trial.random.shuffled(trial.world.members).slice(0, trial.random.whole(1, 3));
      await trial.strike(() => some.forEach(({ proxy }) => proxy.set(direction, what)), some);
      await trial.last(...lasts);
      some.forEach(({ proxy }) => proxy.heal());
    },
  };
}

const slowReader = weather('slow reader (1 KB/s)', { bytesPerSecond: 1_000 }, 'down', [1_500, 2_500]);
const jitter = weather('jitter (2 s)', { jitterMs: 2_000 }, 'both', [2_000, 3_500]);
const oneWay = weather('asymmetric partition', { hold: true }, 'up', [800, 2_000]);
const deaf = weather('delayed acknowledgements', { hold: true }, 'down', [800, 2_000]);

export const networkFaults: Fault[] = [
  acknowledgementLost,
  reset,
  halfOpen,
  blackhole,
  envelopeLost,
  duplicated,
  reordered,
  slowReader,
  jitter,
  oneWay,
  deaf,
];
