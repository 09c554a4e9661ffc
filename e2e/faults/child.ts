import { isMainThread } from 'node:worker_threads';
import { runBlock, type Plan } from './block.ts';
import { runBrowserBlock } from './browsers/browser-block.ts';
import { probes } from './probes.ts';

/* One world in a process of its own: what it leaks or breaks ends with it. It is told what to do in one message, and tells each outcome. */
export type Task = { kind: 'block' | 'browsers'; plans: Plan[]; seed: number } | { kind: 'probe'; name: string; seed: number };

let going = true;
process.on('message', (message: Task | 'stop') => {
  if (message === 'stop') going = false;
  else void run(message);
});
process.on('disconnect', () => (going = false));
if (!isMainThread || !process.send) throw new Error('this is started by tools/faults.ts');

const tell = (message: object): void => void (process.connected && process.send!(message));

async function run(task: Task): Promise<void> {
  try {
    if (task.kind !== 'probe') {
      const block = task.kind === 'block' ? runBlock : runBrowserBlock;
      await block(task.plans, task.seed, (outcome) => {
        tell({ outcome });
        return going;
      });
    } else {
      const probe = probes[task.name];
      if (!probe) throw new Error(`there is no probe "${task.name}"`);
      tell({ probed: await probe(task.seed) });
    }
    tell({ done: true });
  } catch (error) {
    tell({ broke: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
  // Native connections may hold a process for long: everything that was started has ended by now.
  setTimeout(() => process.exit(0), 50);
}
