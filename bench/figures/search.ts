import { Worker } from 'node:worker_threads';
import type { Cursor } from '../../libs/client/src/search/question.ts';
import { workerFinder, type FinderWorker } from '../../libs/client/src/search/finder-calls.ts';
import type { Finder } from '../../libs/client/src/search/finder.ts';
import { fold } from '../../libs/client/src/search/fold.ts';
import { readQuestion } from '../../libs/client/src/search/question.ts';
import type { Change } from '../../libs/client/src/search/search-index.ts';
import { median } from '../crowd.ts';
import type { Options } from '../options.ts';
import type { Report } from '../report.ts';
import { seeded, sentence } from './words.ts';

const ROOMS = 20;
const PEOPLE = 60;
/** Frequent and rare words, phrases, both languages, several words, conditions, and what is nowhere. */
const questions = [
  'kites',
  '会议',
  '风筝 河边',
  'umbrellas walnuts',
  '"the meeting is"',
  'meeting lanterns boats',
  'has:link',
  '一二三',
  'zebra',
  'the',
];

/** The worker of the browser in a thread of Node, with its heap on request. */
const typescript = new URL('../../e2e/faults/typescript.ts', import.meta.url).href;
const main = (entry: string) => `
  const { parentPort } = require('node:worker_threads');
  require('node:v8').setFlagsFromString('--expose-gc');
  const gc = require('node:vm').runInNewContext('gc');
  globalThis.postMessage = (message) => parentPort.postMessage(message);
  globalThis.addEventListener = (type, listener) => parentPort.on(type, (data) => (data === 'heap' ? heap() : listener({ data })));
  const heap = () => { gc(); gc(); parentPort.postMessage({ heap: process.memoryUsage().heapUsed, id: 0 }); };
  import(${JSON.stringify(typescript)}).then(() => import(${JSON.stringify(entry)}));`;

function start(): { finder: Finder; heap: () => Promise<number> } {
  const entry = new URL('../../libs/client/src/search/finder-worker.ts', import.meta.url).href;
  const thread = new Worker(main(entry), { eval: true });
  thread.unref();
  const worker = {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- between threads there is no origin
    postMessage: (message: unknown) => thread.postMessage(message),
    addEventListener: (type: string, listener: (event: { data: unknown }) => void) => thread.on(type, (data) => listener({ data })),
    terminate: () => void thread.terminate(),
  };
  const heap = () =>
    new Promise<number>((resolve) => {
      thread.on('message', (data: { heap?: number }) => data.heap !== undefined && resolve(data.heap));
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- between threads there is no origin
      thread.postMessage('heap');
    });
  return { finder: workerFinder(worker as unknown as FinderWorker), heap };
}

/** P14: words among 100,000 stored messages, from the question to its first page, over the worker's port. */
export async function search({ quick }: Options, report: Report): Promise<void> {
  const count = quick ? 5_000 : 100_000;
  const { finder, heap } = start();
  await finder.pack([]); // it is there
  const before = await heap();
  await fill(finder, count);
  const bytes = (await heap()) - before;
  const times: number[] = [];
  for (let round = 0; round < (quick ? 3 : 30); round++)
    for (const text of questions) {
      const begun = performance.now();
      await finder.find(asked(text, null));
      if (round > 0) times.push(performance.now() - begun);
    }
  times.sort((a, b) => a - b);
  const [p50, p99] = [median(times), times[Math.floor(times.length * 0.99)]!];
  const measured = `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, index ${(bytes / 2 ** 20).toFixed(0)} MiB`;
  report.add({ figure: 'P14', what: `search among ${count} messages, English and Chinese`, goal: 'p50 < 20 ms', measured, met: p50 < 20 });
  finder.close();
}

const asked = (text: string, cursor: Cursor | null) => ({ ...readQuestion(text), rooms: null, users: null, limit: 30, cursor });

async function fill(finder: Finder, count: number): Promise<void> {
  const random = seeded(14);
  for (let at = 0; at < count;) {
    const changes: Change[] = [];
    for (let i = 0; i < 5_000 && at < count; i++, at++) {
      const user = `user-${Math.floor(random() * PEOPLE)}`;
      const key = `${String(1_790_000_000_000 + at * 60_000).padStart(15, '0')}.00000.${user.padEnd(36, '-')}.${String(at).padStart(10, '0')}`;
      const entry = { key, user, words: fold(sentence(random)), files: random() < 0.02, links: random() < 0.05 };
      changes.push({ room: `room-${Math.floor(random() * ROOMS)}`, key, entry });
    }
    await finder.change(changes);
  }
}
