import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { judge, type Findings } from '../audit.ts';
import type { Outcome, Plan } from '../block.ts';
import { sleep } from '../load.ts';
import { Random } from '../random.ts';
import type { Blow } from '../trial.ts';
import { BrowserWorld } from './browser-world.ts';
import type { BrowserMember } from './browser-member.ts';
import { browserFaults } from './kinds.ts';

const convergeMs = 10_000;

/** As the blocks of the people in Node: trials in one world, until one fails. */
export async function runBrowserBlock(plans: readonly Plan[], seed: number, told: (outcome: Outcome) => boolean): Promise<void> {
  const world = await BrowserWorld.open(new Random(seed));
  let failed = false;
  try {
    for (const plan of plans) {
      const outcome = await runTrial(world, plan);
      failed = outcome.findings.length > 0;
      if (failed) {
        outcome.artefacts = world.folder;
        writeFileSync(join(world.folder, 'outcome.json'), JSON.stringify(outcome, null, 1));
        writeFileSync(join(world.folder, 'server.log'), world.server.log);
      }
      if (!told(outcome) || failed) return;
    }
  } finally {
    await world.close(failed);
  }
}

async function runTrial(world: BrowserWorld, plan: Plan): Promise<Outcome> {
  const begun = Date.now();
  const random = new Random(plan.seed);
  const fault = browserFaults.find(({ name }) => name === plan.fault);
  if (!fault) throw new Error(`there is no fault "${plan.fault}"`);
  const victim = random.one(world.members);
  const blows: Blow[] = [];
  const before = saidSoFar(world);
  let findings: Findings;
  let convergedMs: number | null = null;
  const talk = new Talk(world, random);
  try {
    await sleep(random.whole(150, 400));
    blows.push({ fault: fault.name, underWay: await talk.atOnce(victim, 3), count: 1 });
    await fault.run({ world, random, victim });
    const healedAt = Date.now();
    await sleep(200);
    await talk.stop();
    ({ findings, convergedMs } = await audit(world, healedAt));
  } catch (error) {
    await talk.stop();
    findings = [`the trial broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
  return { ...plan, blows, messages: saidSoFar(world) - before, ms: Date.now() - begun, convergedMs, findings };
}

/** Everybody says something now and then; who cannot just now is silent. */
class Talk {
  #on = true;
  #quiet: BrowserMember | null = null;
  readonly #speaking = new Map<BrowserMember, Promise<boolean>>();
  readonly #all: Promise<void>[];

  constructor(
    private readonly world: BrowserWorld,
    random: Random,
  ) {
    this.#all = world.members.map((member) => this.#chat(member, random.for(member.name)));
  }

  async stop(): Promise<void> {
    this.#on = false;
    await Promise.all(this.#all);
  }

  async atOnce(member: BrowserMember, count: number): Promise<number> {
    this.#quiet = member; // one mouth: what is said here stands in the order of its numbers
    await this.#speaking.get(member);
    const journal = this.world.journals.get(member.name)!;
    const texts = Array.from({ length: count }, () => journal.next());
    const underWay = await member.sayAtOnce(texts);
    texts.forEach((text) => journal.write(text));
    this.#quiet = null;
    return underWay;
  }

  async #chat(member: BrowserMember, random: Random): Promise<void> {
    const journal = this.world.journals.get(member.name)!;
    while (this.#on) {
      await sleep(random.whole(60, 200));
      if (member === this.#quiet) continue;
      const text = journal.next();
      const said = member.say(text).then(
        () => true,
        () => false, // the page is away or frozen: it was not said
      );
      this.#speaking.set(member, said);
      if (await Promise.race([said, sleep(3_000).then(() => false)])) journal.write(text);
    }
  }
}

const saidSoFar = ({ journals }: BrowserWorld) => [...journals.values()].reduce((sum, { said }) => sum + said.length, 0);

async function audit(world: BrowserWorld, healedAt: number): Promise<{ convergedMs: number | null; findings: Findings }> {
  for (;;) {
    const transcripts = await Promise.all(world.members.map(async (member) => ({ name: member.name, texts: await member.transcript() })));
    const findings = judge(transcripts, world.journals);
    const ms = Date.now() - healedAt;
    if (findings.length === 0) return { convergedMs: ms, findings };
    if (ms > convergeMs) return { convergedMs: null, findings };
    await sleep(50);
  }
}
