import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/* Finds the Chromium that the browser stories drive; where it may, installs Debian's. Never downloads one from elsewhere. */
const places = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

export function findChromium(): string | undefined {
  return places.find((path): path is string => path !== undefined && existsSync(path));
}

/** The path of a Chromium; installs Debian's as root, otherwise throws with what to do. */
export function needChromium(): string {
  const found = findChromium() ?? installFromDebian();
  if (found) return found;
  throw new Error(
    'The browser stories need Chromium or Chrome. Install it (Debian, Ubuntu: apt-get install chromium; macOS: brew install --cask chromium), or set CHROMIUM to its path.',
  );
}

function installFromDebian(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  console.log('Installing Chromium from Debian (apt-get install chromium) …');
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env: environment, timeout: 300_000 });
  spawnSync('apt-get', ['install', '-y', '-qq', 'chromium'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environment,
    timeout: 900_000,
  });
  return findChromium();
}

if (import.meta.main) console.log(`Chromium: ${needChromium()}`);
