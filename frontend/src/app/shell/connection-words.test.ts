import { describe, expect, it } from 'vitest';
import { connectionWords } from './connection-words.ts';

describe('the connection banner (MESH3)', () => {
  it('is silent while online', () => expect(connectionWords({ state: 'online' }, 1e9)).toBeNull());
  it('is silent for the first ten seconds', () => expect(connectionWords({ state: 'connecting', since: 0 }, 9_999)).toBeNull());
  it('speaks after ten seconds, and more after another ten', () => {
    const first = connectionWords({ state: 'connecting', since: 0 }, 10_000);
    const second = connectionWords({ state: 'connecting', since: 0 }, 20_000);
    expect(first).toBeTruthy();
    expect(second).toBeTruthy();
    expect(second).not.toBe(first);
  });
  it('counts down to the next try', () => {
    const view = { state: 'waiting', since: 0, retryAt: 40_000, reason: 'unreachable' } as const;
    expect(connectionWords(view, 25_000)).toContain('15 s');
    expect(connectionWords(view, 41_000)).not.toContain(' s.');
  });
});
