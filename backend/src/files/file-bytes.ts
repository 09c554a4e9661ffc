import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ConclaveError, filePart, partLength, type RoomId } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';

/** Where the file of this room and id lies. Ids are told apart by case, which not every disk does. */
type Place = { room: RoomId; id: string };

/**
 * The sealed bytes on disk: `files/<room>/<id in hex>/<number of the part>`. A part is written beside its place, and is in it only when it is whole
 * and flushed. Nothing is ever held in memory but what a stream holds.
 */
@Injectable()
export class FileBytes {
  readonly #root: string;

  constructor(@Inject(CONFIG) config: Config) {
    this.#root = join(config.dataDir, 'files');
  }

  /** Parts that are there, in order. */
  async parts(place: Place): Promise<number[]> {
    const names = await namesIn(this.#at(place));
    return names
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** Throws `bad-request` when it is longer or shorter than it has to be, or breaks off. */
  async write(place: Place, n: number, length: number, bytes: Readable): Promise<void> {
    const dir = this.#at(place);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const beside = join(dir, `${n}.${randomUUID()}`);
    try {
      const taken = await take(bytes, beside, length);
      if (taken !== length) throw new ConclaveError('bad-request', `body: this part has ${length} bytes`);
      await rename(beside, join(dir, String(n)));
    } catch (error) {
      await rm(beside, { force: true });
      throw named(error);
    }
  }

  /** Bytes `from` up to `to`, which is excluded, of a file of so many bytes. */
  async *read(place: Place, size: number, from: number, to: number): AsyncGenerator<Buffer> {
    for (let at = from; at < to;) {
      const n = Math.floor(at / filePart);
      const begin = n * filePart;
      const end = Math.min(to, begin + partLength(size, n));
      yield* createReadStream(join(this.#at(place), String(n)), { start: at - begin, end: end - begin - 1 }) as AsyncIterable<Buffer>;
      at = end;
    }
  }

  async remove(place: Place): Promise<void> {
    await rm(this.#at(place), { recursive: true, force: true });
  }

  /** Everything that lies here. */
  async all(): Promise<Place[]> {
    const found: Place[] = [];
    for (const room of await namesIn(this.#root))
      for (const hex of await namesIn(join(this.#root, room))) found.push({ room, id: Buffer.from(hex, 'hex').toString('base64url') });
    return found;
  }

  #at({ room, id }: Place): string {
    return join(this.#root, room, Buffer.from(id, 'base64url').toString('hex'));
  }
}

/** How many bytes came; no more than one too many are written. */
async function take(bytes: Readable, path: string, length: number): Promise<number> {
  let taken = 0;
  const counted = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      taken += chunk.length;
      if (taken > length) throw new ConclaveError('too-large', `body: this part has ${length} bytes`);
      yield chunk;
    }
  };
  await pipeline(bytes, counted, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
  return taken;
}

function named(error: unknown): unknown {
  const { code } = error as { code?: string };
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new ConclaveError('unavailable', 'this server has no room left for files: tell its operator', 60_000, 'file-store');
  if (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET')
    return new ConclaveError('bad-request', 'body: it broke off: send the part again');
  return error;
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw error;
  }
}
