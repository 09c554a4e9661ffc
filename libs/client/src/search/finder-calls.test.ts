import { describe, expect, it } from 'vitest';
import { localFinder } from './finder.ts';
import { answerFinderCalls, workerFinder, type FinderWorker } from './finder-calls.ts';

/** A finder over a channel, as over a worker. */
function remote() {
  const { port1, port2 } = new MessageChannel();
  answerFinderCalls(port2, localFinder());
  port2.start();
  port1.start();
  const worker = Object.assign(port1, { terminate: () => port1.close() }) as unknown as FinderWorker;
  return { finder: workerFinder(worker), port: port1 };
}
const question = {
  words: ['kite'],
  rooms: null,
  users: null,
  files: false,
  links: false,
  after: null,
  before: null,
  limit: 5,
  cursor: null,
};
const entry = { key: '000000000000001.00000.d.0000000001', user: 'ann', words: 'a kite', files: false, links: false };

describe('the finder in a worker', () => {
  it('does what it does in this thread', async () => {
    const { finder } = remote();
    const ids = await finder.change([{ room: 'r1', key: entry.key, entry }]);
    const [shard] = await finder.pack(ids);
    expect(await finder.find(question)).toMatchObject({ hits: [{ room: 'r1', key: entry.key, ms: 1 }] });
    const { finder: another } = remote();
    await another.load([shard!]);
    expect(await another.find(question)).toEqual(await finder.find(question));
    finder.close();
    another.close();
  });
  it('refuses what fails there, what is no call, and everything once it has ended', async () => {
    const { finder, port } = remote();
    await expect(finder.load([null as never])).rejects.toBeInstanceOf(Error);
    const answered = new Promise((resolve) =>
      port.addEventListener('message', ({ data }: MessageEvent) => data.id === 99 && resolve(data)),
    );
    port.postMessage({ id: 99, method: 'constructor', argument: null });
    expect(await answered).toEqual({ id: 99, error: 'no such call' });
    finder.close();
    await expect(finder.find(question)).rejects.toThrow('the search has ended');
  });
});
