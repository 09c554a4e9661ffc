import { createHash } from 'node:crypto';
import { decodeRelayed } from '../../libs/protocol/src/index.ts';
import { cpuOf } from '../cpu.ts';
import { median } from '../crowd.ts';
import { inTurns, submission, type Member, type Room } from '../house.ts';
import type { Options } from '../options.ts';
import type { Product } from '../product.ts';
import type { Report } from '../report.ts';

/** Within the 60 that one connection may send at once. */
const BURST = 30;
const MAILBOX = 10;
const LONGEST_MS = 60_000;
type Result = { stored: number; storedCpu: number; drained: number };

function halves({ members }: Room): { authors: Member[]; absent: Member[] } {
  const half = Math.ceil(members.length / 2);
  return { authors: members.slice(0, half), absent: members.slice(half) };
}

/** Each author says so much at once, for those who are away; resolves when the server holds it all. */
async function fill(rooms: Room[], each: number, authorsOf: (room: Room) => Member[], mark: string): Promise<number> {
  let waiting = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`${waiting} envelopes are not held`)), LONGEST_MS);
  for (const room of rooms)
    for (const author of authorsOf(room)) {
      waiting += each;
      author.wire!.onOther = (payload) => {
        const text = payload.toString();
        if (text.startsWith('{"type":"refused"')) reject(new Error(text));
        if (text.startsWith('{"type":"held"') && --waiting === 0) resolve();
      };
    }
  const count = waiting;
  for (const room of rooms) {
    const absent = halves(room).absent.map(({ device }) => device);
    for (const author of authorsOf(room))
      for (let i = 0; i < each; i++) author.wire!.sendBinary(submission(room, author, absent, `${mark} ${i}`.padStart(16)));
  }
  await promise;
  clearTimeout(timer);
  return count;
}

/** One page after the other, acknowledged as a client does, until nothing waits any more. */
function drain(member: Member, room: Room): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const timer = setTimeout(() => reject(new Error('the queue does not end')), LONGEST_MS);
  const wire = member.wire!;
  let eids: string[] = [];
  let got = 0;
  wire.onOther = (payload, binary) => {
    if (binary) return void eids.push(createHash('sha256').update(decodeRelayed(payload).ciphertext).digest('base64url'));
    const frame = JSON.parse(payload.toString()) as { type: string; upTo: number; more: boolean };
    if (frame.type !== 'drained') return;
    got += eids.length;
    wire.sendText(JSON.stringify({ type: 'acknowledge', room: room.id, eids, commits: [] }));
    eids = [];
    if (frame.more) return wire.sendText(JSON.stringify({ type: 'drain', room: room.id, after: frame.upTo }));
    clearTimeout(timer);
    resolve(got);
  };
  wire.sendText(JSON.stringify({ type: 'drain', room: room.id, after: 0 }));
  return promise;
}

async function measure(product: Product, rooms: Room[], options: Options): Promise<Result> {
  const { house } = product;
  const stored: number[] = [];
  const storedCpu: number[] = [];
  const drained: number[] = [];
  for (let i = 0; i < options.runs; i++) {
    const authors = rooms.flatMap((room) => halves(room).authors.map((member) => ({ room, member })));
    const absent = rooms.flatMap((room) => halves(room).absent.map((member) => ({ room, member })));
    const come = (all: typeof authors) =>
      inTurns(all.length, async (which) => {
        await house.connect(all[which]!.member);
        await house.join(all[which]!.member, all[which]!.room.id);
      });
    await come(authors);
    // Mailboxes of ten, from one author in each room.
    await fill(rooms, MAILBOX, (room) => halves(room).authors.slice(0, 1), `m${i}`);
    await come(absent);
    const begun = performance.now();
    const got = await Promise.all(absent.map(({ member, room }) => drain(member, room)));
    drained.push(got.filter((count) => count >= MAILBOX).length / ((performance.now() - begun) / 1000));
    for (const { member } of absent) member.wire!.close();
    await new Promise((resolve) => setTimeout(resolve, 3_200)); // the one author's burst is allowed again
    const before = { cpu: cpuOf(product.pid), at: performance.now() };
    const count = await fill(rooms, BURST, (room) => halves(room).authors, `b${i}`);
    stored.push(count / ((performance.now() - before.at) / 1000));
    storedCpu.push(((cpuOf(product.pid) - before.cpu) / count) * 1e6);
    await come(absent);
    await Promise.all(absent.map(({ member, room }) => drain(member, room)));
    house.everybodyOut();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return { stored: median(stored), storedCpu: median(storedCpu), drained: median(drained) };
}

/** P10: what waits for the absent, in and out. */
export async function queue(
  houses: { postgres: Product; embedded: Product },
  rooms: Room[],
  embedded: Room[],
  options: Options,
  report: Report,
): Promise<void> {
  const ours = await measure(houses.postgres, rooms, options);
  const inside = await measure(houses.embedded, embedded, options);
  const { absent } = halves(rooms[0]!);
  const k = (value: number) => `${(value / 1000).toFixed(1)}k`;
  report.add({
    figure: 'P10',
    what: `offline queue, in: bursts of ${BURST}, each for ${absent.length} absent devices, until held`,
    goal: '≥ 50k envelopes/s',
    measured: `${k(ours.stored)} envelopes/s, ${k(ours.stored * absent.length)} copies/s, ${ours.storedCpu.toFixed(0)} µs of the server's CPU each`,
    met: ours.stored >= 50_000,
    embedded: `${k(inside.stored)} envelopes/s`,
  });
  report.add({
    figure: 'P10',
    what: `offline queue, out: mailboxes of ${MAILBOX}, drained and acknowledged`,
    goal: '≥ 1,500 mailboxes/s',
    measured: `${Math.round(ours.drained)} mailboxes/s`,
    met: ours.drained >= 1_500,
    embedded: `${Math.round(inside.drained)} mailboxes/s`,
  });
}
