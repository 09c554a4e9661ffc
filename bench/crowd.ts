import { cpuOf } from './cpu.ts';
import { submission, type Room } from './house.ts';
import type { Product } from './product.ts';
import type { Wire } from './wire.ts';
import { Yardstick, type YardstickName } from './yardstick.ts';

/** As large as an envelope of a short message on the wire: 1024 padded bytes, sealed, with its header. */
export const DELIVERED = 1177;
const MARK = 16;
/** Smaller frames are acknowledgements and the like. */
const FROM = 600;
const TICK_MS = 4;
const QUIET_MS = 1_000;

/** Rooms full of sockets at one server. What one says, all others in the room are sent. */
export type Crowd = {
  name: string;
  pid: number;
  /** Sockets by room. */
  rooms: Wire[][];
  say: (room: number, author: number, mark: string) => void;
  /** Bytes of a delivery that follow its mark. */
  suffix: number;
  /** CPU seconds of a database of its own. */
  databaseCpu: () => number;
  /** How often the server refused what was said. */
  refused: () => number;
  stop: () => Promise<void>;
};

export async function yardstickCrowd(name: YardstickName, sizes: number[]): Promise<Crowd> {
  const yardstick = await Yardstick.start(name);
  const rooms: Wire[][] = [];
  for (const [room, size] of sizes.entries()) {
    const wires: Wire[] = [];
    for (let i = 0; i < size; i++)
      wires.push(await yardstick.join(`room ${room}`, `${room}-${i}`, { binary: name === 'plain-ws', from: FROM }));
    rooms.push(wires);
  }
  const body = Buffer.alloc(DELIVERED, 'x');
  return {
    name,
    pid: yardstick.pid,
    rooms,
    say: (room, author, mark) => {
      body.write(mark, DELIVERED - MARK, 'latin1');
      yardstick.say(rooms[room]![author]!, `room ${room}`, body);
    },
    suffix: name === 'plain-ws' ? 0 : 2,
    databaseCpu: () => 0,
    refused: () => 0,
    stop: () => yardstick.stop(),
  };
}

/** Everybody of these rooms connected; the house stays when the crowd has gone. */
export async function productCrowd(product: Product, name: string, rooms: Room[]): Promise<Crowd> {
  await product.house.everybodyIn(rooms, { binary: true, from: FROM });
  let refused = 0;
  const others = rooms.map(({ members }) => members.map((author) => members.filter((each) => each !== author).map(({ device }) => device)));
  for (const { id, members } of rooms)
    for (const member of members)
      member.wire!.onOther = (payload) => {
        const text = payload.toString();
        if (!text.startsWith('{"type":"refused"')) return;
        refused++;
        const { n, code } = JSON.parse(text) as { n: number; code: string };
        // What was refused is given up, so that the rest of this author's is not refused as well.
        if (code !== 'resubmit') member.wire!.sendText(JSON.stringify({ type: 'skip', room: id, n }));
      };
  return {
    name,
    pid: product.pid,
    rooms: rooms.map(({ members }) => members.map(({ wire }) => wire!)),
    say: (room, author, mark) => {
      const member = rooms[room]!.members[author]!;
      member.wire!.sendBinary(submission(rooms[room]!, member, others[room]![author]!, mark));
    },
    suffix: 0,
    databaseCpu: () => product.databaseCpu,
    refused: () => refused,
    stop: async () => product.house.everybodyOut(),
  };
}

export type Measured = {
  cpu: number;
  databaseCpu: number;
  seconds: number;
  deliveries: number;
  expected: number;
  latencies: number[];
  refused: number;
};
export type Plan = { seconds: number } & ({ perSecond: number } | { outstanding: number; atMost: number });

export const microsPerDelivery = ({ cpu, deliveries }: Measured): number => (cpu / deliveries) * 1e6;
export const perCpuSecond = ({ cpu, deliveries }: Measured): number => deliveries / cpu;

/** Authors take turns, as evenly as can be: at a steady rate, or as fast as deliveries come back. */
export async function measure(crowd: Crowd, plan: Plan, warmUpMs = 500): Promise<Measured> {
  const wires = crowd.rooms.flat();
  await drive(crowd, { ...plan, seconds: warmUpMs / 1000 }, () => undefined);
  const latencies: number[] = [];
  for (const wire of wires) wire.onDelivery = (payload) => noteLatency(payload, crowd.suffix, latencies);
  if (!('perSecond' in plan)) for (const wire of wires) wire.onDelivery = null;
  const before = {
    cpu: cpuOf(crowd.pid),
    database: crowd.databaseCpu(),
    deliveries: delivered(wires),
    refused: crowd.refused(),
    at: performance.now(),
  };
  let expected = 0;
  await drive(crowd, plan, (count) => (expected += count), before.deliveries);
  return {
    cpu: cpuOf(crowd.pid) - before.cpu,
    databaseCpu: crowd.databaseCpu() - before.database,
    seconds: (performance.now() - before.at) / 1000,
    deliveries: delivered(wires) - before.deliveries,
    expected,
    latencies,
    refused: crowd.refused() - before.refused,
  };
}

async function drive(crowd: Crowd, plan: Plan, said: (deliveries: number) => void, already = delivered(crowd.rooms.flat())): Promise<void> {
  const turns = takeTurns(crowd);
  const wires = crowd.rooms.flat();
  const begun = performance.now();
  const steady = 'perSecond' in plan;
  let messages = 0;
  let expected = 0;
  while (performance.now() - begun < plan.seconds * 1000) {
    const due = Math.floor(((performance.now() - begun) / 1000) * (steady ? plan.perSecond : plan.atMost));
    const room = steady ? Number.POSITIVE_INFINITY : plan.outstanding + delivered(wires) - already;
    while (messages < due && expected < room) {
      const copies = sayNext(crowd, turns);
      messages++;
      expected += copies;
      said(copies);
    }
    await new Promise((resolve) => (steady ? setTimeout(resolve, TICK_MS) : setImmediate(resolve)));
  }
  await settle(() => delivered(wires) - already, expected);
}

function sayNext(crowd: Crowd, turns: ReturnType<typeof takeTurns>): number {
  const { room, author } = turns.next().value;
  crowd.say(room, author, performance.now().toFixed(3).padStart(MARK));
  return crowd.rooms[room]!.length - 1;
}

/** Until everything has come, or nothing comes any more. */
async function settle(come: () => number, expected: number): Promise<void> {
  for (let last = -1, since = performance.now(); come() < expected;) {
    const now = come();
    if (now !== last) [last, since] = [now, performance.now()];
    if (performance.now() - since > QUIET_MS) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function* takeTurns({ rooms }: Crowd): Generator<{ room: number; author: number }, never> {
  for (let author = 0; ; author++) for (const [room, wires] of rooms.entries()) yield { room, author: author % wires.length };
}

const delivered = (wires: Wire[]) => wires.reduce((sum, { deliveries }) => sum + deliveries, 0);

function noteLatency(payload: Buffer, suffix: number, latencies: number[]): void {
  const end = payload.length - suffix;
  const at = Number(payload.toString('latin1', end - MARK, end));
  if (at > 0) latencies.push(performance.now() - at);
}

export function quantile(values: number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
export const median = (values: number[]): number => quantile(values, 0.5);
