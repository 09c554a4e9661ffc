import { fork, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from './block.ts';
import type { Task } from './child.ts';

type Told = { outcome?: Outcome; probed?: string[]; broke?: string; done?: true };
export type Run = {
  outcomes: Outcome[];
  probed: string[] | null;
  broke: string | null;
  /** Its temporary folder, if something in it is worth keeping. */ kept: string | null;
};

/** Runs one task in a process of its own, in a tree; whatever it leaves behind is ended and removed. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #folder: string;

  constructor(
    tree: string,
    base: string,
    private readonly heard: (outcome: Outcome) => void = () => undefined,
  ) {
    this.#folder = mkdtempSync(join(base, 'world-'));
    chmodSync(this.#folder, 0o755); // Postgres runs as somebody else
    this.#child = fork(join(tree, 'e2e/faults/child.ts'), [], {
      cwd: tree,
      execArgv: ['--import', join(tree, 'e2e/faults/typescript.ts')],
      env: { ...process.env, TMPDIR: this.#folder, NODE_COMPILE_CACHE: join(base, 'compiled') },
      // A group of its own: Ctrl-C is for the door only, and what is left of the group can be ended by its number.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
  }

  /** Ends after the trial under way. */
  stop(): void {
    if (this.#child.connected) this.#child.send('stop');
  }

  async run(task: Task, limitMs: number): Promise<Run> {
    const run: Run = { outcomes: [], probed: null, broke: null, kept: null };
    let printed = '';
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.on('data', (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-20_000)));
    const child = this.#child;
    let done = false;
    child.on('message', (told: Told) => {
      if (told.outcome) {
        run.outcomes.push(told.outcome);
        this.heard(told.outcome);
      }
      run.probed = told.probed ?? run.probed;
      run.broke = told.broke ?? run.broke;
      done ||= told.done ?? false;
    });
    const ended = new Promise<string>((resolve) =>
      child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`)).once('error', (error) => resolve(error.message)),
    );
    child.send(task);
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    const how = await ended;
    clearTimeout(timer);
    if (!done && run.broke === null) run.broke = `the process of the world ended (${how}) before it was done\n${printed}`;
    this.#sweep();
    if (run.outcomes.some(({ artefacts }) => artefacts)) run.kept = this.#folder;
    else rmSync(this.#folder, { recursive: true, force: true });
    return run;
  }

  /** Servers are of the child's process group; Postgres has left it, and its number stands in its folder. */
  #sweep(): void {
    end(-this.#child.pid!, 'SIGKILL');
    for (const name of readdirSync(this.#folder).filter((each) => each.startsWith('conclave-lab-postgres-'))) {
      const file = join(this.#folder, name, 'data/postmaster.pid');
      if (existsSync(file)) end(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGQUIT');
      rmSync(join(this.#folder, name), { recursive: true, force: true });
    }
  }
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // gone already, as it should be
  }
}
