// Started by `npm run accounts -- …`: the host's tool for accounts (`npm run accounts -- --help`).
import { spawnSync } from 'node:child_process';
import { buildServer, nodeWith, root } from './built.mjs';

buildServer();
const { status } = spawnSync(process.execPath, [...nodeWith('dist/backend/src/accounts-cli.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
