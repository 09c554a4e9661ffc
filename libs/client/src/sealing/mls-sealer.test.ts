import { MessageChannel } from 'node:worker_threads';
import { afterAll } from 'vitest';
import { openMemoryStore } from '../storage/memory-store.ts';
import { MlsSealer } from './mls-sealer.ts';
import { answerCalls } from './sealer-calls.ts';
import { passwordContract } from './password-contract.ts';
import { sealerContract } from './sealer-contract.ts';
import { direct, type MakeSealer } from './test-world.ts';
import { sealerOver } from './worker-sealer.ts';

sealerContract('MlsSealer', direct);
passwordContract('MlsSealer', direct);

const ends: (() => void)[] = [];
afterAll(() => ends.forEach((end) => end()));

/** As in a browser, but for the thread: all arguments and results go through a real channel. */
const acrossChannel: MakeSealer = (disk) => {
  const { port1, port2 } = new MessageChannel();
  answerCalls(port2, new MlsSealer(openMemoryStore(disk)));
  const remote = sealerOver(port1, () => port1.close());
  port1.start();
  port2.start();
  ends.push(() => port1.close());
  return remote;
};

sealerContract('MlsSealer behind a channel', acrossChannel);
passwordContract('MlsSealer behind a channel', acrossChannel);
