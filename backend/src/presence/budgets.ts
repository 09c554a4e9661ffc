import { Budget } from './budget.ts';

/** Above this many the ones that are full again are forgotten: they allow what a new one allows. */
const MANY = 10_000;

/** A budget for each of whom nobody knows how many there will be: what one uses up is not the others'. In the memory of this process. */
export class Budgets {
  readonly #of = new Map<string, { budget: Budget; usedAt: number }>();
  #sweepAt = MANY;

  constructor(
    private readonly perSecond: number,
    private readonly size: number,
  ) {}

  /** 0 when one was taken, else the milliseconds until one is there. */
  take(key: string): number {
    const known = this.#of.get(key) ?? { budget: new Budget(this.perSecond, this.size), usedAt: 0 };
    known.usedAt = performance.now();
    this.#of.set(key, known);
    if (this.#of.size > this.#sweepAt) this.#sweep();
    return known.budget.take();
  }

  #sweep(): void {
    const fullAgain = performance.now() - (this.size / this.perSecond) * 1_000;
    for (const [key, { usedAt }] of this.#of) if (usedAt < fullAgain) this.#of.delete(key);
    this.#sweepAt = Math.max(MANY, 2 * this.#of.size); // never a sweep for every step of a crowd
  }
}
