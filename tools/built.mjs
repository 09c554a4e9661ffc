// Checks Node, and builds what is missing or older than its sources. Plain JavaScript, so that an old Node can still say what is wrong.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split('.').map(Number);
if (!(major >= 26 || (major === 24 && minor >= 15) || (major === 22 && minor >= 22))) {
  console.error(`Node ${process.versions.node} is too old for Conclave.`);
  console.error(
    'Run `npm ci` and then `npm start`: npm brings the right Node with it. Or install Node 24.15 or newer from https://nodejs.org.',
  );
  process.exit(1);
}
if (!existsSync(join(root, 'node_modules', '@nestjs', 'core'))) {
  console.error('The packages are not installed yet: run `npm ci` here first.');
  process.exit(1);
}

const newest = (path) => {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return path.endsWith('.test.ts') ? 0 : stat.mtimeMs;
  return Math.max(
    0,
    ...readdirSync(path)
      .filter((name) => !name.startsWith('.') && name !== 'node_modules')
      .map((name) => newest(join(path, name))),
  );
};
const sources = (...paths) => Math.max(...paths.map((path) => newest(join(root, path))));
const isStale = (built, ...paths) =>
  !existsSync(join(root, built)) || (existsSync(join(root, paths[0])) && statSync(join(root, built)).mtimeMs < sources(...paths));

const run = (what, command, args) => {
  console.error(`Building the ${what} …`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) {
    console.error(`The ${what} could not be built: see above.`);
    process.exit(1);
  }
};

export function buildServer() {
  const stamp = 'dist/backend.tsbuildinfo';
  if (isStale(stamp, 'backend', 'libs/protocol/src', 'libs/mls-wire/src') || !existsSync(join(root, 'dist/backend/src/main.js')))
    run('server', process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'backend']);
}

export function buildClient() {
  if (
    existsSync(join(root, 'frontend')) &&
    isStale('dist/frontend/browser/index.html', 'frontend', 'libs/protocol/src', 'libs/client/src', 'libs/mls-wire/src')
  )
    run('client', 'npm', ['run', '--silent', 'build:frontend']);
}

/** Where `.env` is, the program is told of it. */
export function nodeWith(program) {
  const env = join(root, '.env');
  return [...(existsSync(env) ? [`--env-file=${env}`] : []), join(root, program)];
}
