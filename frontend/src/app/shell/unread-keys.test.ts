import { describe, expect, it } from 'vitest';
import { nextUnread } from './unread-keys.ts';

const line = (id: string, unread: number, level: 'everything' | 'mentions' | 'nothing' = 'everything') => ({ id, unread, level });
const lines = [line('a', 2), line('b', 0), line('c', 1), line('d', 9, 'nothing'), line('e', 4)];

describe('the next unread room', () => {
  it('is the next one down or up, around the end, past muted ones', () => {
    expect(nextUnread(lines, 'a', 1)).toBe('c');
    expect(nextUnread(lines, 'c', 1)).toBe('e');
    expect(nextUnread(lines, 'e', 1)).toBe('a');
    expect(nextUnread(lines, 'a', -1)).toBe('e');
  });
  it('begins at an end of the list when no room is open', () => {
    expect(nextUnread(lines, null, 1)).toBe('a');
    expect(nextUnread(lines, null, -1)).toBe('e');
  });
  it('is none where nothing else is unread', () => {
    expect(nextUnread([line('a', 1)], 'a', 1)).toBeNull();
    expect(nextUnread([], null, 1)).toBeNull();
  });
});
