import { describe, expect, it } from 'vitest';
import { readQuestion, type Cursor, type Question } from './question.ts';
import { SearchIndex, type Change } from './search-index.ts';

const keyOf = (ms: number) => `${String(ms).padStart(15, '0')}.00000.device.0000000001`;
const put = (ms: number, words: string, { room = 'hall', user = 'ann', files = false, links = false } = {}): Change => ({
  room,
  key: keyOf(ms),
  entry: { key: keyOf(ms), user, words, files, links },
});
const ask = (text: string, more: Partial<Question> = {}): Question => ({
  ...readQuestion(text),
  rooms: null,
  users: null,
  limit: 50,
  cursor: null,
  ...more,
});
const times = (index: SearchIndex, question: Question) => index.find(question).hits.map(({ ms }) => ms);

describe('the index (FIND1)', () => {
  it('finds all words of a message, anywhere in it, newest first and over rooms', () => {
    const index = new SearchIndex();
    index.change([put(1, 'red kite'), put(3, 'a kite, red'), put(2, 'the red kites', { room: 'nook' }), put(4, 'red only')]);
    expect(times(index, ask('kite red'))).toEqual([3, 2, 1]);
    expect(times(index, ask('"red kite"'))).toEqual([2, 1]);
    expect(times(index, ask('kite red', { rooms: ['nook'] }))).toEqual([2]);
    expect(times(index, ask('blue'))).toEqual([]);
  });
  it('finds Chinese without any word breaks', () => {
    const index = new SearchIndex();
    index.change([put(1, '明天的会议在三点'), put(2, '会员')]);
    expect(times(index, ask('会议'))).toEqual([1]);
    expect(times(index, ask('三点 明天'))).toEqual([1]);
  });
  it('finds no word that only two neighbours have together', () => {
    const index = new SearchIndex();
    index.change([put(1, 'ab'), put(2, 'cd')]);
    expect(times(index, ask('bc'))).toEqual([]);
    expect(times(index, ask('ab cd'))).toEqual([]);
  });
  it('keeps to people, files, links and times', () => {
    const index = new SearchIndex();
    index.change([put(10, 'x', { user: 'bob' }), put(20, 'x', { files: true }), put(30, 'x', { links: true })]);
    expect(times(index, ask('x', { users: ['bob', 'eve'] }))).toEqual([10]);
    expect(times(index, ask('x', { users: ['eve'] }))).toEqual([]);
    expect(times(index, ask('has:file'))).toEqual([20]);
    expect(times(index, ask('x has:link'))).toEqual([30]);
    expect(times(index, ask('x', { after: 20, before: 30 }))).toEqual([20]);
  });
  it('puts, replaces and takes out', () => {
    const index = new SearchIndex();
    index.change([put(1, 'first'), put(2, 'second')]);
    index.change([put(1, 'other words')]);
    expect(times(index, ask('first'))).toEqual([]);
    expect(times(index, ask('other'))).toEqual([1]);
    index.change([1, 2].map((ms) => ({ room: 'hall', key: keyOf(ms), entry: null })));
    expect(times(index, ask('second'))).toEqual([]);
    expect(index.size).toBe(0);
  });

  /** Sizes of the stored shards after all of this came in pages. */
  const grown = (pages: number[][]) => {
    const index = new SearchIndex();
    const ids = new Set(pages.flatMap((page) => index.change(page.map((ms) => put(ms, `word ${ms}`)))));
    return { index, sizes: index.pack([...ids]).map((shard) => shard?.keys.length ?? 0) };
  };
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
  it('holds no more than 5,000 in a shard, whichever way they come', () => {
    const pages = (all: number[]) => Array.from({ length: all.length / 500 }, (_, i) => all.slice(i * 500, (i + 1) * 500));
    for (const all of [upTo(12_000), upTo(12_000).reverse()]) {
      const { index, sizes } = grown(pages(all));
      expect(Math.max(...sizes)).toBeLessThanOrEqual(5_000);
      expect(sizes.length).toBeLessThanOrEqual(5);
      expect(times(index, ask('word', { limit: 12_000 }))).toEqual(upTo(12_000).reverse());
    }
  });
  it('comes back as it was stored', () => {
    const { index } = grown([upTo(6_000)]);
    const again = new SearchIndex();
    again.load(index.pack(index.change([])).concat(index.pack(['1', '2'])).filter((shard) => shard !== null)); // prettier-ignore
    expect(again.find(ask('word 5'))).toEqual(index.find(ask('word 5')));
    again.change([put(7_000, 'later')]);
    expect(times(again, ask('later'))).toEqual([7_000]);
  });
  it('gives page after page, each hit once, also where many are of one time', () => {
    const index = new SearchIndex();
    index.change(upTo(40).map((i) => put(Math.ceil(i / 7), 'x', { room: `room-${i % 7}` })));
    const found: string[] = [];
    let cursor: Cursor | null = null;
    do {
      const page = index.find(ask('x', { limit: 3, cursor }));
      found.push(...page.hits.map(({ room, ms }) => `${room} ${ms}`));
      cursor = page.next;
    } while (cursor);
    expect(found).toEqual(index.find(ask('x')).hits.map(({ room, ms }) => `${room} ${ms}`));
    expect(new Set(found).size).toBe(40);
  });
});
