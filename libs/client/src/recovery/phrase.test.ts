import { describe, expect, it } from 'vitest';
import { keysOfPhrase, newPhrase } from './phrase.ts';

describe('a recovery phrase (E2E10)', () => {
  it('is 24 words, another one each time, and says the same however it is typed', async () => {
    const words = newPhrase();
    expect(words).toHaveLength(24);
    expect(newPhrase()).not.toEqual(words);
    const keys = await keysOfPhrase(words.join(' '));
    expect(await keysOfPhrase(words.map((word, i) => `${i + 1}. ${word.toUpperCase()}`).join('\n'))).toEqual(keys);
    expect(keys!.keys).not.toEqual(keys!.history);
  });
  it('is no phrase when a word is wrong, missing, or in another place', async () => {
    const words = newPhrase();
    expect(await keysOfPhrase(words.slice(1).join(' '))).toBeNull();
    expect(await keysOfPhrase([...words.slice(0, 23), 'conclave'].join(' '))).toBeNull();
    const turned = await Promise.all(
      Array.from({ length: 8 }, (_, i) => keysOfPhrase([...words.slice(i + 1), ...words.slice(0, i + 1)].join(' '))),
    );
    expect(turned).toContain(null); // one in 256 has a sum that fits by chance
  });
});
