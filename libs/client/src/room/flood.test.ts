import { describe, expect, it } from 'vitest';
import { OwnFlood, Repetitions } from './flood.ts';

const text = (words: string) => ({ kind: 'text', text: words }) as const;

describe('what one says oneself (MOD6)', () => {
  it('is at most twenty messages in half a minute, and says how long to wait', () => {
    const own = new OwnFlood();
    for (let i = 0; i < 20; i++) own.check(text(`${i}`), 1_000 * i);
    expect(() => own.check(text('one more'), 20_000)).toThrow(
      expect.objectContaining({ code: 'slow-down', reason: 'flood-messages', retryAfterMs: 10_000 }),
    );
    own.check(text('later'), 30_001);
  });

  it('is the same three times a minute at most, however it is spelled, and ten links', () => {
    const own = new OwnFlood();
    for (let i = 0; i < 3; i++) own.check(text(i ? 'BUY  now' : 'buy now'), i);
    expect(() => own.check(text('buy now '), 5)).toThrow(expect.objectContaining({ reason: 'flood-same' }));
    own.check(text('something else'), 6);
    own.check({ kind: 'react', target: 'x', emoji: '👍', on: true }, 7);
    own.check(text('https://a '.repeat(10)), 8);
    expect(() => own.check(text('https://a '.repeat(11)), 9)).toThrow(
      expect.objectContaining({ code: 'bad-request', reason: 'flood-links' }),
    );
  });
});

describe('what others say again and again', () => {
  it('is folded from the fourth time on, by the order’s time, and only theirs', () => {
    const heard = new Repetitions();
    const say = (mid: string, user: string, ms: number) => heard.hear({ mid, user, order: { ms }, body: text('spam') });
    expect([1, 2, 3].map((i) => say(`m${i}`, 'bob', i * 1_000))).toEqual([false, false, false]);
    expect(say('m4', 'bob', 4_000)).toBe(true);
    expect(say('c1', 'carl', 4_000)).toBe(false);
    expect(say('m5', 'bob', 200_000)).toBe(false);
    expect([heard.folds('m4'), heard.folds('m3'), heard.folds('c1')]).toEqual([true, false, false]);
  });
});
