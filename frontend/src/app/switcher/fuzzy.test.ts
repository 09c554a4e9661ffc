import { describe, expect, it } from 'vitest';
import { best, fits } from './fuzzy.ts';

const names = (typed: string, ...all: string[]) => best(typed, all, (name) => [name]);

describe('finding by a few letters (FIND3)', () => {
  it('takes letters in order, whatever their case, accents and width', () => {
    expect(fits('grt', 'Great hall')).toBeGreaterThan(0);
    expect(fits('ＺＯＥ', 'Zoë')).toBeGreaterThan(0);
    expect(fits('议', '会议室')).toBeGreaterThan(0);
    expect(fits('trg', 'Great hall')).toBe(0);
    expect(fits('great halls', 'Great hall')).toBe(0);
  });
  it('puts beginnings first, and leaves equals in the order they had', () => {
    expect(names('ha', 'Alpha', 'Great hall', 'Hall', 'Hat', 'h…a')).toEqual(['Hall', 'Hat', 'Great hall', 'Alpha', 'h…a']);
    expect(names('', 'b', 'a')).toEqual(['b', 'a']);
  });
});
