import { measure, median, productCrowd, quantile, type Measured, type Plan } from '../crowd.ts';
import type { Member, Room } from '../house.ts';
import type { Options } from '../options.ts';
import { Product } from '../product.ts';
import type { Report } from '../report.ts';

const IN_FLIGHT = 16;
const OUTSTANDING = 40_000;
/** What envelopes per connection allow (20 a second), with a margin. */
const PER_AUTHOR = 18;
const PER_SECOND = 20;
const LONGEST_MS = 5_000;
const BUSY_MS = 50;

type Relay = { capacity: number; p99: number };
type Answers = { signedIn: number; refused: number; longest: number };

async function relay(product: Product, rooms: Room[], { runs, seconds }: Options): Promise<Relay> {
  const crowd = await productCrowd(product, 'conclave', rooms);
  const sockets = rooms.reduce((sum, { members }) => sum + members.length, 0);
  const times = async (plan: Plan): Promise<Measured[]> => {
    const all: Measured[] = [];
    for (let i = 0; i < runs; i++) all.push(await measure(crowd, plan));
    return all;
  };
  try {
    const full = await times({ seconds, outstanding: OUTSTANDING, atMost: sockets * PER_AUTHOR });
    const steady = await times({ seconds, perSecond: PER_SECOND });
    return {
      capacity: median(full.map((one) => one.deliveries / one.seconds)),
      p99: median(steady.map(({ latencies }) => quantile(latencies, 0.99))),
    };
  } finally {
    await crowd.stop();
  }
}

/** So many people who sign in, again and again, until `stop`; whoever is refused waits a moment. */
function signingIn(product: Product, members: Member[]): { stop: () => Promise<Answers> } {
  const answers: Answers = { signedIn: 0, refused: 0, longest: 0 };
  const until = new AbortController();
  const one = async (member: Member) => {
    while (!until.signal.aborted) {
      const begun = performance.now();
      const status = await product.house.signIn(member);
      answers.longest = Math.max(answers.longest, performance.now() - begun);
      if (status === 200) answers.signedIn++;
      else if (status === 429) answers.refused++;
      else throw new Error(`a login was answered with ${status}`);
      if (status === 429) await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
    }
  };
  const all = Promise.all(Array.from({ length: IN_FLIGHT }, (_, i) => one(members[i % members.length]!)));
  const stop = async () => {
    until.abort();
    await all;
    return answers;
  };
  return { stop };
}

/** P8: what the relay keeps while passwords are hashed without a pause, at the cost they really have, beside it on the server's core. */
export async function logins(options: Options, report: Report): Promise<void> {
  const product = await Product.start('postgres', { BCRYPT_COST: '12' });
  try {
    const rooms = [await product.house.settle(options.quick ? 16 : 100)];
    const alone = await relay(product, rooms, options);
    const busy = signingIn(product, rooms[0]!.members);
    const beside = await relay(product, rooms, options);
    const { signedIn, refused, longest } = await busy.stop();
    tell(report, rooms[0]!.members.length, alone, beside);
    report.add({
      figure: 'P8',
      what: `${IN_FLIGHT} logins in flight: the longest wait of ${signedIn} that signed in and ${refused} that were refused with 429`,
      goal: `≤ ${LONGEST_MS / 1000} s`,
      measured: `${(longest / 1000).toFixed(1)} s`,
      met: longest <= LONGEST_MS,
    });
  } finally {
    await product.stop();
  }
}

function tell(report: Report, members: number, alone: Relay, beside: Relay): void {
  const what = `${IN_FLIGHT} logins always in flight, room of ${members}`;
  const kept = beside.capacity / alone.capacity;
  const slower = beside.p99 / alone.p99;
  const thousands = (rate: number) => `${Math.round(rate / 1000)}k`;
  report.add({
    figure: 'P8',
    what: `${what}: deliveries a second`,
    goal: '≥ 70 %',
    measured: `${Math.round(kept * 100)} % (${thousands(beside.capacity)} of ${thousands(alone.capacity)})`,
    met: kept >= 0.7,
  });
  report.add({
    figure: 'P8',
    what: `${what}: p99 at ${PER_SECOND} messages/s`,
    goal: '≤ 3 ×',
    measured: `${slower.toFixed(2)} × (${beside.p99.toFixed(1)} and ${alone.p99.toFixed(1)} ms)`,
    met: slower <= 3,
  });
}
