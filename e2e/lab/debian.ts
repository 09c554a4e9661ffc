import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Real servers that the lab runs, and the Debian package each comes in. */
const packages = {
  initdb: 'postgresql',
  ip: 'iproute2',
  nft: 'nftables',
  nginx: 'nginx-light',
  openssl: 'openssl',
  python3: 'python3',
  turnserver: 'coturn',
} as const;
export type Program = keyof typeof packages;

/** Where a program is; as root on Debian it is installed first. Throws with what is missing: the lab never passes by leaving out. */
export function needProgram(name: Program): string {
  const found = find(name) ?? (install(packages[name]) ? find(name) : undefined);
  if (found) return found;
  throw new Error(`The lab needs ${name}, which is missing. As root on Debian or Ubuntu: apt-get install ${packages[name]}`);
}

function find(name: Program): string | undefined {
  const postgres = '/usr/lib/postgresql';
  const versions = existsSync(postgres) ? readdirSync(postgres).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(postgres, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
  ];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function install(debianPackage: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  console.log(`Installing ${debianPackage} from Debian …`);
  // Run level 1: what is installed is not started as a service.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const run = (args: string[]) =>
    spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 }).status === 0;
  return run(['update', '-qq']) && run(['install', '-y', '-qq', '--no-install-recommends', debianPackage]);
}
