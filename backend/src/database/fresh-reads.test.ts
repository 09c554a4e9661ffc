import { describe, expect, it } from 'vitest';
import { FreshReads } from './fresh-reads.ts';

/** Reads that end when the test says so; each gives the value that stood when it began. */
function reads() {
  let value = 0;
  const ends: (() => void)[] = [];
  const fresh = new FreshReads(async (key: string) => {
    const read = `${key}${value}`;
    await new Promise<void>((resolve) => ends.push(resolve));
    if (read === 'a13') throw new Error('unlucky');
    return read;
  });
  return { fresh, set: (now: number) => (value = now), ends };
}

describe('reads that many ask for', () => {
  it('are shared by those who ask while one is under way, and never older than the asking', async () => {
    const { fresh, set, ends } = reads();
    const first = fresh.of('a');
    set(1);
    const later = [fresh.of('a'), fresh.of('a')];
    expect(ends).toHaveLength(1);
    ends[0]();
    expect(await first).toBe('a0');
    await Promise.resolve();
    expect(ends).toHaveLength(2);
    set(2);
    ends[1]();
    expect(await Promise.all(later)).toEqual(['a1', 'a1']);
    const last = fresh.of('a');
    ends[2]();
    expect(await last).toBe('a2');
  });

  it('do not wait for reads of something else', async () => {
    const { fresh, ends } = reads();
    const both = [fresh.of('a'), fresh.of('b')];
    expect(ends).toHaveLength(2);
    ends.forEach((end) => end());
    expect(await Promise.all(both)).toEqual(['a0', 'b0']);
  });

  it('fail for those who asked for them, and for nobody after', async () => {
    const { fresh, set, ends } = reads();
    set(13);
    const failing = fresh.of('a');
    set(14);
    const next = fresh.of('a');
    ends[0]();
    await expect(failing).rejects.toThrow('unlucky');
    await Promise.resolve();
    ends[1]();
    expect(await next).toBe('a14');
  });
});
