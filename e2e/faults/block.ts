import { withDatabase } from './database.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { audit, type Findings } from './audit.ts';
import { faults } from './kinds.ts';
import { Load, sleep } from './load.ts';
import { Random } from './random.ts';
import { Trial, type Blow } from './trial.ts';
import { World } from './world.ts';

/** A trial as it is planned: everything about it follows from its seed. */
export type Plan = { index: number; seed: number; fault: string };
export type Outcome = Plan & {
  blows: Blow[];
  messages: number;
  ms: number;
  convergedMs: number | null;
  findings: Findings;
  artefacts?: string;
};

const trialMs = 90_000;

/** One world and the trials in it. Ends at the first that fails: what was lost once would be found lost for ever. */
export async function runBlock(plans: readonly Plan[], seed: number, told: (outcome: Outcome) => boolean): Promise<void> {
  const world = await World.open(new Random(seed));
  let failed = false;
  try {
    for (const plan of plans) {
      const outcome = await runTrial(world, plan);
      failed = outcome.findings.length > 0;
      if (failed) outcome.artefacts = await keep(world, outcome);
      if (!told(outcome) || failed) return;
    }
  } finally {
    await world.close(failed);
  }
}

async function runTrial(world: World, plan: Plan): Promise<Outcome> {
  const begun = Date.now();
  const random = new Random(plan.seed);
  const fault = faults.find(({ name }) => name === plan.fault);
  if (!fault) throw new Error(`there is no fault "${plan.fault}"`);
  const trial = new Trial(world, random, fault.name);
  const before = saidSoFar(world);
  let convergedMs: number | null = null;
  let findings: Findings;
  const load = new Load(world, random.for('load'), random.whole(3, 6));
  try {
    await sleep(random.whole(80, 250));
    await within(trialMs, `the fault did not end within ${trialMs} ms`, fault.run(trial));
    const healedAt = Date.now();
    await load.oneMoreRound();
    await load.stop();
    ({ convergedMs, findings } = await audit(world, healedAt));
  } catch (error) {
    await load.stop();
    findings = [`the trial broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
  return { ...plan, blows: trial.blows, messages: saidSoFar(world) - before, ms: Date.now() - begun, convergedMs, findings };
}

const saidSoFar = ({ journals }: World) => [...journals.values()].reduce((sum, { said }) => sum + said.length, 0);

async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error(what)), ms)));
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer!);
  }
}

/** Everything one needs to see afterwards what was lost, and where it was last. */
async function keep(world: World, outcome: Outcome): Promise<string> {
  const plain = (_: string, value: unknown) => {
    if (value instanceof Uint8Array) return `${value.length} bytes: ${Buffer.from(value).toString('base64url').slice(0, 24)}`;
    return value instanceof Map ? Object.fromEntries(value as Map<string, unknown>) : value;
  };
  const folder = join(world.folder, 'kept');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'outcome.json'), JSON.stringify(outcome, null, 1));
  writeFileSync(join(folder, 'database.json'), JSON.stringify(await insides(world.databaseUrl), null, 1));
  writeFileSync(join(folder, 'server.log'), world.server.log);
  for (const member of world.members) {
    writeFileSync(
      join(folder, `${member.name}.transcript`),
      member
        .transcript()
        .map(({ body }) => ('text' in body ? body.text : body.kind))
        .join('\n'),
    );
    writeFileSync(join(folder, `${member.name}.disk.json`), JSON.stringify(member.disk.tables, plain, 1));
    writeFileSync(
      join(folder, `${member.name}.view.json`),
      JSON.stringify(
        {
          connection: member.person.client.connection.value,
          trouble: member.person.client.trouble.value,
          room: member.room.view.value,
          roster: member.room.roster.value,
        },
        plain,
        1,
      ),
    );
  }
  return world.folder;
}

/** Who waits for whom in the database, and what the relay holds: a trial may have failed because a statement waits. */
async function insides(databaseUrl: string): Promise<unknown> {
  const ask = (sql: string) => withDatabase(databaseUrl, async (client) => (await client.query(sql)).rows as unknown[]);
  const questions = {
    sessions: `select pid, state, wait_event_type, wait_event, pg_blocking_pids(pid) as blocked_by, now() - xact_start as "transactionFor",
      now() - query_start as "queryFor", left(query, 200) as query from pg_stat_activity where datname = current_database()`,
    log: `select pos, kind, encode(eid, 'base64') as eid, author, targets, created_at from room_log order by pos desc limit 200`,
    cursors: `select device, pos, cardinality(beyond) as beyond from relay_cursor`,
  };
  const answers = await Promise.all(
    Object.entries(questions).map(async ([name, sql]) => [name, await ask(sql).catch((error: unknown) => String(error))] as const),
  );
  return Object.fromEntries(answers);
}
