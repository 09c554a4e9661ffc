import type { Mid, RoomId, UserId } from '../../../protocol/src/index.ts';
import { fold } from './fold.ts';

/** What somebody typed, taken apart. Words are folded; a phrase in quotation marks is one word with spaces in it. */
export type Typed = {
  words: string[];
  /** Folded beginnings of names. */
  from: string[];
  in: string[];
  files: boolean;
  links: boolean;
  /** Half-open, ms since 1970, in the time of this device. */
  after: number | null;
  before: number | null;
};

/** What the index is asked; null: no matter. */
export type Question = {
  words: string[];
  rooms: RoomId[] | null;
  users: UserId[] | null;
  files: boolean;
  links: boolean;
  after: number | null;
  before: number | null;
  limit: number;
  /** Where the page before ended. */
  cursor: Cursor | null;
};
/** So many hits of exactly this time were given already, and all that are later. */
export type Cursor = { ms: number; given: number };

export type SearchHit = {
  room: RoomId;
  key: string;
  mid: Mid;
  author: { user: UserId; name: string };
  /** Its place in the order, ms. */
  at: number;
  text: string;
  files: string[];
};
/** One page, newest first. `words`: folded, for `foundIn`. `nobody`, `nowhere`: no person or room of `from:` or `in:`. */
export type SearchPage = { hits: SearchHit[]; words: string[]; next: Cursor | null; nobody: boolean; nowhere: boolean };

const most = 16;
const piece = /(?:(from|in|has|before|after):)?(?:["“”„]([^"“”„]*)["“”„]?|(\S+))/giu;
const day = /^(\d{4})-(\d{1,2})(?:-(\d{1,2}))?$/;

/** Several words are all to be there. `from:`, `in:`, `has:file`, `has:link`, `before:` and `after:` take a word or a "phrase". */
export function readQuestion(text: string): Typed {
  const typed: Typed = { words: [], from: [], in: [], files: false, links: false, after: null, before: null };
  for (const [whole, key, phrase, word] of text.matchAll(piece)) {
    const value = fold(phrase ?? word ?? '');
    if (!value) continue;
    if (!take(typed, key?.toLowerCase(), value)) typed.words.push(fold(whole.replaceAll(/["“”„]/g, '')));
  }
  typed.words = [...new Set(typed.words)].slice(0, most);
  return typed;
}

/** Nothing is asked: neither words nor conditions. */
export function asksNothing({ words, from, in: within, files, links, after, before }: Typed): boolean {
  return words.length + from.length + within.length === 0 && !files && !links && after === null && before === null;
}

/** False when it is none of the conditions: then it is a word like any other. */
function take(typed: Typed, key: string | undefined, value: string): boolean {
  switch (key) {
    case undefined:
      return typed.words.push(value) > 0;
    case 'from':
      return typed.from.push(value.replace(/^@/, '')) > 0;
    case 'in':
      return typed.in.push(value.replace(/^#/, '')) > 0;
    case 'has':
      if (value !== 'file' && value !== 'link') return false;
      typed[value === 'file' ? 'files' : 'links'] = true;
      return true;
    default:
      return takeDay(typed, key === 'before', value);
  }
}

/** A day, or a month: `before:2026-03` ends where March begins, `after:2026-03` begins where it ends. */
function takeDay(typed: Typed, before: boolean, value: string): boolean {
  const [, year, month, date] = day.exec(value) ?? [];
  if (year === undefined) return false;
  const [y, m] = [Number(year), Number(month) - 1];
  if (before) typed.before = new Date(y, m, date ? Number(date) : 1).getTime();
  else typed.after = (date ? new Date(y, m, Number(date) + 1) : new Date(y, m + 1, 1)).getTime();
  return true;
}
