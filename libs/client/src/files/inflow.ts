import type { Vault } from './vault.ts';

const BLOCK = 1024 * 1024;

/** Bytes of a file as they come from somewhere: gathered into blocks, and written in order, one after the other. */
export class Inflow {
  #block = new Uint8Array(BLOCK);
  #filled = 0;
  #written: number;
  #tail: Promise<void> = Promise.resolve();
  #failure: unknown = null;

  constructor(
    private readonly vault: Vault,
    private readonly id: string,
    /** Where the next byte belongs. */
    public next: number,
    private readonly told: (written: number) => void = () => undefined,
  ) {
    this.#written = next;
  }

  get written(): number {
    return this.#written;
  }
  /** What writing threw, if it did: nothing more is taken then. */
  get failure(): unknown {
    return this.#failure;
  }

  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + BLOCK - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === BLOCK) this.#pass();
    }
    this.next += bytes.length;
  }

  /** Resolves when all that was taken is written. Throws what writing threw. */
  async flush(): Promise<void> {
    if (this.#filled > 0) this.#pass();
    await this.#tail;
    if (this.#failure !== null) throw this.#failure;
  }
  /** Resolves when no more than this is on its way to the disk. */
  settled(): Promise<void> {
    return this.#tail;
  }

  #pass(): void {
    const block = this.#block.subarray(0, this.#filled);
    this.#block = new Uint8Array(BLOCK);
    this.#filled = 0;
    this.#tail = this.#tail.then(() => this.#write(block));
  }

  async #write(block: Uint8Array): Promise<void> {
    if (this.#failure !== null) return;
    const { length } = block; // it may be handed over to the worker
    try {
      await this.vault.append(this.id, this.#written, block);
      this.#written += length;
      this.told(this.#written);
    } catch (error) {
      this.#failure = error;
    }
  }
}
