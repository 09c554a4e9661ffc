import { chunksOf, fileChunk, fileTag } from '../../../protocol/src/index.ts';

/*
 * STREAM over AES-256-GCM (files.ts of the protocol). The key is fresh for each file, so the nonces of two files never meet under one key; the
 * number and the mark of the last chunk are part of the nonce, so that a chunk opens only at its own place, and the end is where its author put it.
 */
type Bytes = Uint8Array<ArrayBuffer>;

export const newFileKey = (): Bytes => crypto.getRandomValues(new Uint8Array(32));

/** A file does not open: bytes were changed, moved, left out or added since it was sealed. */
export class FileDamaged extends Error {
  override name = 'FileDamaged';
}

/** Seals and opens the chunks of one file of `size` plain bytes. */
export class ChunkSealer {
  readonly chunks: number;

  private constructor(
    private readonly key: CryptoKey,
    private readonly size: number,
  ) {
    this.chunks = chunksOf(size);
  }

  static async of(key: Uint8Array, size: number): Promise<ChunkSealer> {
    const imported = await crypto.subtle.importKey('raw', key as Bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
    return new ChunkSealer(imported, size);
  }

  /** Plain bytes of chunk `n`. */
  length(n: number): number {
    return n === this.chunks - 1 ? this.size - n * fileChunk : fileChunk;
  }

  async seal(n: number, plain: Uint8Array): Promise<Bytes> {
    if (plain.length !== this.length(n)) throw new RangeError('not a chunk of this file');
    return new Uint8Array(await crypto.subtle.encrypt(this.#at(n), this.key, plain as Bytes));
  }

  /** Throws FileDamaged. */
  async open(n: number, sealed: Uint8Array): Promise<Bytes> {
    if (sealed.length !== this.length(n) + fileTag) throw new FileDamaged('the file is not as long as it should be');
    try {
      return new Uint8Array(await crypto.subtle.decrypt(this.#at(n), this.key, sealed as Bytes));
    } catch (error) {
      throw new FileDamaged('the file is not as it was sealed', { cause: error });
    }
  }

  #at(n: number): AesGcmParams {
    const iv = new Uint8Array(12);
    new DataView(iv.buffer).setUint32(7, n);
    iv[11] = n === this.chunks - 1 ? 1 : 0;
    return { name: 'AES-GCM', iv };
  }
}
