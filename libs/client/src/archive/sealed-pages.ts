import { decode, encode } from '@msgpack/msgpack';
import type { Page } from './page.ts';

/*
 * An archive: the history of one person, sealed. Numbers are big-endian.
 *
 *   header  "CONCLAVE" 8 | version u8 (1) | how the key is made u8 | iterations u32 | salt 32
 *   chunk   length u32 | sealed bytes, as often as there are pages
 *
 * How the key is made: 1 from a passphrase (NFC, trimmed) by PBKDF2-HMAC-SHA256 with this salt and so many iterations; 2 from 32 bytes (the
 * history key of a recovery phrase) by HKDF-SHA256 with this salt and the info "conclave archive v1", iterations 0.
 * A chunk is AES-256-GCM of a page in MessagePack (page.ts). Its nonce is 7 zero bytes, the chunk's number u32 from 0, and 1 for the last chunk
 * or 0 for others (STREAM, as files are sealed); the header is additional data of every chunk. The salt is fresh, so no key is ever used twice;
 * no chunk can be changed, swapped, left out, or the end cut off, without being seen.
 */
type Bytes = Uint8Array<ArrayBuffer>;
export type ArchiveSecret = { passphrase: string } | { key: Uint8Array };
export type ArchiveFault = 'not-an-archive' | 'newer' | 'wrong-secret' | 'damaged';

export class ArchiveError extends Error {
  override name = 'ArchiveError';
  constructor(
    readonly fault: ArchiveFault,
    options?: ErrorOptions,
  ) {
    super(`the archive is not readable: ${fault}`, options);
  }
}

const magic = new TextEncoder().encode('CONCLAVE');
const VERSION = 1;
const SALT = 32;
const HEADER = magic.length + 2 + 4 + SALT;
/** As many as the lock of this device takes (storage/locks.ts). */
const ITERATIONS = 1_000_000;
const iterationsMost = 20_000_000;
/** No page comes near it: what claims more is not ours. */
const chunkMost = 32 * 1024 * 1024;
const utf8 = new TextEncoder();

/** The archive, piece by piece: nothing but one page is ever in memory. */
export async function* sealPages(secret: ArchiveSecret, pages: AsyncIterable<Page>): AsyncGenerator<Bytes> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT));
  const iterations = 'passphrase' in secret ? ITERATIONS : 0;
  const header = headerOf('passphrase' in secret ? 1 : 2, iterations, salt);
  const key = await keyOf(secret, salt, iterations);
  yield header;
  let n = 0;
  let held: Page | undefined;
  for await (const page of pages) {
    if (held) yield await sealChunk(key, header, n++, false, held);
    held = page;
  }
  if (held) yield await sealChunk(key, header, n, true, held);
}

/** The pages of an archive that comes in pieces of any length. Throws ArchiveError; what was given before holds. */
export async function* openPages(secret: ArchiveSecret, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Page> {
  const reader = new Pieces(pieces);
  const header = await reader.take(HEADER);
  if (!header || magic.some((byte, i) => header[i] !== byte)) throw new ArchiveError('not-an-archive');
  if (header[8] !== VERSION) throw new ArchiveError('newer');
  const iterations = new DataView(header.buffer, header.byteOffset).getUint32(10);
  const made = header[9] === 1 ? 'passphrase' : 'key';
  if (!(made in secret) || iterations > iterationsMost) throw new ArchiveError('not-an-archive');
  const key = await keyOf(secret, header.slice(HEADER - SALT), iterations);
  for (let n = 0; ; n++) {
    const length = await reader.take(4);
    if (!length) throw new ArchiveError('damaged');
    const size = new DataView(length.buffer, length.byteOffset).getUint32(0);
    const sealed = size > chunkMost ? null : await reader.take(size);
    if (!sealed) throw new ArchiveError('damaged');
    const last = await reader.ended();
    yield await openChunk(key, header, n, last, sealed);
    if (last) return;
  }
}

function headerOf(made: 1 | 2, iterations: number, salt: Bytes): Bytes {
  const header = new Uint8Array(HEADER);
  header.set(magic);
  header.set([VERSION, made], 8);
  new DataView(header.buffer).setUint32(10, iterations);
  header.set(salt, HEADER - SALT);
  return header;
}

async function keyOf(secret: ArchiveSecret, salt: Bytes, iterations: number): Promise<CryptoKey> {
  const [material, parameters] =
    'passphrase' in secret
      ? [utf8.encode(secret.passphrase.normalize('NFC').trim()), { name: 'PBKDF2', hash: 'SHA-256', salt, iterations }]
      : [secret.key as Bytes, { name: 'HKDF', hash: 'SHA-256', salt, info: utf8.encode('conclave archive v1') }];
  const from = await crypto.subtle.importKey('raw', material, parameters.name, false, ['deriveKey']);
  return crypto.subtle.deriveKey(parameters, from, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

function nonceOf(n: number, last: boolean): Bytes {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, n);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

async function sealChunk(key: CryptoKey, header: Bytes, n: number, last: boolean, page: Page): Promise<Bytes> {
  const about = { name: 'AES-GCM', iv: nonceOf(n, last), additionalData: header };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(about, key, encode(page)));
  const chunk = new Uint8Array(4 + sealed.length);
  new DataView(chunk.buffer).setUint32(0, sealed.length);
  chunk.set(sealed, 4);
  return chunk;
}

async function openChunk(key: CryptoKey, header: Bytes, n: number, last: boolean, sealed: Bytes): Promise<Page> {
  const about = { name: 'AES-GCM', iv: nonceOf(n, last), additionalData: header };
  try {
    return decode(await crypto.subtle.decrypt(about, key, sealed)) as Page;
  } catch (cause) {
    // The first one that does not open says nothing else than that this is not its key.
    throw new ArchiveError(n === 0 ? 'wrong-secret' : 'damaged', { cause });
  }
}

/** Pieces of any length, read in lengths that are asked for. */
class Pieces {
  readonly #source: AsyncIterator<Uint8Array>;
  #held = new Uint8Array();

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#source = pieces[Symbol.asyncIterator]();
  }

  /** Null when fewer are left. */
  async take(length: number): Promise<Bytes | null> {
    const parts: Uint8Array[] = [this.#held];
    let have = this.#held.length;
    while (have < length) {
      const { value, done } = await this.#source.next();
      if (done) break;
      parts.push(value);
      have += value.length;
    }
    const all = parts.length === 1 ? this.#held : joined(parts, have);
    if (have < length) {
      this.#held = all;
      return null;
    }
    this.#held = all.slice(length);
    return all.slice(0, length);
  }

  async ended(): Promise<boolean> {
    while (this.#held.length === 0) {
      const { value, done } = await this.#source.next();
      if (done) return true;
      this.#held = new Uint8Array(value);
    }
    return false;
  }
}

function joined(parts: Uint8Array[], length: number): Bytes {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
