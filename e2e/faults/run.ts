import type { Outcome, Plan } from './block.ts';
import type { Task } from './child.ts';
import { Worker, type Run } from './worker.ts';

/** So many trials share a world; then a fresh one, since what is said makes every later look longer. */
const blockSize = 25;
const browserBlockSize = 6;
const browsersEvery = 4;
const failuresMax = 3;
/** The WebRTC library for Node dies at times in its own native code, and the whole world with it: so often it may be begun anew. */
const crashesMax = 10;
const nativeCrash = /ended \(SIG(?:SEGV|ABRT|BUS|ILL)\)/;
const trialLimitMs = 150_000;
const openLimitMs = 180_000;

/** What all stages of one run share. */
export class FaultRun {
  readonly outcomes: Outcome[] = [];
  /** Sentences; one is enough for the run to have failed. */
  readonly failures: string[] = [];
  readonly kept: string[] = [];
  /** Worlds that ended in native code of the harness: no finding, but told. */
  readonly crashes: string[] = [];
  stopped = false;
  #worker: Worker | null = null;

  constructor(
    readonly tree: string,
    readonly base: string,
    readonly say: (line: string) => void,
  ) {}

  get over(): boolean {
    return this.stopped || this.failures.length >= failuresMax;
  }

  stop(): void {
    this.stopped = true;
    this.#worker?.stop();
  }

  async task(tree: string, task: Task, limitMs: number, heard?: (outcome: Outcome) => void): Promise<Run> {
    const worker = new Worker(tree, this.base, heard);
    this.#worker = worker;
    const run = await worker.run(task, limitMs);
    this.#worker = null;
    return run;
  }

  /** Trials in worlds of their own, until the plans or the time are over; after every few worlds one of browsers. */
  async trials(plans: Iterator<Plan>, browserPlans: Iterator<Plan>, until: number): Promise<void> {
    for (let i = 1; !this.over && Date.now() < until; i++) {
      const block = take(plans, blockSize);
      if (block.length > 0) await this.#block('block', block, until);
      const browsers = i % browsersEvery === 1 ? take(browserPlans, browserBlockSize) : [];
      if (browsers.length > 0 && !this.over && Date.now() < until) await this.#block('browsers', browsers, until);
      if (block.length === 0 && browsers.length === 0 && i % browsersEvery === 1) return;
    }
  }

  async #block(kind: 'block' | 'browsers', plans: Plan[], until: number): Promise<void> {
    const seed = plans[0]!.seed;
    const timer = setTimeout(() => this.#worker?.stop(), Math.min(2 ** 31 - 1, Math.max(0, until - Date.now())));
    const limit = openLimitMs + plans.length * trialLimitMs;
    const run = await this.task(this.tree, { kind, plans, seed }, limit, (outcome) => this.#heard(outcome));
    clearTimeout(timer);
    if (run.kept) this.kept.push(run.kept);
    const crashed = run.broke !== null && nativeCrash.test(run.broke) && this.crashes.length < crashesMax;
    if (crashed) this.#crashed(`a world (its seed: ${seed}) after ${run.outcomes.length} trials: ${run.broke!.split('\n', 1)[0]}`);
    else if (run.broke && !this.stopped) this.fail(`a world broke (its seed: ${seed}): ${run.broke}`);
    // A world ends with its first failure: what was planned after it comes in another.
    const rest = plans.slice(run.outcomes.length);
    if (rest.length > 0 && (run.outcomes.length > 0 || crashed) && !this.over && Date.now() < until) await this.#block(kind, rest, until);
  }

  #heard(outcome: Outcome): void {
    this.outcomes.push(outcome);
    const { fault, findings, convergedMs, messages, ms, blows } = outcome;
    const met = blows.map(({ underWay }) => underWay).join(' ');
    this.say(
      `${findings.length ? 'FAIL' : 'ok  '} ${(ms / 1000).toFixed(1).padStart(5)} s  ${fault}: ${messages} said, equal after ${convergedMs ?? '—'} ms, under way ${met}`,
    );
    if (findings.length === 0) return;
    this.fail(`${fault} (--only '${fault}' --trial ${outcome.seed}), kept in ${outcome.artefacts}:\n  ${findings.join('\n  ')}`);
  }

  #crashed(text: string): void {
    this.crashes.push(text);
    this.say(`note ${text}`);
  }

  fail(text: string): void {
    this.failures.push(text);
    this.say(`FAIL ${text}`);
  }
}

function take<T>(from: Iterator<T>, count: number): T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const next = from.next();
    if (next.done) break;
    taken.push(next.value);
  }
  return taken;
}
