import { SealError } from '../sealing/sealer.ts';
import { Serial } from '../serial.ts';
import { StoreError } from '../storage/store.ts';

/** The one serial queue of a room: everything that reads or moves its state is a step of it, so that no two ever interleave. */
export class Steps {
  readonly #queue = new Serial();
  #stopped = false;

  constructor(private readonly broken: (error: unknown) => void) {}

  /** For somebody who hears of the failure; what breaks storage or key state also breaks the session. */
  run<T>(step: () => Promise<T>): Promise<T> {
    return this.#queue.run(async () => {
      try {
        return await step();
      } catch (error) {
        if (error instanceof StoreError || (error instanceof SealError && error.code === 'fenced')) this.failed(error);
        throw error;
      }
    });
  }

  /** Where nobody waits: no failure is swallowed but those of a store that was closed under it. */
  soon(step: () => Promise<void>): void {
    this.#queue.run(async () => (this.#stopped ? undefined : step())).catch((error: unknown) => this.failed(error));
  }

  failed(error: unknown): void {
    if (!this.#stopped) this.broken(error);
  }

  /** Nothing more is begun; what is under way ends silently. */
  stop(): void {
    this.#stopped = true;
  }
}
