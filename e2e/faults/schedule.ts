import type { Plan } from './block.ts';
import { Random } from './random.ts';

export type Named = { name: string; weight?: number };

/** Every kind once, in an order of the seed. */
export function once(faults: readonly Named[], seed: number): Plan[] {
  return numbered(new Random(seed).for('order').shuffled(faults.map(({ name }) => name)), seed, 0);
}

/** Without end: rounds in which each kind comes as often as it weighs, shuffled. The same seed gives the same plans. */
export function* weighted(faults: readonly Named[], seed: number): Generator<Plan> {
  const bag = faults.flatMap(({ name, weight }) => Array.from({ length: weight ?? 1 }, () => name));
  for (let round = 0, index = 0; ; round++, index += bag.length)
    yield* numbered(new Random(seed).for(`round ${round}`).shuffled(bag), seed, index);
}

function numbered(names: string[], seed: number, from: number): Plan[] {
  return names.map((fault, i) => ({ index: from + i, seed: new Random(seed).for(`trial ${from + i}`).whole(1, 2 ** 31), fault }));
}
