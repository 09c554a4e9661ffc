import { spawnSync } from 'node:child_process';
import { needChromium } from './chromium.ts';

/* Every test a developer's machine can run: libraries, backend on the embedded database, screens, the core against a server, browser stories. */
const steps: [name: string, command: string][] = [
  ['build', 'nx run-many -t build build-stories'],
  ['unit, contract and database tests', 'vitest run'],
  ['tests of the screens', 'ng test'],
  ['browser stories', 'playwright test -c e2e/playwright.config.ts'],
];

console.log(`Chromium: ${needChromium()}`);
for (const [name, command] of steps) {
  console.log(`\n── ${name}: ${command}`);
  const { status } = spawnSync(command, { shell: true, stdio: 'inherit', env: { ...process.env, NG_CLI_ANALYTICS: 'false' } });
  if (status === 0) continue;
  console.error(`\n"${name}" failed. Run it alone with: npx ${command}`);
  process.exit(1);
}
