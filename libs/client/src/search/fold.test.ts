import { describe, expect, it } from 'vitest';
import { fold, foundIn } from './fold.ts';

describe('folding (FIND1)', () => {
  it('makes equal what is typed as equal', () => {
    for (const [one, other] of [
      ['Ångström CAFÉ', 'angstrom cafe'],
      ['Ｃｏｎｃｌａｖｅ　１２', 'conclave 12'],
      ['ｱｲｽ', 'アイス'],
      ['ΣΊΣΥΦΟΣ', 'σισυφος'],
      ['Straße', 'STRASSE'],
      ['İstanbul', 'istanbul'],
      ['ﬁle', 'file'],
      ['a\n\t b', 'a b'],
      ['שָׁלוֹם', 'שלום'],
    ] as const)
      expect(fold(one)).toBe(fold(other));
  });
  it('keeps apart what is different', () => {
    expect(fold('会议')).not.toBe(fold('会員'));
    expect(fold('हिन्दी')).not.toBe(fold('हन्द')); // vowels that stand as marks are letters
    expect(fold('が')).not.toBe(fold('か'));
  });

  const marked = (text: string, ...words: string[]) => foundIn(text, words.map((word) => fold(word))).map(({ from, to }) => text.slice(from, to)); // prettier-ignore
  it('shows where folded words stand in the text itself', () => {
    expect(marked('Le CAFÉ est là', 'cafe')).toEqual(['CAFÉ']);
    expect(marked('cafe\u0301 noir', 'café')).toEqual(['cafe\u0301']);
    expect(marked('明天的会议在三点', '会议')).toEqual(['会议']);
    expect(marked('🎉 ａｂｃ abc', 'abc')).toEqual(['ａｂｃ', 'abc']);
    expect(marked('one   two', 'one two')).toEqual(['one   two']);
    expect(marked('Groß', 'ss')).toEqual(['ß']);
  });
  it('joins what overlaps, and marks nothing for no words', () => {
    expect(marked('banana', 'ban', 'anan')).toEqual(['banan']);
    expect(marked('banana', '')).toEqual([]);
    expect(marked('banana', 'x')).toEqual([]);
  });
});
