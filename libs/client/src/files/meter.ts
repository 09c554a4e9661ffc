const SPAN_MS = 3_000;

/** How fast something goes, bytes per second over the last three seconds. */
export class Meter {
  #marks: { at: number; bytes: number }[] = [];

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** So many bytes are done by now. */
  mark(bytes: number): number {
    const at = this.now();
    this.#marks.push({ at, bytes });
    while (this.#marks.length > 2 && at - this.#marks[0]!.at > SPAN_MS) this.#marks.shift();
    const first = this.#marks[0]!;
    return at - first.at < 50 ? 0 : Math.max(0, ((bytes - first.bytes) / (at - first.at)) * 1000);
  }
}
