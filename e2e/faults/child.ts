import { runBlock, type Plan } from './block.ts';

/* One world in a process of its own: what it leaks or breaks ends with it. It is told what to do in one message, and tells each outcome. */
let going = true;
process.on('message', (message: { plans: Plan[]; seed: number } | 'stop') => {
  if (message === 'stop') going = false;
  else void run(message.plans, message.seed);
});

async function run(plans: Plan[], seed: number): Promise<void> {
  try {
    await runBlock(plans, seed, (outcome) => process.send!({ outcome }) && going);
    process.send!({ done: true });
  } catch (error) {
    process.send!({ broke: error instanceof Error ? error.stack : String(error) });
  }
  process.disconnect();
  process.exit(0);
}
