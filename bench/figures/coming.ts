import { cpuOf } from '../cpu.ts';
import { median } from '../crowd.ts';
import { inTurns, type Room } from '../house.ts';
import type { Options } from '../options.ts';
import type { Product } from '../product.ts';
import type { Report } from '../report.ts';
import type { Deliveries, Wire } from '../wire.ts';
import { Yardstick, type YardstickName } from '../yardstick.ts';

const nothing: Deliveries = { binary: true, from: Number.POSITIVE_INFINITY };
type Cost = { cpu: number; perSecond: number };
const middle = (all: Cost[]): Cost => ({
  cpu: median(all.map(({ cpu }) => cpu)),
  perSecond: median(all.map(({ perSecond }) => perSecond)),
});
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function cost(pid: number, count: number, come: (i: number) => Promise<unknown>): Promise<Cost> {
  const before = { cpu: cpuOf(pid), at: performance.now() };
  await inTurns(count, come);
  const seconds = (performance.now() - before.at) / 1000;
  await pause(300); // presence is told a quarter of a second later
  return { cpu: ((cpuOf(pid) - before.cpu) / count) * 1000, perSecond: count / seconds };
}

async function ofProduct(product: Product, rooms: Room[], { runs }: Options): Promise<Cost> {
  const all = rooms.flatMap(({ id, members }) => members.map((member) => ({ id, member })));
  const costs: Cost[] = [];
  for (let i = 0; i <= runs; i++) {
    await product.house.freshen(all.map(({ member }) => member));
    const round = await cost(product.pid, all.length, async (which) => {
      const { id, member } = all[which]!;
      await product.house.connect(member);
      await product.house.join(member, id);
    });
    if (i > 0) costs.push(round); // the first warms up
    product.house.everybodyOut();
    await pause(500);
  }
  return middle(costs);
}

async function ofYardstick(name: YardstickName, sizes: number[], { runs }: Options): Promise<Cost> {
  const yardstick = await Yardstick.start(name);
  try {
    const seats = sizes.flatMap((size, room) => Array.from({ length: size }, () => `room ${room}`));
    const costs: Cost[] = [];
    for (let i = 0; i <= runs; i++) {
      const wires: Wire[] = [];
      const round = await cost(yardstick.pid, seats.length, async (which) => {
        wires.push(await yardstick.join(seats[which]!, `${which}`, nothing, await yardstick.ticket()));
      });
      if (i > 0) costs.push(round);
      for (const wire of wires) wire.close();
      await pause(300);
    }
    return middle(costs);
  } finally {
    await yardstick.stop();
  }
}

/** P5: from nothing to being in a room: ticket over HTTP, socket, hello, join. */
export async function coming(
  houses: { postgres: Product; embedded: Product },
  rooms: Room[],
  embedded: Room[],
  options: Options,
  report: Report,
): Promise<void> {
  const sizes = rooms.map(({ members }) => members.length);
  const ours = await ofProduct(houses.postgres, rooms, options);
  const inside = await ofProduct(houses.embedded, embedded, options);
  const ws = await ofYardstick('plain-ws', sizes, options);
  const nest = await ofYardstick('nest-socket-io', sizes, options);
  const what = `connect, ticket, join: ${sizes.reduce((a, b) => a + b)} sockets in rooms of ${sizes[0]}`;
  const numbers = `${ours.cpu.toFixed(2)} ms CPU, ws ${ws.cpu.toFixed(2)}, Nest + Socket.IO ${nest.cpu.toFixed(2)}`;
  report.add({
    figure: 'P5',
    what,
    goal: 'CPU ≤ 1.4 × ws',
    measured: `${(ours.cpu / ws.cpu).toFixed(2)} × ws (${numbers})`,
    met: ours.cpu / ws.cpu <= 1.4,
    embedded: `${(inside.cpu / ws.cpu).toFixed(2)} × ws`,
  });
  const faster = ours.perSecond / nest.perSecond;
  report.add({
    figure: 'P5',
    what,
    goal: 'rate ≥ 2.5 × Nest + Socket.IO',
    measured: `${faster.toFixed(2)} × (${Math.round(ours.perSecond)} and ${Math.round(nest.perSecond)} a second)`,
    met: faster >= 2.5,
    embedded: `${(inside.perSecond / nest.perSecond).toFixed(2)} ×`,
  });
}

/** P9: what one more join costs when everybody in the room is told of it. */
export async function joining(product: Product, rooms: Room[], options: Options): Promise<number> {
  const all = rooms.flatMap(({ id, members }) => members.map((member) => ({ id, member })));
  const costs: number[] = [];
  for (let i = 0; i < options.runs; i++) {
    await inTurns(all.length, (which) => product.house.connect(all[which]!.member));
    await pause(300);
    costs.push((await cost(product.pid, all.length, (which) => product.house.join(all[which]!.member, all[which]!.id))).cpu);
    product.house.everybodyOut();
    await pause(500);
  }
  return median(costs);
}

export async function joins(
  houses: { postgres: Product; embedded: Product },
  rooms: Room[],
  embedded: Room[],
  options: Options,
  report: Report,
): Promise<void> {
  const ours = await joining(houses.postgres, rooms, options);
  const inside = await joining(houses.embedded, embedded, options);
  const sizes = rooms.map(({ members }) => members.length);
  report.add({
    figure: 'P9',
    what: `${sizes.reduce((a, b) => a + b)} joins with presence, rooms of ${sizes[0]}, CPU each`,
    goal: '≤ 0.5 ms',
    measured: `${ours.toFixed(2)} ms`,
    met: ours <= 0.5,
    embedded: `${inside.toFixed(2)} ms`,
  });
}
