import * as z from 'zod';
import { limits } from './limits.ts';

/*
 * Names people type (ACC2, ROOM3). Refused, not repaired: NUL and other controls, bidi overrides, lone surrogates;
 * names that look alike must not differ in bytes, so everything is NFC and trimmed first.
 */
const unsafe = /[\p{Cc}\p{Cs}\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/u;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Number of user-perceived characters. */
export function graphemes(text: string): number {
  let count = 0;
  for (const _ of segmenter.segment(text)) count++;
  return count;
}

const line = (min: number, max: number, what: string) =>
  z
    .string()
    .max(max * 16) // zalgo: bound the bytes before segmenting
    .transform((text) => text.normalize('NFC').trim())
    .refine((text) => !unsafe.test(text), `${what} must not contain control or invisible characters`)
    .refine((text) => {
      const count = graphemes(text);
      return count >= min && count <= max;
    }, `${what} must have ${min} to ${max} characters`);

export const Username = z
  .string()
  .max(64)
  .transform((name) => name.trim().toLowerCase())
  .refine(
    (name) => /^[a-z0-9._-]{3,20}$/.test(name),
    `a username has ${limits.usernameMin} to ${limits.usernameMax} characters out of a–z, 0–9, dot, underscore and hyphen`,
  );
export const DisplayName = line(1, limits.displayNameGraphemes, 'a display name');
export const RoomName = line(limits.roomNameMin, limits.roomNameMax, 'a room name');
export const RoomTopic = line(0, limits.roomTopic, 'a topic');

/** Text of a message: any Unicode but NUL and lone surrogates, at most 16 KiB of UTF-8 (MSG3). */
export const MessageText = z
  .string()
  .min(1)
  .refine((text) => !/[\0\p{Cs}]/u.test(text), 'a message must not contain NUL or broken characters')
  .refine((text) => new TextEncoder().encode(text).length <= limits.messageText, 'a message is at most 16 KiB');
