import { pin } from './cpu.ts';
import { coming, joins } from './figures/coming.ts';
import { files } from './figures/files.ts';
import { latency, saturated, steady } from './figures/fan-out.ts';
import { logins } from './figures/logins.ts';
import { queue } from './figures/queue.ts';
import { signals } from './figures/signals.ts';
import { screen } from './figures/screen.ts';
import { opening } from './figures/opening.ts';
import { search } from './figures/search.ts';
import { sealing } from './figures/sealing.ts';
import type { Room } from './house.ts';
import { readOptions, type Options } from './options.ts';
import { Product } from './product.ts';
import { Report } from './report.ts';
import { LOAD_CORE } from './yardstick.ts';

/*
 * `npm run bench`: the product beside its yardsticks, on one machine in one run. Times are not comparable between machines; ratios are.
 */
const figures = ['P1', 'P2', 'P3', 'P4', 'P5', 'P8', 'P9', 'P10', 'P12', 'P13', 'P14'];
const options = readOptions(process.argv.slice(2));
const report = new Report(options.quick);
pin(process.pid, LOAD_CORE);
await run(options);
if (!options.quick) console.log(`\n${report.markdown()}`);
if (options.report) report.write(options.report);
const missing = report.missing(figures.filter((figure) => options.only?.has(figure) ?? true));
if (missing.length > 0) throw new Error(`not measured: ${missing.join(', ')}`);
process.exit(0); // sockets that servers have left half closed would keep it waiting

async function run({ quick, only }: Options): Promise<void> {
  const wanted = (figure: string) => only === null || only.has(figure);
  if (wanted('P8')) await logins(options, report); // at a server of its own, where a password costs what it really does
  if (wanted('P14')) {
    await search(options, report);
    await opening(options, report);
  }
  if (wanted('P13')) await files(options, report);
  if (only && [...only].every((figure) => ['P8', 'P13', 'P14'].includes(figure))) return;
  const houses = { postgres: await Product.start('postgres'), embedded: await Product.start('embedded') };
  const settle = async (...sizes: number[]) => {
    const settled = { ours: [] as Room[], inside: [] as Room[] };
    for (const size of sizes) {
      settled.ours.push(await houses.postgres.house.settle(size));
      settled.inside.push(await houses.embedded.house.settle(size));
    }
    return settled;
  };
  try {
    const hall = await settle(...(quick ? [20, 20] : [150, 150]));
    if (wanted('P1')) await steady(houses, hall.ours, hall.inside, options, report);
    if (wanted('P2')) await saturated(houses, hall.ours, hall.inside, 5, options, report);
    if (wanted('P3')) await latency(houses, hall.ours, hall.inside, 20, options, report);
    if (wanted('P4')) await signals(houses, hall.ours, hall.inside, options, report);
    // Nothing waits for anybody in these yet: what fan-out leaves behind would be drained with them.
    const quiet = await settle(...Array.from({ length: quick ? 2 : 10 }, () => (quick ? 10 : 30)));
    if (wanted('P5')) await coming(houses, quiet.ours, quiet.inside, options, report);
    if (wanted('P10')) await queue(houses, quiet.ours, quiet.inside, options, report);
    if (wanted('P2')) await saturated(houses, quiet.ours, quiet.inside, 5, options, report);
    if (wanted('P12')) await screen(await sealing(options, report), options, report);
    const crowd = await settle(...(quick ? [30] : [250, 250, 250, 250]));
    if (wanted('P2')) await saturated(houses, crowd.ours, crowd.inside, 3, options, report);
    if (wanted('P3')) await latency(houses, crowd.ours, crowd.inside, 10, options, report);
    if (wanted('P9')) await joins(houses, crowd.ours, crowd.inside, options, report);
  } finally {
    await houses.postgres.stop();
    await houses.embedded.stop();
  }
}
