import { describe, expect, it } from 'vitest';
import { median, rankTest } from './rank-test.ts';

const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

describe('the rank test', () => {
  it('gives the same p as scipy.stats.mannwhitneyu, with ties and without', () => {
    expect(rankTest(upTo(8), upTo(8, 100))).toBeCloseTo(0.0009391057, 6);
    expect(rankTest([1, 4, 5, 7, 8, 11, 12, 13, 7.5], [2, 3, 6, 9, 10, 14, 15])).toBeCloseTo(0.7508235189, 6);
    expect(rankTest([1, 2, 2, 3, 9, 9], [2, 2, 4, 5, 9])).toBeCloseTo(0.7771658841, 6);
  });

  it('is the same from both sides, and sees no difference where there is none', () => {
    const [a, b] = [
      [1, 2, 2, 3, 9, 9],
      [2, 2, 4, 5, 9],
    ];
    expect(rankTest(a, b)).toBeCloseTo(rankTest(b, a), 12);
    expect(rankTest(upTo(500), upTo(500))).toBeGreaterThan(0.99);
    expect(rankTest([3, 3, 3], [3, 3])).toBe(1);
  });

  it('is moved by a small shift of all, not by one that is far away', () => {
    const a = upTo(2000);
    expect(rankTest(a, a.map((value) => value + 150))).toBeLessThan(0.01); // prettier-ignore
    expect(rankTest(a, [...a.slice(1), 1e9])).toBeGreaterThan(0.9);
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });
});
