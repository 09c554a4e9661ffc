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

/** One character that stands for a room. */
export const RoomIcon = line(1, 1, 'an icon');
/** What a room is called in the embedding site's addresses (ROOM9). */
export const Slug = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, 'a slug has up to 64 characters out of a–z, 0–9 and hyphen');
/** Own words beside one's status (PRES1). */
export const StatusText = line(0, limits.statusText, 'a status');
/** What the house says to whoever comes in. */
export const WelcomeText = line(1, 500, 'a welcome message');

/** What a person says of themselves: several lines. */
export const About = z
  .string()
  .max(limits.about * 4)
  .transform((text) => text.normalize('NFC').trim())
  .refine((text) => !unsafe.test(text.replaceAll('\n', '')), 'it must not contain control or invisible characters')
  .refine((text) => graphemes(text) <= limits.about, `it has at most ${limits.about} characters`);
/** Shown as a link, never fetched. */
export const ProfileLink = z
  .string()
  .max(300)
  .refine((text) => {
    const url = URL.parse(text);
    return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  }, 'must be an address that begins with https:// or http://');

/** Text of a message: any Unicode but NUL and lone surrogates, at most 16 KiB of UTF-8 (MSG3). */
export const MessageText = z
  .string()
  .min(1)
  .refine((text) => !/[\0\p{Cs}]/u.test(text), 'a message must not contain NUL or broken characters')
  .refine((text) => new TextEncoder().encode(text).length <= limits.messageText, 'a message is at most 16 KiB');
