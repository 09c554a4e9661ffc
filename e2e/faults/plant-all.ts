import { cpSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Plan } from './block.ts';
import { controls, type Control } from './controls.ts';
import type { FaultRun } from './run.ts';
import { plant } from './tree.ts';

export type Caught = { name: string; caught: boolean; by: string };

const limitMs = 240_000;

/** First that the probes find nothing in the tree as it is; then every planted bug, each in a copy of its own, those of one probe together. */
export async function plantAll(run: FaultRun, seed: number): Promise<Caught[]> {
  const probes = [...new Set(controls.flatMap(({ by }) => ('probe' in by ? [by.probe] : [])))];
  for (const name of probes) {
    if (run.over) return [];
    const { probed, broke } = await run.task(run.tree, { kind: 'probe', name, seed }, limitMs);
    if (broke || probed?.length !== 0) run.fail(`the probe "${name}" finds fault with the tree as it is: ${broke ?? probed!.join('; ')}`);
    else run.say(`ok   the probe "${name}" finds nothing in the tree as it is`);
  }
  const caught: Caught[] = [];
  for (const group of grouped()) {
    if (run.over) break;
    caught.push(...(await plantOne(run, group, seed)));
  }
  return caught;
}

function grouped(): Control[][] {
  const groups = new Map<string, Control[]>();
  for (const control of controls) {
    // The model stops at the first history that goes wrong: one bug at a time.
    const key = 'probe' in control.by && control.by.probe !== 'model' ? control.by.probe : control.name;
    groups.set(key, [...(groups.get(key) ?? []), control]);
  }
  return [...groups.values()];
}

async function plantOne(run: FaultRun, group: Control[], seed: number): Promise<Caught[]> {
  const tree = join(run.base, `planted-${group[0]!.name.replaceAll(/\W+/g, '-')}`);
  cpSync(run.tree, tree, { recursive: true, filter: (path) => !['node_modules', 'stories'].includes(basename(path)) });
  symlinkSync(join(run.tree, 'node_modules'), join(tree, 'node_modules'));
  symlinkSync(join(run.tree, 'dist/stories'), join(tree, 'dist/stories'));
  try {
    plant(
      tree,
      group.flatMap(({ patches }) => patches),
    );
  } catch (error) {
    run.fail(`planting "${group[0]!.name}": ${error instanceof Error ? error.message : String(error)}`);
    return group.map(({ name }) => ({ name, caught: false, by: '' }));
  }
  const { by } = group[0]!;
  const task =
    'probe' in by
      ? ({ kind: 'probe', name: by.probe, seed } as const)
      : ({ kind: 'block', plans: plansOf(by.faults, seed), seed } as const);
  const { probed, outcomes, broke, kept } = await run.task(tree, task, limitMs);
  const findings = [...(probed ?? []), ...outcomes.flatMap((outcome) => outcome.findings)];
  if (kept) rmSync(kept, { recursive: true, force: true });
  rmSync(tree, { recursive: true, force: true });
  return group.map(({ name, finds }) => {
    const found = findings.find((finding) => finds.test(finding));
    if (found) run.say(`ok   planted "${name}": caught (${found.split('\n')[0]!.slice(0, 120)})`);
    else if (!run.stopped) run.fail(`planted "${name}", and it was not caught: ${broke ?? (findings.join('; ') || 'nothing was found')}`);
    return { name, caught: found !== undefined, by: found?.split('\n')[0] ?? '' };
  });
}

function plansOf(names: string[], seed: number): Plan[] {
  return names.map((fault, index) => ({ index, seed: seed + index, fault }));
}
