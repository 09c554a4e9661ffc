import { spawnSync } from 'node:child_process';

/* Every check of the project, in order; stops at the first that fails. `npm run verify -- --no-lab` leaves the lab out. */
const checks: [name: string, command: string][] = [
  ['format', 'prettier --check .'],
  ['lint', 'npm run --silent lint'],
  ['types', 'npm run --silent types'],
  ['imports and cycles', 'npm run --silent imports'],
  ['dead code', 'npm run --silent dead'],
  ['docker files', 'npm run --silent docker:lint'],
  ['build', 'npm run --silent build'],
  ['size of the app', 'node tools/check-size.ts'],
  ['tests: unit, contract, embedded database, browser', 'npm test --silent'],
  ['lab: real servers', 'npm run --silent test:lab'],
];
const withoutLab = process.argv.includes('--no-lab');
const started = Date.now();
const lines: string[] = [];

for (const [name, command] of checks) {
  if (withoutLab && name.startsWith('lab')) continue;
  console.log(`\n── ${name}: ${command}`);
  const begun = Date.now();
  const { status } = spawnSync(command, { shell: true, stdio: 'inherit' });
  lines.push(`${status === 0 ? 'ok  ' : 'FAIL'} ${String(Math.round((Date.now() - begun) / 1000)).padStart(5)} s  ${name}`);
  if (status === 0) continue;
  console.error(`\n${lines.join('\n')}\n\n"${name}" failed. Run it alone with: ${command}`);
  console.log(`\n${lines.length - 1} passed, 1 failed`);
  process.exit(1);
}
console.log(`\n${lines.join('\n')}\n\nAll in ${Math.round((Date.now() - started) / 1000)} s.`);
console.log(`${lines.length} passed, 0 failed`);
