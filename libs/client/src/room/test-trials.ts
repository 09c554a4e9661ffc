/** Numbers in [0, 1) that are the same again for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** In another order. */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** A hundred trials, so many at once; the first that fails says its seed, and `from` repeats it alone. */
export async function trials(name: string, atOnce: number, trial: (random: () => number, seed: number) => Promise<void>): Promise<void> {
  const only = process.env['CONCLAVE_SEED'];
  const first = only ? Number(only) : (Date.now() % 1_000_000) * 1_000;
  const count = only ? 1 : 100;
  console.log(`${name}: ${count} trials from seed ${first}`);
  for (let done = 0; done < count; done += atOnce) {
    const seeds = Array.from({ length: Math.min(atOnce, count - done) }, (_, i) => first + done + i);
    await Promise.all(
      seeds.map((seed) =>
        trial(seeded(seed), seed).catch((error: unknown) => {
          throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
        }),
      ),
    );
  }
}
