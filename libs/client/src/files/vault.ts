import { fileChunk, fileTag, sealedSize, toBase64url } from '../../../protocol/src/index.ts';
import { LeafHash } from './leaf-hash.ts';
import type { FilePlace } from './place.ts';
import { ChunkSealer, FileDamaged } from './sealing.ts';

/** What is asked of the files of this device; in a browser all of it happens in a worker. `id` names a file, bytes are sealed unless said otherwise. */
export interface Vault {
  /** Seals a file under a key of its own and keeps it. Resolves with the hash. `tell`: plain bytes done. */
  seal(id: string, key: Uint8Array, source: Blob, tell?: (done: number) => void): Promise<string>;
  /** How many bytes are here, from the beginning on. */
  have(id: string): Promise<number>;
  read(id: string, from: number, to: number): Promise<Uint8Array>;
  /** Goes on where `have` ends. Resolves when they are written. Throws RangeError when they begin elsewhere. */
  append(id: string, at: number, bytes: Uint8Array): Promise<void>;
  /** True when all is here and is what its author sealed. */
  check(id: string, size: number, hash: string): Promise<boolean>;
  /** The plain file. A large one lies on the disk until `close`. Throws FileDamaged. */
  open(id: string, key: Uint8Array, size: number): Promise<Blob>;
  /** What `open` put on the disk goes. */
  close(id: string): Promise<void>;
  forget(id: string): Promise<void>;
  all(): Promise<string[]>;
}

/** So many chunks are read, sealed and written at a time. */
const BATCH = 16;
const VERIFY = 4 * 1024 * 1024;
/** Smaller ones are opened in memory: nothing plain touches the disk. */
const SMALL = 16 * 1024 * 1024;
const TELL_MS = 100;

/** The files of this device over a place that keeps bytes. */
export class FileVault implements Vault {
  /** Of files that are coming: what was hashed of them in passing. */
  readonly #hashes = new Map<string, LeafHash>();

  constructor(private readonly place: FilePlace) {}

  async seal(id: string, key: Uint8Array, source: Blob, tell: (done: number) => void = () => undefined): Promise<string> {
    const sealer = await ChunkSealer.of(key, source.size);
    const hash = new LeafHash();
    await this.place.remove(id);
    let told = 0;
    for (let first = 0, at = 0; first < sealer.chunks; first += BATCH) {
      const plain = new Uint8Array(await source.slice(first * fileChunk, (first + BATCH) * fileChunk).arrayBuffer());
      const count = Math.min(BATCH, sealer.chunks - first);
      const parts = Array.from({ length: count }, (_, i) => sealer.seal(first + i, plain.subarray(i * fileChunk, (i + 1) * fileChunk)));
      const sealed = joined(await Promise.all(parts));
      await hash.take(sealed);
      await this.place.write(id, at, sealed);
      at += sealed.length;
      if (Date.now() - told > TELL_MS) tell(Math.min(source.size, (first + count) * fileChunk));
      told = Date.now() - told > TELL_MS ? Date.now() : told;
    }
    return toBase64url(await hash.digest());
  }

  have(id: string): Promise<number> {
    return this.place.size(id);
  }
  read(id: string, from: number, to: number): Promise<Uint8Array> {
    return this.place.read(id, from, to);
  }

  async append(id: string, at: number, bytes: Uint8Array): Promise<void> {
    if (at !== (await this.place.size(id))) throw new RangeError('these bytes belong elsewhere in the file');
    await this.place.write(id, at, bytes);
    const hash = at === 0 ? new LeafHash() : this.#hashes.get(id);
    if (!hash) return; // begun before a reload: read again at the end
    this.#hashes.set(id, hash);
    await hash.take(bytes);
  }

  async check(id: string, size: number, expected: string): Promise<boolean> {
    const passing = this.#hashes.get(id);
    this.#hashes.delete(id);
    if ((await this.place.size(id)) !== size) return false;
    const hash = passing?.length === size ? passing : await this.#hashAgain(id, size);
    return toBase64url(await hash.digest()) === expected;
  }

  async open(id: string, key: Uint8Array, size: number): Promise<Blob> {
    if ((await this.place.size(id)) !== sealedSize(size)) throw new FileDamaged('the file is not as long as it should be');
    const sealer = await ChunkSealer.of(key, size);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const out = size <= SMALL ? null : await this.place.beginPlain(id);
    for (let first = 0; first < sealer.chunks; first += BATCH) {
      const plain = await this.#openBatch(id, sealer, first);
      if (out) await out.write(plain);
      else parts.push(plain);
    }
    return out ? out.done() : new Blob(parts);
  }

  close(id: string): Promise<void> {
    return this.place.removePlain(id);
  }

  async forget(id: string): Promise<void> {
    this.#hashes.delete(id);
    await this.place.removePlain(id);
    await this.place.remove(id);
  }

  all(): Promise<string[]> {
    return this.place.all();
  }

  async #openBatch(id: string, sealer: ChunkSealer, first: number): Promise<Uint8Array<ArrayBuffer>> {
    const step = fileChunk + fileTag;
    const count = Math.min(BATCH, sealer.chunks - first);
    const last = first + count - 1;
    const sealed = await this.place.read(id, first * step, last * step + sealer.length(last) + fileTag);
    const parts = Array.from({ length: count }, (_, i) => sealer.open(first + i, sealed.subarray(i * step, (i + 1) * step)));
    return joined(await Promise.all(parts));
  }

  async #hashAgain(id: string, size: number): Promise<LeafHash> {
    const hash = new LeafHash();
    for (let at = 0; at < size; at += VERIFY) await hash.take(await this.place.read(id, at, Math.min(size, at + VERIFY)));
    return hash;
  }
}

function joined(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
