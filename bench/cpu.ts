import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

const TICKS_PER_S = 100;

/** CPU seconds that a process has used, all its threads together. */
export function cpuOf(pid: number): number {
  const [, fields] = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/** CPU seconds of a process with everything it started and has waited for, and its children that still run. */
export function cpuOfFamily(pid: number): number {
  const [, fields] = statOf(pid);
  const own = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0) / TICKS_PER_S;
  return childrenOf(pid).reduce((sum, child) => sum + cpuOrNone(child), own);
}

/** Binds a process and its children to one core. */
export function pin(pid: number, core: number): void {
  for (const each of [pid, ...childrenOf(pid)]) execFileSync('taskset', ['-apc', String(core), String(each)], { stdio: 'ignore' });
}

/** As before it was bound: it may run on every core. */
export function unpin(pid: number): void {
  execFileSync('taskset', ['-apc', `0-${cpus().length - 1}`, String(pid)], { stdio: 'ignore' });
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => parentOf(each) === pid);
}

function parentOf(pid: number): number | null {
  try {
    return Number(statOf(pid)[1][1]);
  } catch {
    return null; // it has just ended
  }
}
function cpuOrNone(pid: number): number {
  try {
    return cpuOf(pid);
  } catch {
    return 0; // it has just ended, and is counted with its parent
  }
}

/** The name, and what follows it: state, parent, …; utime, stime, cutime and cstime are 11 to 14. */
function statOf(pid: number): [name: string, fields: string[]] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const end = text.lastIndexOf(')');
  return [text.slice(text.indexOf('(') + 1, end), text.slice(end + 2).split(' ')];
}
