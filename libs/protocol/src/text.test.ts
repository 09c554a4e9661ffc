import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { DisplayName, graphemes, MessageText, RoomName, RoomTopic, Username } from './text.ts';

const takes = (schema: { safeParse: (text: string) => { success: boolean } }, text: string) => schema.safeParse(text).success;

describe('names people type (ACC2, ROOM3)', () => {
  it('count what people see: a family of emoji is one, a flag is one, a letter with its accent is one', () => {
    expect(graphemes('👨‍👩‍👧‍👦')).toBe(1);
    expect(graphemes('🇩🇪')).toBe(1);
    expect(graphemes('e\u0301')).toBe(1);
    expect(graphemes('abc')).toBe(3);
  });

  it('are taken from the shortest to the longest, and not one character beyond', () => {
    expect(takes(RoomName, 'é'.repeat(limits.roomNameMin))).toBe(true);
    expect(takes(RoomName, 'é'.repeat(limits.roomNameMin - 1))).toBe(false);
    expect(takes(RoomName, '👩‍🚀'.repeat(limits.roomNameMax))).toBe(true);
    expect(takes(RoomName, 'a'.repeat(limits.roomNameMax + 1))).toBe(false);
    expect(takes(DisplayName, 'a'.repeat(limits.displayNameGraphemes))).toBe(true);
    expect(takes(DisplayName, 'a'.repeat(limits.displayNameGraphemes + 1))).toBe(false);
    expect(takes(DisplayName, '   ')).toBe(false);
    expect(takes(RoomTopic, '')).toBe(true);
  });

  it('make twins the same bytes: decomposed and composed forms become one', () => {
    expect(DisplayName.parse('Jose\u0301')).toBe(DisplayName.parse('Jos\u00e9'));
    expect(DisplayName.parse('  Ann ')).toBe('Ann');
  });

  it.each([
    ['a bidi override', 'ann\u202Egnp'],
    ['an isolate', 'ann\u2066x'],
    ['a zero-width space', 'an\u200Bn'],
    ['a word joiner', 'an\u2060n'],
    ['a byte order mark', 'an\uFEFFn'],
    ['a direction mark', 'an\u200Fn'],
    ['NUL', 'an\0n'],
    ['a line break', 'an\nn'],
    ['a lone surrogate', 'an\uD800n'],
  ])('refuse %s', (_, name) => {
    expect(takes(DisplayName, name)).toBe(false);
    expect(takes(RoomName, name)).toBe(false);
  });

  it('keep the joiner that emoji and some scripts need', () => {
    expect(takes(DisplayName, '👩\u200D🚀 Ann')).toBe(true);
  });

  it('bound zalgo by bytes before counting', () => {
    expect(takes(DisplayName, `a${'\u0301'.repeat(limits.displayNameGraphemes * 16)}`)).toBe(false);
  });
});

describe('usernames (ACC2)', () => {
  it('are lower-cased and trimmed', () => {
    expect(Username.parse(' Ann.B-1_ ')).toBe('ann.b-1_');
  });

  it('refuse look-alikes from other alphabets, spaces, and lengths beyond 3 to 20', () => {
    for (const name of ['аnn', 'an n', 'ab', 'a'.repeat(21), 'ann\u200B', 'ann@x', '']) expect(takes(Username, name), name).toBe(false);
    for (const name of ['abc', 'a'.repeat(20)]) expect(takes(Username, name), name).toBe(true);
  });
});

describe('words of a message (MSG3)', () => {
  it('may be 16 KiB of UTF-8, and not one byte more', () => {
    expect(takes(MessageText, 'a'.repeat(limits.messageText))).toBe(true);
    expect(takes(MessageText, 'a'.repeat(limits.messageText + 1))).toBe(false);
    expect(takes(MessageText, '€'.repeat(Math.floor(limits.messageText / 3)))).toBe(true);
    expect(takes(MessageText, '€'.repeat(Math.floor(limits.messageText / 3) + 1))).toBe(false);
  });

  it('may be any Unicode, but not NUL, broken or empty', () => {
    expect(takes(MessageText, 'שלום \u202E مرحبا\n\t👋')).toBe(true);
    for (const text of ['', 'a\0', '\uDC00', '\uD800x']) expect(takes(MessageText, text)).toBe(false);
  });
});
