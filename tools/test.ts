import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { needChromium } from './chromium.ts';
import { quickPlace } from './quick-place.ts';
import { secondTriesMax, secondTry } from './second-try.ts';

/* Every test a developer's machine can run: libraries, backend on the embedded database, screens, the core against a server, browser stories. */
const steps: [name: string, command: string][] = [
  ['build', 'nx run-many -t build build-stories'],
  ['unit, contract and database tests', 'vitest run'],
  ['tests of the screens', 'ng test --watch=false'],
  ['browser stories', 'playwright test -c e2e/playwright.config.ts'],
];
const tried: string[] = [];
/** Lines by which Vitest and Playwright name a test that failed, and what it said. */
const named = /^\s*(?:FAIL |× |\d+\) \[|\w*Error: )/;

/** Runs it with its output shown; resolves with its status and the lines that name failures, which a long log would bury. */
async function run(command: string): Promise<{ status: number; failures: string[] }> {
  const env = { ...process.env, ...quickPlace(), NG_CLI_ANALYTICS: 'false' };
  const child = spawn(command, { shell: true, stdio: ['inherit', 'pipe', 'pipe'], env });
  const failures = new Set<string>();
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    let rest = '';
    from.on('data', (bytes: Buffer) => {
      to.write(bytes);
      const lines = (rest + stripVTControlCharacters(bytes.toString())).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith(secondTry)) tried.push(line);
        else if (named.test(line) && failures.size < 60) failures.add(line.trim().slice(0, 300));
      }
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status: status ?? 1, failures: [...failures] };
}

console.log(`Chromium: ${needChromium()}`);
for (const [name, command] of steps) {
  console.log(`\n── ${name}: ${command}`);
  const { status, failures } = await run(command);
  if (status === 0) continue;
  console.error(`\n${failures.join('\n')}\n\n"${name}" failed. Run it alone with: npx ${command}`);
  process.exit(1);
}

if (tried.length > 0) console.log(`\n${tried.join('\n')}`);
if (tried.length > secondTriesMax) {
  console.error(`${tried.length} tests needed a second try, more than the ${secondTriesMax} that a busy machine explains.`);
  process.exit(1);
}
