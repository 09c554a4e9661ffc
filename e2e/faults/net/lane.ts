import type { Socket } from 'node:net';

/** What happens to the bytes of one direction. */
export type Weather = {
  /** Nothing passes, nothing is lost: as on a network that is cut, where TCP keeps what it has. */
  hold?: boolean;
  /** Up to so many ms for each piece, in order. */
  jitterMs?: number;
  bytesPerSecond?: number;
};

const HELD_MAX = 1024 * 1024;
const SLICE_MS = 50;

/** One direction of one connection: pieces in the order they came, each after its wait. */
export class Lane {
  readonly #queue: Buffer[] = [];
  #held = 0;
  #busy = false;
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly weather: () => Weather,
    private readonly filter: (piece: Buffer) => Buffer | null,
    private readonly random: () => number,
  ) {
    from.on('data', (piece: Buffer) => this.#came(piece));
    from.once('end', () => {
      this.#ended = true;
      void this.#run();
    });
  }

  /** The weather has changed. */
  look(): void {
    this.#wake?.();
    void this.#run();
  }

  #came(piece: Buffer): void {
    const passed = this.filter(piece);
    if (!passed || passed.length === 0) return;
    this.#queue.push(passed);
    this.#held += passed.length;
    if (this.#held > HELD_MAX) this.from.pause();
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#queue.length > 0 && !this.weather().hold && !this.to.destroyed) {
      const { jitterMs, bytesPerSecond } = this.weather();
      if (jitterMs) await this.#sleep(this.random() * jitterMs);
      if (this.weather().hold) break;
      await this.#pass(bytesPerSecond);
    }
    this.#busy = false;
    if (this.#ended && this.#queue.length === 0 && !this.weather().hold) this.to.end();
  }

  async #pass(bytesPerSecond: number | undefined): Promise<void> {
    const piece = this.#queue.shift()!;
    const size = bytesPerSecond ? Math.max(1, Math.floor((bytesPerSecond * SLICE_MS) / 1000)) : piece.length;
    if (size < piece.length) this.#queue.unshift(piece.subarray(size));
    const now = piece.subarray(0, size);
    this.#held -= now.length;
    if (this.#held < HELD_MAX / 2 && this.from.isPaused()) this.from.resume();
    if (!this.to.write(now)) await Promise.race([drained(this.to), this.#sleep(5_000)]);
    if (bytesPerSecond) await this.#sleep(SLICE_MS);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('drain', resolve);
    socket.once('close', () => resolve());
  });
}
