import {
  measure,
  median,
  microsPerDelivery,
  perCpuSecond,
  productCrowd,
  quantile,
  yardstickCrowd,
  type Crowd,
  type Measured,
  type Plan,
} from '../crowd.ts';
import type { Room } from '../house.ts';
import type { Options } from '../options.ts';
import type { Product } from '../product.ts';
import type { Report } from '../report.ts';

/** What envelopes per connection allow (20 a second), with a margin. */
const PER_AUTHOR = 18;
const OUTSTANDING = 40_000;

type Make = () => Promise<Crowd>;
export type Houses = { postgres: Product; embedded: Product };

/** The median of several runs, a fresh crowd for all of them. */
async function runs(make: Make, plan: Plan, { runs: count }: Options): Promise<Measured[]> {
  const crowd = await make();
  try {
    const all: Measured[] = [];
    for (let i = 0; i < count; i++) all.push(await measure(crowd, plan));
    for (const { deliveries, expected, refused } of all)
      if (deliveries < expected * 0.98)
        console.log(`     ${crowd.name}: ${deliveries} of ${expected} deliveries came, ${refused} submissions were refused`);
    return all;
  } finally {
    await crowd.stop();
  }
}

const sizesOf = (rooms: Room[]) => rooms.map(({ members }) => members.length);
const of =
  (product: Product, name: string, rooms: Room[]): Make =>
  () =>
    productCrowd(product, name, rooms);
const micros = (all: Measured[]) => median(all.map(microsPerDelivery));
const show = (value: number, digits = 2) => value.toFixed(digits);

/** P1: CPU of the server per delivery, at the same steady rate for all. */
export async function steady(houses: Houses, rooms: Room[], embedded: Room[], options: Options, report: Report): Promise<void> {
  const copies = sizesOf(rooms).reduce((sum, size) => sum + size - 1, 0) / rooms.length;
  const plan = { seconds: options.seconds, perSecond: (options.quick ? 5_000 : 30_000) / copies };
  const ours = await runs(of(houses.postgres, 'conclave', rooms), plan, options);
  const inside = await runs(of(houses.embedded, 'embedded', embedded), plan, options);
  const ws = micros(await runs(() => yardstickCrowd('plain-ws', sizesOf(rooms)), plan, options));
  const io = micros(await runs(() => yardstickCrowd('plain-socket-io', sizesOf(rooms)), plan, options));
  const nest = micros(await runs(() => yardstickCrowd('nest-socket-io', sizesOf(rooms)), plan, options));
  const database = median(ours.map(({ databaseCpu, deliveries }) => (databaseCpu / deliveries) * 1e6));
  const measured = `${show(micros(ours))} CPU-s per million, ws ${show(ws)}, Socket.IO ${show(io)}, Nest + Socket.IO ${show(nest)}; Postgres ${show(database)} apart`;
  const both = {
    what: `fan-out at ${options.quick ? 5 : 30}k deliveries/s, ${sizesOf(rooms).join(' + ')} members`,
    embedded: `${show(micros(inside))} CPU-s, ${show(micros(inside) / ws)} × ws`,
  };
  report.add({
    figure: 'P1',
    ...both,
    goal: '≤ 1.15 × ws',
    measured: `${show(micros(ours) / ws)} × ws (${measured})`,
    met: micros(ours) / ws <= 1.15,
  });
  report.add({
    figure: 'P1',
    what: both.what,
    goal: '≤ 0.95 × Socket.IO',
    measured: `${show(micros(ours) / io)} × Socket.IO`,
    met: micros(ours) / io <= 0.95,
  });
}

/** P2: how many deliveries a core makes when it has nothing else to do. */
export async function saturated(
  houses: Houses,
  rooms: Room[],
  embedded: Room[],
  goal: number,
  options: Options,
  report: Report,
): Promise<void> {
  const sockets = sizesOf(rooms).reduce((sum, size) => sum + size, 0);
  const plan = { seconds: options.seconds, outstanding: OUTSTANDING, atMost: sockets * PER_AUTHOR };
  const ours = await runs(of(houses.postgres, 'conclave', rooms), plan, options);
  const inside = await runs(of(houses.embedded, 'embedded', embedded), plan, options);
  const ws = await runs(() => yardstickCrowd('plain-ws', sizesOf(rooms)), plan, options);
  const rate = (all: Measured[]) => median(all.map(perCpuSecond));
  const wall = (all: Measured[]) => Math.round(median(all.map(({ deliveries, seconds }) => deliveries / seconds)) / 1000);
  const ratio = rate(ours) / rate(ws);
  report.add({
    figure: 'P2',
    what: `saturated fan-out, rooms of ${sizesOf(rooms)[0]} (${sockets} sockets), per CPU-second of the server`,
    goal: `≥ ${goal} × ws`,
    measured: `${show(ratio)} × ws (${Math.round(rate(ours) / 1000)}k and ${Math.round(rate(ws) / 1000)}k a CPU-second; ${wall(ours)}k and ${wall(ws)}k a second came)`,
    met: ratio >= goal,
    embedded: `${show(rate(inside) / rate(ws))} × ws`,
  });
}

/** P3: how long the slowest hundredth takes, at everyday rates. */
export async function latency(
  houses: Houses,
  rooms: Room[],
  embedded: Room[],
  perSecond: number,
  options: Options,
  report: Report,
): Promise<void> {
  const plan = { seconds: options.seconds, perSecond };
  const p99 = (all: Measured[]) => median(all.map(({ latencies }) => quantile(latencies, 0.99)));
  const ours = p99(await runs(of(houses.postgres, 'conclave', rooms), plan, options));
  const inside = p99(await runs(of(houses.embedded, 'embedded', embedded), plan, options));
  const ws = p99(await runs(() => yardstickCrowd('plain-ws', sizesOf(rooms)), plan, options));
  report.add({
    figure: 'P3',
    what: `p99 at ${perSecond} messages/s, ${sizesOf(rooms).join(' + ')} members`,
    goal: '≤ 2 × ws',
    measured: `${show(ours / ws)} × ws (${show(ours, 1)} and ${show(ws, 1)} ms)`,
    met: ours <= 2 * ws,
    embedded: `${show(inside / ws)} × ws`,
  });
}
