import { spawnSync } from 'node:child_process';
import { needProgram } from '../debian.ts';

/** Names carry the process that made them: what a killed run left behind is found, and removed by the next. */
const family = 'conclave-';
const LIMIT_MS = 20_000;

/** Network namespaces of this process, which nothing leaves: none of them is joined to the machine's own network. */
export class Namespaces {
  readonly #made: string[] = [];

  constructor(private readonly ip = needProgram('ip')) {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      throw new Error(
        'The NAT laboratory makes network namespaces: it needs Linux and root. Run it as root, or in a privileged container.',
      );
    this.#sweep();
  }

  add(name: string): string {
    const full = `${family}${process.pid}-${name}`;
    try {
      this.#command(this.ip, ['netns', 'add', full]);
    } catch (error) {
      throw new Error(`This machine cannot make network namespaces, which the NAT laboratory needs: ${String(error)}`, { cause: error });
    }
    this.#made.push(full);
    this.run(full, 'link', 'set', 'lo', 'up');
    return full;
  }

  /** `ip` for one namespace. */
  run(namespace: string, ...args: string[]): void {
    this.#command(this.ip, ['-n', namespace, ...args]);
  }

  /** What to write before a command so that it runs inside. */
  within(namespace: string): [string, ...string[]] {
    return [this.ip, 'netns', 'exec', namespace];
  }

  /** Runs inside, and gives back what was printed. */
  inside(namespace: string, args: string[], input = ''): string {
    const [program, ...rest] = this.within(namespace);
    return this.#command(program, [...rest, ...args], input);
  }

  remove(): void {
    for (const name of this.#made.splice(0)) this.#delete(name);
  }

  #delete(name: string): void {
    for (const pid of this.#command(this.ip, ['netns', 'pids', name]).split('\n').filter(Boolean)) kill(Number(pid));
    this.#command(this.ip, ['netns', 'del', name]);
  }

  #sweep(): void {
    for (const line of this.#command(this.ip, ['netns', 'list']).split('\n')) {
      const owner = new RegExp(`^(${family}(\\d+)-\\w+)`).exec(line);
      if (owner && !lives(Number(owner[2]))) this.#delete(owner[1]!);
    }
  }

  #command(program: string, args: string[], input = ''): string {
    const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', input, timeout: LIMIT_MS });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
    return stdout;
  }
}

/** Of a namespace of ours: started here, or by a run that is gone. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended by itself
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
