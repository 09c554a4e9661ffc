import { fileLeaf } from '../../../protocol/src/index.ts';

/**
 * SHA-256 over the SHA-256 of each MiB: bytes come in their order and in pieces of any length, and no more than a MiB of them is held. The
 * browser's own SHA-256 takes only what is all there, and one in JavaScript would be slower than the network.
 */
export class LeafHash {
  readonly #leaf = new Uint8Array(fileLeaf);
  #filled = 0;
  #length = 0;
  readonly #digests: Uint8Array[] = [];

  /** Bytes taken up to now. */
  get length(): number {
    return this.#length;
  }

  async take(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + fileLeaf - this.#filled);
      if (part.length === fileLeaf) {
        this.#digests.push(await sha256(part)); // whole: nothing to gather
        at += fileLeaf;
        continue;
      }
      this.#leaf.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === fileLeaf) await this.#close();
    }
    this.#length += bytes.length;
  }

  /** Once, at the end. */
  async digest(): Promise<Uint8Array> {
    if (this.#filled > 0) await this.#close();
    const all = new Uint8Array(32 * this.#digests.length);
    this.#digests.forEach((digest, i) => all.set(digest, 32 * i));
    return sha256(all);
  }

  async #close(): Promise<void> {
    this.#digests.push(await sha256(this.#leaf.subarray(0, this.#filled)));
    this.#filled = 0;
  }
}

const sha256 = async (bytes: Uint8Array) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
