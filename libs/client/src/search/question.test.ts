import { describe, expect, it } from 'vitest';
import { asksNothing, readQuestion } from './question.ts';

describe('what is typed into the search', () => {
  it('is words, phrases and conditions', () => {
    expect(readQuestion('Blue "Red  Kite" from:Ann in:"the hall" has:file has:LINK 会议')).toMatchObject({
      words: ['blue', 'red kite', '会议'],
      from: ['ann'],
      in: ['the hall'],
      files: true,
      links: true,
    });
    expect(readQuestion('from:@ann in:#hall “typed quotes”')).toMatchObject({ from: ['ann'], in: ['hall'], words: ['typed quotes'] });
  });
  it('takes days and months in the time of this device', () => {
    const { after, before } = readQuestion('after:2026-03-01 before:2026-04');
    expect(after).toBe(new Date(2026, 2, 2).getTime());
    expect(before).toBe(new Date(2026, 3, 1).getTime());
  });
  it('takes what is no condition as words', () => {
    expect(readQuestion('has:cheese before:long http://a.example re:x')).toMatchObject({
      words: ['has:cheese', 'before:long', 'http://a.example', 're:x'],
      files: false,
      before: null,
    });
  });
  it('asks nothing when nothing is asked', () => {
    for (const text of ['', '  ', '""', 'from:']) expect(asksNothing(readQuestion(text)), text).toBe(text !== 'from:');
    expect(asksNothing(readQuestion('has:file'))).toBe(false);
  });
});
