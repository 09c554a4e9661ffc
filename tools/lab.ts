import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { RealPostgres } from '../e2e/lab/real-postgres.ts';
import { quickPlace } from './quick-place.ts';
import { secondTry } from './second-try.ts';

/*
 * `npm run test:lab`: what needs real servers beside ours, all of them processes of its own on loopback. As root on Debian it installs
 * what is missing; elsewhere a missing program fails. Nothing is left out silently.
 */
const STEP_MS = 1_200_000; // the faults take eight minutes on two quiet cores
const modules = join(import.meta.dirname, '../node_modules');
const vitest = [join(modules, 'vitest/vitest.mjs'), 'run'];
let passed = 0;
let failed = 0;

function tell(name: string, error: string | null, begun: number): void {
  if (error === null) passed++;
  else failed++;
  console.log(`${error === null ? 'ok  ' : 'FAIL'} ${String(Math.round((Date.now() - begun) / 1000)).padStart(4)} s  ${name}`);
  if (error !== null) console.error(error);
}

/** What a step printed is shown only when it fails, but for the tables of what it measured, and what needed a second try. */
function run(name: string, args: string[], environment: Record<string, string> = {}): void {
  const begun = Date.now();
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    timeout: STEP_MS,
  });
  tell(name, status === 0 ? null : `${stdout}\n${stderr}\n${error?.message ?? ''}`, begun);
  const rows = stripVTControlCharacters(stdout)
    .split('\n')
    .filter((line) => line.startsWith('| ') || line.startsWith(secondTry));
  if (status === 0 && rows.length > 0) console.log(rows.join('\n'));
}

const step = (name: string, args: string[], environment?: Record<string, string>) =>
  run(name, [...vitest, ...args], { ...quickPlace(), ...environment });

/** Of the core's tests, those in which the database does most; the others ask it nothing that these and the backend's own tests do not. */
const stored: [file: string, only?: string][] = [
  ['chat'],
  ['closed-rooms'],
  ['linking'],
  ['moderation'],
  ['newcomers'],
  ['recovery'],
  ['restore', 'gets the commits back|behind those who knew more'], // from there on it is the members who find each other
];

function onPostgres(postgres: RealPostgres): void {
  step('backend tests on a real Postgres', ['--project', 'backend'], { TEST_DATABASE_URL: postgres.url });
  for (const [name, only] of stored) {
    const choice = only === undefined ? [] : ['--testNamePattern', only];
    step(`${name} on a real Postgres`, ['--config', 'e2e/lab/core.config.ts', `e2e/core/${name}.test.ts`, ...choice], {
      LAB_POSTGRES: postgres.url,
    });
  }
}

const files = (folder: string) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
    .map((file) => `${folder}/${file}`);

run('the server is built', [join(modules, 'typescript/bin/tsc'), '-p', 'backend']);
run('the pages of the stories are built', [join(modules, 'nx/dist/bin/nx.js'), 'run', 'frontend:build-stories']);
const begun = Date.now();
let postgres: RealPostgres | null = null;
try {
  postgres = await RealPostgres.start();
  tell('a Postgres server of its own starts', null, begun);
  onPostgres(postgres);
} catch (error) {
  tell('a Postgres server of its own', String(error), begun);
} finally {
  postgres?.remove();
}
for (const file of [...files('e2e/lab'), ...files('e2e/lab/nat')])
  step(file, ['--config', 'e2e/lab/vitest.config.ts', file.slice('e2e/lab/'.length)]);

run('every kind of fault once, and every planted bug', ['tools/faults.ts']);
run('the bench produces every figure', ['--import', './e2e/faults/typescript.ts', 'bench/main.ts', '--quick']);

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
