import { backoff } from '../backoff.ts';
import type { RoomContext } from './context.ts';
import type { GroupState } from './group-state.ts';

const retry = { baseMs: 300, capMs: 10_000, floorMs: 50 };

/** When this device looks again at where it stands in the group: at once, after a pause that grows, or when the server has told it anew. */
export class Pacing {
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #again: ReturnType<typeof setTimeout> | null = null;
  /** After a step that failed, no earlier than this: whoever wants to send may look again, but not at once. */
  #notBefore = 0;
  #stopped = false;

  constructor(
    private readonly ctx: RoomContext,
    private readonly state: GroupState,
    private readonly look: () => Promise<void>,
  ) {}

  /** Asked for before the pause after a step that failed was over. */
  get early(): boolean {
    return Date.now() < this.#notBefore;
  }

  soon(ms: number): void {
    if (this.#stopped || (this.#timer && ms > 0)) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.ctx.soon(() => this.look());
      },
      Math.max(ms, this.#notBefore - Date.now()),
    );
  }

  /** A fresh `joined` tells where the group is; until then nothing is known of it. */
  askAgain(retryAfterMs = 0): void {
    this.state.status = null;
    if (this.#stopped || this.#again) return;
    this.#again = setTimeout(
      () => {
        this.#again = null;
        this.ctx.socket.send({ type: 'join', room: this.ctx.room });
      },
      Math.max(retryAfterMs, this.backOff()),
    );
  }

  /** Counts one more attempt. ms to wait, with jitter. */
  backOff(): number {
    return backoff(this.#attempt++, retry);
  }

  /** Counts one more attempt. True for the first `times`. */
  within(times: number): boolean {
    return this.#attempt++ < times;
  }

  /** A step has failed: nothing is tried before this many ms, which it returns. */
  pause(): number {
    const wait = this.backOff();
    this.#notBefore = Date.now() + wait;
    return wait;
  }

  /** The server has spoken: no pause any more. */
  resume(): void {
    this.#notBefore = 0;
  }

  /** The group moved on: attempts are counted from the start. */
  succeeded(): void {
    this.#attempt = 0;
  }

  cancel(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#again) clearTimeout(this.#again);
    this.#timer = this.#again = null;
  }

  stop(): void {
    this.#stopped = true;
    this.cancel();
  }
}
