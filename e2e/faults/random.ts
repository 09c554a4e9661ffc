/** Numbers that follow from a seed and nothing else: the same seed gives the same schedule, on any machine. */
export class Random {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed >>> 0;
  }

  /** A stream of its own for one purpose, so that drawing more for one never changes another. */
  for(purpose: string): Random {
    let hash = (this.seed ^ 0x9e3779b9) >>> 0;
    for (const letter of purpose) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193) >>> 0;
    return new Random(mixed(hash));
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    return mixed(this.#state) / 2 ** 32;
  }
  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }
  chance(probability: number): boolean {
    return this.next() < probability;
  }
  one<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }
  shuffled<T>(list: readonly T[]): T[] {
    const rest = [...list];
    return list.map(() => rest.splice(Math.floor(this.next() * rest.length), 1)[0]!);
  }
}

function mixed(state: number): number {
  let hash = Math.imul(state ^ (state >>> 15), state | 1);
  hash ^= hash + Math.imul(hash ^ (hash >>> 7), hash | 61);
  return (hash ^ (hash >>> 14)) >>> 0;
}
