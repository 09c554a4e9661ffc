import { describe, expect, it } from 'vitest';
import { HybridClock } from './clock.ts';

describe('the hybrid clock (D8)', () => {
  it('never gives the same place twice, even within a millisecond', () => {
    const clock = new HybridClock(() => 1_000);
    expect([clock.tick(), clock.tick(), clock.tick()]).toEqual([
      { ms: 1_000, counter: 0 },
      { ms: 1_000, counter: 1 },
      { ms: 1_000, counter: 2 },
    ]);
  });

  it('stays above what it has seen', () => {
    const clock = new HybridClock(() => 1_000);
    expect(clock.observe({ ms: 5_000, counter: 7 })).toBe(true);
    expect(clock.tick()).toEqual({ ms: 5_000, counter: 8 });
  });

  it('does not follow a clock that is years ahead', () => {
    const clock = new HybridClock(() => 1_000);
    expect(clock.observe({ ms: 1_000 + 5 * 60_000 + 1, counter: 0 })).toBe(false);
    expect(clock.tick().ms).toBe(1_000);
  });

  it('is corrected by the server, years off as it may be itself', () => {
    const clock = new HybridClock(() => 50);
    clock.correct(1_700_000_000_000);
    expect(clock.tick().ms).toBe(1_700_000_000_000);
  });

  it('without a server goes by the median of all clocks, so that no single one leads it astray', () => {
    const clock = new HybridClock(() => 1_000);
    clock.compare('a', 9_000_000);
    clock.compare('b', 1_400);
    expect(clock.now()).toBe(1_400); // of 0, +400 and years
    clock.compare('b', 1_300);
    expect(clock.now()).toBe(1_300);
    clock.correct(2_000);
    clock.compare('a', 9_000_000);
    expect(clock.now()).toBe(2_000); // the server has spoken
  });

  it('moves to the next millisecond instead of overflowing its counter', () => {
    const clock = new HybridClock(() => 1_000);
    clock.observe({ ms: 1_000, counter: 0xffff });
    expect(clock.tick()).toEqual({ ms: 1_001, counter: 0 });
  });
});
