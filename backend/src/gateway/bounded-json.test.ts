import { describe, expect, it } from 'vitest';
import { limits } from '../../../libs/protocol/src/index.ts';
import { parseBounded } from './bounded-json.ts';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const wide = (keys: number) => `{${Array.from({ length: keys }, (_, i) => `"k${i}":0`).join(',')}}`;

describe('JSON from strangers', () => {
  it('is parsed up to its limits, and refused one beyond before it is parsed', () => {
    expect(parseBounded(nested(limits.jsonDepth))).toBeInstanceOf(Array);
    expect(() => parseBounded(nested(limits.jsonDepth + 1))).toThrow('nested more than 16 deep');
    expect(() => parseBounded('['.repeat(1_000_000))).toThrow('nested more than 16 deep');
    expect(Object.keys(parseBounded(wide(limits.jsonKeys)) as object)).toHaveLength(limits.jsonKeys);
    expect(() => parseBounded(wide(limits.jsonKeys + 1))).toThrow('more than 256 keys');
    expect(() => parseBounded(`[${wide(200)},${wide(200)}]`)).toThrow('more than 256 keys');
  });

  it.each(['__proto__', 'constructor', 'prototype', '\\u005f_proto__', '__prot\\u006f__', 'c\\u006Fnstructor'])('has no key %s', (key) => {
    expect(() => parseBounded(`[[{"a":{"${key}":1}}]]`)).toThrow('this key is not allowed');
    expect(parseBounded(`["${key}",{"a":"${key}"}]`)).toHaveLength(2); // as a value it is a word like any other
  });

  it('has no key twice in one object, however it is written', () => {
    expect(() => parseBounded('{"a":1,"a":2}')).toThrow('the same key twice');
    expect(() => parseBounded('{"a":1,"\\u0061" : 2}')).toThrow('the same key twice');
    expect(parseBounded('[{"a":1},{"a":{"a":2}}]')).toHaveLength(2);
  });

  it('has no NUL and no half characters, in keys or values', () => {
    for (const bad of ['"\\u0000"', '{"\\u0000":1}', '"a\0b"', '"\\ud83d"', '"\\ude00\\ud83d"', '"\\uD83D x"'])
      expect(() => parseBounded(bad)).toThrow('NUL and broken characters are not allowed');
    expect(parseBounded('["\\\\u0000", "\\ud83d\\ude00", "\\u0001"]')).toEqual(['\\u0000', '😀', '\u0001']);
  });

  it('is JSON', () => {
    for (const bad of ['', '{', '"', '"\\"', '"\\', '{"a"', 'NaN', '{"a":1}}', '"\\ux"'])
      expect(() => parseBounded(bad)).toThrow(SyntaxError);
  });
});
