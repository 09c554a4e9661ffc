import { describe, expect, it } from 'vitest';
import { fileChunk, fileLeaf, fileTag, sealedSize } from '../../../protocol/src/index.ts';
import { LeafHash } from './leaf-hash.ts';
import { memoryPlace, type MemoryFiles } from './memory-place.ts';
import { ChunkSealer, FileDamaged, newFileKey } from './sealing.ts';
import { FileVault } from './vault.ts';

const bytes = (length: number, seed = 31) => Uint8Array.from({ length }, (_, i) => (i * seed + (i >> 9)) & 255);
const step = fileChunk + fileTag;
const size = 2 * fileChunk + 100;

async function sealed(plain = bytes(size)) {
  const files: MemoryFiles = new Map();
  const vault = new FileVault(memoryPlace(files));
  const key = newFileKey();
  const hash = await vault.seal('id', key, new Blob([plain]));
  const stored = () => files.get('id')!;
  const change = (to: Uint8Array) => void files.set('id', to);
  const opened = async () => new Uint8Array(await (await vault.open('id', key, plain.length)).arrayBuffer());
  return { files, vault, key, hash, stored, change, opened, plain };
}

describe('a sealed file', () => {
  it('opens to what it was, whatever its size', async () => {
    for (const length of [0, 1, fileChunk - 1, fileChunk, fileChunk + 1, 17 * fileChunk, size]) {
      const { opened, stored, plain, vault, hash } = await sealed(bytes(length));
      expect(stored().length).toBe(sealedSize(length));
      expect(Buffer.compare(await opened(), plain)).toBe(0);
      expect(await vault.check('id', sealedSize(length), hash)).toBe(true);
    }
  });

  it('shows nothing of what is in it', async () => {
    const text = new TextEncoder().encode('the walrus plan '.repeat(10_000));
    const { stored } = await sealed(text);
    expect(Buffer.from(stored()).includes('walrus')).toBe(false);
  });

  it('does not open after any bit was flipped, and is not what its author hashed', async () => {
    for (const at of [0, fileChunk, step, 2 * step + 99, sealedSize(size) - 1]) {
      const { stored, opened, vault, hash } = await sealed();
      stored()[at]! ^= 1;
      expect(await vault.check('id', sealedSize(size), hash)).toBe(false);
      await expect(opened()).rejects.toThrow(FileDamaged);
    }
  });

  it('does not open with chunks swapped, left out or added, nor cut where a chunk ends', async () => {
    const damage: ((all: Uint8Array) => Uint8Array)[] = [
      (all) => Buffer.concat([all.subarray(step, 2 * step), all.subarray(0, step), all.subarray(2 * step)]),
      (all) => Buffer.concat([all.subarray(0, step), all.subarray(2 * step)]),
      (all) => Buffer.concat([all.subarray(0, step), all]),
      (all) => all.subarray(0, 2 * step),
    ];
    for (const how of damage) {
      const { change, stored, opened, vault, hash } = await sealed();
      change(how(stored()));
      expect(await vault.check('id', sealedSize(size), hash)).toBe(false);
      await expect(opened()).rejects.toThrow(FileDamaged);
    }
  });

  it('is not taken for a shorter one by whoever says it ends earlier', async () => {
    const { change, stored, key, vault } = await sealed();
    change(stored().slice(0, 2 * step));
    await expect(vault.open('id', key, 2 * fileChunk)).rejects.toThrow(FileDamaged);
  });

  it('opens with its own key only', async () => {
    const { vault } = await sealed();
    await expect(vault.open('id', newFileKey(), size)).rejects.toThrow(FileDamaged);
  });

  it('has chunks of the length that the file says', async () => {
    const sealer = await ChunkSealer.of(newFileKey(), size);
    await expect(sealer.seal(2, bytes(101))).rejects.toThrow(RangeError);
    expect((await sealer.seal(2, bytes(100))).length).toBe(116);
  });
});

describe('a file that comes in pieces', () => {
  const whole = async () => {
    const from = await sealed(bytes(3 * fileLeaf + 5));
    return { all: from.stored(), hash: from.hash };
  };

  it('is gone on with where it stopped, also after a reload', async () => {
    const { all, hash } = await whole();
    const files: MemoryFiles = new Map();
    const first = new FileVault(memoryPlace(files));
    await first.append('x', 0, all.subarray(0, 1_500_000));
    const second = new FileVault(memoryPlace(files));
    expect(await second.have('x')).toBe(1_500_000);
    await expect(second.append('x', 0, all.subarray(0, 10))).rejects.toThrow(RangeError);
    expect(await second.check('x', all.length, hash)).toBe(false);
    await second.append('x', 1_500_000, all.subarray(1_500_000));
    expect(await second.check('x', all.length, hash)).toBe(true);
  });

  it('has one hash, however it came', async () => {
    const { all } = await whole();
    const digests = await Promise.all(
      [1000, 65_536, fileLeaf, 3_000_000].map(async (piece) => {
        const hash = new LeafHash();
        for (let at = 0; at < all.length; at += piece) await hash.take(all.subarray(at, at + piece));
        return Buffer.from(await hash.digest()).toString('hex');
      }),
    );
    expect(new Set(digests).size).toBe(1);
  });
});
