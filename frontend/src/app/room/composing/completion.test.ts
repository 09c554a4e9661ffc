import { beginningAt, completed } from './completion.ts';

const at = (text: string) => beginningAt(text, text.length);

describe('what is begun before the caret', () => {
  it('is a name after @', () => expect(at('Hello @an')).toEqual({ kind: 'mention', from: 6, words: 'an' }));
  it('is any name right after @', () => expect(at('@')).toEqual({ kind: 'mention', from: 0, words: '' }));
  it('is a name after Chinese without a space', () => expect(at('请@张')).toEqual({ kind: 'mention', from: 1, words: '张' }));
  it('is an emoji after :', () => expect(at('nice :thu')).toEqual({ kind: 'emoji', from: 5, words: 'thu' }));
  it('is nothing in an address, a clock, a smiley or after a space', () =>
    expect(['bob@exam', 'at 10:30', 'haha :D', '@ann and', 'https://x', '::'].map(at)).toEqual(Array(6).fill(null)));
  it('looks only before the caret', () => expect(beginningAt('@ann hello', 3)).toEqual({ kind: 'mention', from: 0, words: 'an' }));
});

describe('completing', () => {
  it('puts the name and a space', () => expect(completed('ask @an', 7, at('ask @an')!, '@ann')).toEqual({ text: 'ask @ann ', caret: 9 }));
  it('does not double the space that is there', () =>
    expect(completed('@an now', 3, { kind: 'mention', from: 0, words: 'an' }, '@ann')).toEqual({ text: '@ann now', caret: 5 }));
});
