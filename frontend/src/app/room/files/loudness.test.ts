import { describe, expect, it } from 'vitest';
import { barsOf, levelOf } from './loudness.ts';

describe('loudness', () => {
  it('is drawn in at most 48 bars, the loudest at the top', () => {
    const long = barsOf(Array.from({ length: 1000 }, (_, i) => i / 2000));
    expect([long.length, Math.max(...long), long[0]! < long[47]!]).toEqual([48, 100, true]);
    expect(barsOf([0.5, 0.25])).toEqual([100, 50]);
    expect(barsOf([])).toEqual([]);
  });

  it('of silence is nothing, not noise', () => {
    expect(barsOf([0, 0, 0])).toEqual([0, 0, 0]);
    expect(levelOf(new Float32Array(16))).toBe(0);
    expect(levelOf(new Float32Array(16).fill(-0.5))).toBeCloseTo(0.5);
  });
});
