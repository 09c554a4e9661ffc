import { describe, expect, it } from 'vitest';
import type { TimelineItem } from '../../../../libs/client/src/index.ts';
import { rowsOf, withoutComings } from './rows.ts';

const noon = new Date(2026, 10, 20, 12).getTime();
const MIN = 60_000;

function message(key: string, user: string, orderedAt: number): TimelineItem {
  return {
    type: 'message',
    key,
    mid: key,
    author: { user, device: user, name: user },
    mine: false,
    writtenAt: orderedAt,
    orderedAt,
    text: 'words',
    edited: false,
    deleted: false,
    replyTo: null,
    quote: null,
    files: [],
    mentions: [],
    mentioned: false,
    reactions: [],
    clockAhead: false,
    imported: false,
    private: null,
    hidden: null,
    vanishesAt: null,
    state: null,
  };
}

const groups = (items: TimelineItem[], firstUnread: string | null = null) =>
  rowsOf({ items, firstUnread }).map((row) =>
    row.type === 'message' ? `${row.first ? '[' : ''}${row.key}${row.last ? ']' : ''}` : row.type,
  );

describe('rows of the timeline', () => {
  it('joins messages of one author within five minutes', () => {
    expect(groups([message('a', 'ann', noon), message('b', 'ann', noon + 5 * MIN)])).toEqual(['day', '[a', 'b]']);
  });
  it('parts them after five minutes', () => {
    expect(groups([message('a', 'ann', noon), message('b', 'ann', noon + 5 * MIN + 1)])).toEqual(['day', '[a]', '[b]']);
  });
  it('measures five minutes from one message to the next, not from the first', () => {
    expect(groups([0, 4, 8].map((m) => message(`m${m}`, 'ann', noon + m * MIN)))).toEqual(['day', '[m0', 'm4', 'm8]']);
  });
  it('parts authors', () => {
    expect(groups([message('a', 'ann', noon), message('b', 'bo', noon), message('c', 'ann', noon)])).toEqual(['day', '[a]', '[b]', '[c]']);
  });
  it('begins every day with a separator, also within five minutes', () => {
    const midnight = new Date(2026, 10, 21).getTime();
    expect(groups([message('a', 'ann', midnight - MIN), message('b', 'ann', midnight + MIN)])).toEqual(['day', '[a]', 'day', '[b]']);
  });
  it('sets no second separator within a day', () => {
    expect(groups([message('a', 'ann', noon), message('b', 'bo', noon + 300 * MIN)]).filter((row) => row === 'day')).toHaveLength(1);
  });
  it('puts the unread marker before the first unread message and begins a group there', () => {
    expect(groups([message('a', 'ann', noon), message('b', 'ann', noon + MIN)], 'b')).toEqual(['day', '[a]', 'unread', '[b]']);
  });
  it('puts no marker when everything is unread: there is nothing above it', () => {
    expect(groups([message('a', 'ann', noon)], 'a')).toEqual(['day', '[a]']);
  });
  it('lets a notice end a group', () => {
    const notice: TimelineItem = { type: 'notice', key: 'n', orderedAt: noon, notice: { kind: 'joined', user: 'bo', name: 'Bo' } };
    expect(groups([message('a', 'ann', noon), notice, message('b', 'ann', noon)])).toEqual(['day', '[a]', 'notice', '[b]']);
  });
  it('gives every row a key of its own, even when days are out of order', () => {
    const rows = rowsOf({
      items: [message('a', 'ann', noon), message('b', 'ann', noon - 1440 * MIN), message('c', 'ann', noon)],
      firstUnread: null,
    });
    expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
  });
});

describe('join and leave notices (PRES5)', () => {
  it('are left out where one does not want them, and nothing else is', () => {
    const notice = (key: string, kind: 'joined' | 'left' | 'founded' | 'device-added'): TimelineItem => ({
      type: 'notice',
      key,
      orderedAt: noon,
      notice: { kind, user: 'bo', name: 'Bo' },
    });
    const items = [
      notice('a', 'founded'),
      notice('b', 'joined'),
      message('c', 'bo', noon),
      notice('d', 'device-added'),
      notice('e', 'left'),
    ];
    const shown = withoutComings({ items, hasOlder: false, hasNewer: false, firstUnread: null, arrivedAbove: 0 });
    expect(shown.items.map(({ key }) => key)).toEqual(['a', 'c', 'd']);
  });
});
