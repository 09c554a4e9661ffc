import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { browserFaults } from './browsers/kinds.ts';
import { faults } from './kinds.ts';
import { readOptions, usage, type Options } from './options.ts';
import { plantAll, type Caught } from './plant-all.ts';
import { markdown, reportOf, type Report } from './report.ts';
import { FaultRun } from './run.ts';
import { once, weighted, type Named } from './schedule.ts';
import { buildServer, copyTree } from './tree.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Of all blows so many must meet submissions under way: a fault that meets nobody talking shows nothing. */
const metAtLeast = 0.9;
const missing = ['two server instances on one Postgres: the server runs on one node', 'Redis killed or flushed: there is no Redis yet'];

/** The whole run; resolves with the exit code. */
export async function main(args: string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return 2;
  }
  const base = mkdtempSync(join(tmpdir(), 'conclave-faults-'));
  chmodSync(base, 0o755);
  const run = new FaultRun(join(base, 'tree'), base, (line) => console.log(line));
  const interrupt = () => {
    console.log('stopping after the trial under way …');
    run.stop();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await work(options, run);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    if (run.kept.length === 0) rmSync(base, { recursive: true, force: true });
    else console.log(`what one needs to look into the failures stays in ${run.kept.join(', ')}`);
  }
}

async function work(options: Options, run: FaultRun): Promise<number> {
  const { seed, minutes } = options;
  const begun = Date.now();
  const commit = spawnSync('git', ['describe', '--always', '--dirty', '--exclude', '*'], { cwd: root, encoding: 'utf8' }).stdout.trim();
  console.log(`seed ${seed}, ${minutes ? `${minutes} minutes` : 'every kind once'}, commit ${commit}`);
  copyTree(root, run.tree);
  buildServer(run.tree);
  let controls: Caught[] = [];
  if (options.only === 'controls') controls = await plantAll(run, seed);
  else if (options.only !== null) await only(options, run);
  else {
    controls = await plantAll(run, seed);
    const browsers = plansOf(browserFaults, seed, minutes);
    await run.trials(plansOf(faults, seed, minutes), browsers, minutes === 0 ? Infinity : begun + minutes * 60_000);
  }
  if (run.stopped) run.fail('the run was stopped before its end');
  const facts = {
    seed,
    minutes,
    commit,
    begun: new Date(begun).toISOString(),
    seconds: Math.round((Date.now() - begun) / 1000),
    missing,
    controls,
  };
  const report = judged(reportOf({ ...facts, failures: run.failures, crashes: run.crashes }, run.outcomes));
  console.log(`\n${markdown(report)}`);
  if (options.report) write(options.report, report);
  return report.passed ? 0 : 1;
}

async function only({ only, trial, seed }: Options, run: FaultRun): Promise<void> {
  const chosen = <T extends Named>(all: readonly T[]) => all.filter(({ name }) => name.includes(only!));
  const plans = (all: readonly Named[]) => {
    const each = once(chosen(all), seed);
    return each.map((plan) => ({ ...plan, seed: trial ?? plan.seed })).values();
  };
  const names = [...faults, ...browserFaults].map(({ name }) => name);
  if (chosen([...faults, ...browserFaults]).length === 0) run.fail(`no fault is called "${only}"; there are: ${names.join(', ')}`);
  else await run.trials(plans(faults), plans(browserFaults), Infinity);
}

const plansOf = (all: readonly Named[], seed: number, minutes: number) => (minutes === 0 ? once(all, seed).values() : weighted(all, seed));

function judged(report: Report): Report {
  const few = report.metShare < metAtLeast ? [`only ${(report.metShare * 100).toFixed(1)} % of the blows met submissions under way`] : [];
  const failures = [...report.failures, ...few];
  return { ...report, failures, passed: failures.length === 0 };
}

/** FILE.json has the figures, FILE.md is for people. */
function write(file: string, report: Report): void {
  const stem = file.replace(/\.(json|md)$/, '');
  mkdirSync(dirname(stem), { recursive: true });
  writeFileSync(`${stem}.json`, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(`${stem}.md`, markdown(report));
}
