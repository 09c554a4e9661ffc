import { cpuOf } from '../cpu.ts';
import { median } from '../crowd.ts';
import type { Room } from '../house.ts';
import type { Options } from '../options.ts';
import type { Product } from '../product.ts';
import type { Report } from '../report.ts';
import type { Wire } from '../wire.ts';
import { Yardstick, type YardstickName } from '../yardstick.ts';

/** As an offer of one data channel. */
const DATA = 'a=candidate '.repeat(60);
const DELIVERIES = { binary: false, from: DATA.length, to: DATA.length + 250 };
const TICK_MS = 4;
/** Of 20 a second that one connection may pass. */
const PER_SOCKET = 12;

type Pair = { pass: () => void; hears: Wire };

/** Microseconds of the server's CPU for each that arrived. */
async function measure(pid: number, pairs: Pair[], options: Options): Promise<number> {
  const run = async (seconds: number) => {
    const begun = performance.now();
    for (let said = 0; performance.now() - begun < seconds * 1000;) {
      for (const due = ((performance.now() - begun) / 1000) * pairs.length * PER_SOCKET; said < due; said++)
        pairs[said % pairs.length]!.pass();
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  };
  const heard = () => pairs.reduce((sum, { hears }) => sum + hears.deliveries, 0);
  await run(0.5);
  const results: number[] = [];
  for (let i = 0; i < options.runs; i++) {
    const before = { cpu: cpuOf(pid), heard: heard() };
    await run(options.seconds);
    results.push(((cpuOf(pid) - before.cpu) / (heard() - before.heard)) * 1e6);
  }
  return median(results);
}

async function ofProduct(product: Product, rooms: Room[], options: Options): Promise<number> {
  await product.house.everybodyIn(rooms, DELIVERIES);
  const pairs = rooms.flatMap(({ id, members }) =>
    members.map((from, i): Pair => {
      const to = members[(i + 1) % members.length]!;
      const frame = JSON.stringify({ type: 'signal', room: id, to: to.device, data: DATA });
      return { pass: () => from.wire!.sendText(frame), hears: to.wire! };
    }),
  );
  try {
    return await measure(product.pid, pairs, options);
  } finally {
    product.house.everybodyOut();
  }
}

async function ofYardstick(name: YardstickName, sockets: number, options: Options): Promise<number> {
  const yardstick = await Yardstick.start(name);
  try {
    const wires: Wire[] = [];
    // Rooms of one: nobody hears of the others' coming.
    for (let i = 0; i < sockets; i++) wires.push(await yardstick.join(`room ${i}`, `${i}`, DELIVERIES));
    const pairs = wires.map((wire, i): Pair => {
      const to = (i + 1) % sockets;
      return { pass: () => yardstick.signal(wire, String(to), DATA), hears: wires[to]! };
    });
    return await measure(yardstick.pid, pairs, options);
  } finally {
    await yardstick.stop();
  }
}

/** P4: what passing one offer, answer or candidate on costs. */
export async function signals(
  houses: { postgres: Product; embedded: Product },
  rooms: Room[],
  embedded: Room[],
  options: Options,
  report: Report,
): Promise<void> {
  const sockets = rooms.reduce((sum, { members }) => sum + members.length, 0);
  const ours = await ofProduct(houses.postgres, rooms, options);
  const inside = await ofProduct(houses.embedded, embedded, options);
  const ws = await ofYardstick('plain-ws', sockets, options);
  const nest = await ofYardstick('nest-socket-io', sockets, options);
  const what = `signalling, CPU of a forward, ${sockets} sockets`;
  const numbers = `${ours.toFixed(1)} µs, ws ${ws.toFixed(1)}, Nest + Socket.IO ${nest.toFixed(1)}`;
  report.add({
    figure: 'P4',
    what,
    goal: '≤ 1.35 × ws',
    measured: `${(ours / ws).toFixed(2)} × ws (${numbers})`,
    met: ours / ws <= 1.35,
    embedded: `${(inside / ws).toFixed(2)} × ws`,
  });
  report.add({
    figure: 'P4',
    what,
    goal: '≤ 0.75 × Nest + Socket.IO',
    measured: `${(ours / nest).toFixed(2)} × Nest + Socket.IO`,
    met: ours / nest <= 0.75,
  });
}
