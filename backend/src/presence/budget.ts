/** A bucket that refills steadily: bursts are allowed up to its size. */
export class Budget {
  #left: number;
  #at = performance.now();

  constructor(
    private readonly perSecond: number,
    private size: number,
  ) {
    this.#left = size;
  }

  /** 0 when one was taken, else the milliseconds until one is there. */
  take(): number {
    const now = performance.now();
    this.#left = Math.min(this.size, this.#left + ((now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
    if (this.#left >= 1) {
      this.#left--;
      return 0;
    }
    return Math.ceil(((1 - this.#left) / this.perSecond) * 1000);
  }

  /** A larger burst from now on, at once available. */
  grow(size: number): void {
    if (size <= this.size) return;
    this.#left += size - this.size;
    this.size = size;
  }
}
