// oxlint-disable-next-line import/no-unassigned-import -- what follows cannot be loaded before it
import '../e2e/faults/typescript.ts';

/*
 * `npm run faults -- --seed N --minutes M`: real people's clients against everything that can go wrong (docs/faults.md). Without minutes
 * every kind of fault once, and every planted bug.
 */
const { main } = await import('../e2e/faults/main.ts');
process.exitCode = await main(process.argv.slice(2));
