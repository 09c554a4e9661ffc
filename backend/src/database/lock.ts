import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../config.ts';

/** The embedded database has no lock of its own, and a second process would corrupt it. Returns the release. */
export function lockDirectory(dir: string): () => void {
  const file = join(dir, 'lock');
  const mine = `${process.pid} ${startOf(process.pid) ?? ''}`;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const descriptor = openSync(file, 'wx', 0o600);
      writeSync(descriptor, mine);
      closeSync(descriptor);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isHeld(file)) throw new ConfigError(`DATA_DIR: ${dir} is in use by another running server`);
      rmSync(file, { force: true });
    }
  }
  throw new ConfigError(`DATA_DIR: ${dir} is being taken by another server`);
}

function isHeld(file: string): boolean {
  const [pid = '', start = ''] = readFileSync(file, 'utf8').split(' ');
  const holder = Number(pid);
  if (!Number.isInteger(holder) || holder <= 0 || holder === process.pid) return false;
  try {
    process.kill(holder, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // After a reboot or in a container a stranger may have the same number: it did not start at the same moment.
  const now = startOf(holder);
  return now === undefined || start === '' || now === start;
}

/** Clock ticks from boot to the start of a process, on Linux. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
