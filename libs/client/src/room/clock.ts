import type { DeviceId, Order } from '../../../protocol/src/index.ts';

const aheadMs = 5 * 60_000;
const counterMax = 0xffff;
const othersMax = 256;

/** The hybrid clock of delivery.md D8: corrected by the server's, never behind what was seen, and not led astray by clocks years off. */
export class HybridClock {
  #last: Order = { ms: 0, counter: 0 };
  #offset = 0;
  #corrected = false;
  readonly #others = new Map<DeviceId, number>();

  constructor(private readonly wall: () => number = Date.now) {}

  /** The server said its time just now. */
  correct(serverMs: number): void {
    this.#offset = serverMs - this.wall();
    this.#corrected = true;
  }

  /** A member's clock says this now. Where no server has spoken since the start, the median of all clocks counts, one's own among them. */
  compare(device: DeviceId, theirMs: number): void {
    if (this.#others.size < othersMax || this.#others.has(device)) this.#others.set(device, theirMs - this.wall());
    if (this.#corrected) return;
    const offsets = [0, ...this.#others.values()].sort((a, b) => a - b);
    this.#offset = offsets[offsets.length >> 1]!;
  }

  /** Corrected time, ms since 1970. */
  now(): number {
    return Math.max(0, Math.round(this.wall() + this.#offset));
  }

  /** The next place in the order, above everything said or seen so far. */
  tick(): Order {
    const ms = Math.max(this.now(), this.#last.ms);
    const counter = ms === this.#last.ms ? this.#last.counter + 1 : 0;
    this.#last = counter > counterMax ? { ms: ms + 1, counter: 0 } : { ms, counter };
    return this.#last;
  }

  /** This device has said something here before: whatever it says next comes after it, though its clock was years off then. */
  resume(order: Order): void {
    if (order.ms > this.#last.ms || (order.ms === this.#last.ms && order.counter > this.#last.counter)) this.#last = order;
  }

  /** False when the order lies more than five minutes ahead: shown with a mark, never adopted. */
  observe(order: Order): boolean {
    if (order.ms - this.now() > aheadMs) return false;
    this.resume(order);
    return true;
  }
}
