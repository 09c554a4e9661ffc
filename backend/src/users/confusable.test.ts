import { describe, expect, it } from 'vitest';
import { skeleton } from './confusable.ts';

describe('names that look alike (ACC11, ACC12)', () => {
  it.each([
    ['ann', 'Ann'],
    ['ann', 'аnn'], // Cyrillic
    ['ann', 'αnn'], // Greek
    ['alice', 'aIice'],
    ['alice', 'a1ice'],
    ['bob', 'b0b'],
    ['bob', '𝐛𝗼𝒃'],
    ['bob', 'bob'],
    ['mia', 'rnia'],
    ['Mia', 'rnia'],
    ['paul', 'pau\u200Dl'],
    ['paul', 'pa\u00ADul'],
    ['José', 'Jose\u0301'],
    ['Ann Lee', 'Ann\u00A0 Lee'],
  ])('%s is %s', (one, other) => expect(skeleton(other)).toBe(skeleton(one)));

  it.each([
    ['ann', 'anna'],
    ['ann', 'amn'],
    ['José', 'Jose'],
    ['bob', 'rob'],
    ['Ann Lee', 'AnnLee'],
    ['李', '王'],
  ])('%s is not %s', (one, other) => expect(skeleton(other)).not.toBe(skeleton(one)));
});
