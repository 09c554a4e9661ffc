import { createHash, randomInt } from 'node:crypto';
import { graphemes, limits } from '../../../libs/protocol/src/index.ts';
import { skeleton } from '../users/confusable.ts';

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const SUFFIX = 4;
/** What DisplayName refuses (libs/protocol, text.ts), to be taken out. */
const unsafe = /[\p{Cc}\p{Cs}\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** `sub` in the form of a username (ACC2), 3 to 20 of `[a-z0-9._-]`, as near as it gets: letters of other scripts fall away. */
export function usernameOf(subject: string): string {
  const plain = subject.normalize('NFKD').toLowerCase().replaceAll(/\p{M}/gu, '').replaceAll(/[^a-z0-9._-]+/g, '-'); // prettier-ignore
  const name = plain.slice(0, 64).replace(/^[._-]+/, '').slice(0, limits.usernameMax).replace(/[._-]+$/, ''); // prettier-ignore
  return name.length >= limits.usernameMin ? name : `user-${name}`.replace(/-$/, '');
}

/** The same for the same person each time. */
export function suffixOf(issuer: string, subject: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest();
  return [...hash.subarray(0, SUFFIX)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
}

export const randomSuffix = (): string => Array.from({ length: SUFFIX }, () => LETTERS[randomInt(LETTERS.length)]).join('');

export const withSuffix = (username: string, suffix: string): string =>
  `${username.slice(0, limits.usernameMax - suffix.length - 1).replace(/[._-]+$/, '')}-${suffix}`;

/** Any text as a display name: without controls and invisible characters, 40 graphemes of at most 16 UTF-16 units each, or null when nothing is left. */
export function displayNameOf(text: string): string | null {
  const plain = text.slice(0, 2_000).replaceAll(unsafe, ' ').normalize('NFC').replaceAll(/\s+/g, ' ').trim();
  const kept: string[] = [];
  for (const { segment } of segmenter.segment(plain)) {
    if (kept.length === limits.displayNameGraphemes) break;
    if (segment.length <= 16) kept.push(segment);
  }
  const name = kept.join('').trim();
  return graphemes(name) > 0 && skeleton(name) !== '' ? name : null;
}

/** For two who would look alike: "Ann (k3f9)". */
export function displayWithSuffix(name: string, suffix: string): string {
  const room = limits.displayNameGraphemes - suffix.length - 3;
  const short = [...segmenter.segment(name)].slice(0, room).map(({ segment }) => segment).join('').trim(); // prettier-ignore
  return `${short} (${suffix})`;
}
