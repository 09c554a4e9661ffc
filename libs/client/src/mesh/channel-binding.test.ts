import { describe, expect, it } from 'vitest';
import { bindingStatement, fingerprintOf } from './channel-binding.ts';

const ann = '00000000-0000-4000-8000-00000000000a';
const bob = '00000000-0000-4000-8000-00000000000b';
const print = Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0').toUpperCase()).join(':');
const sdp = (line: string) => `v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n${line}\r\na=setup:actpass\r\n`;

describe('the fingerprint of a description (D14)', () => {
  it('is read without colons, in lower case', () => {
    expect(fingerprintOf(sdp(`a=fingerprint:sha-256 ${print}`))).toBe(print.replaceAll(':', '').toLowerCase());
  });

  it('is none when there is none, of another hash, too short, or not on a line of its own', () => {
    for (const line of [
      '',
      `a=fingerprint:sha-1 ${print}`,
      `a=fingerprint:sha-256 ${print.slice(3)}`,
      `a=x a=fingerprint:sha-256 ${print}`,
      `a=fingerprint:sha-256 ${print}:00`,
    ])
      expect(fingerprintOf(sdp(line)), line).toBeNull();
    expect(fingerprintOf(undefined)).toBeNull();
  });
});

describe('what one end signs for the other (D14)', () => {
  it('differs with each end and each fingerprint, and with the direction', () => {
    const statements = [
      bindingStatement(ann, bob, 'aa', 'bb'),
      bindingStatement(bob, ann, 'aa', 'bb'),
      bindingStatement(ann, bob, 'bb', 'aa'),
      bindingStatement(ann, ann, 'aa', 'bb'),
      bindingStatement(ann, bob, 'aa', 'b'),
      bindingStatement(ann, bob, 'a', 'abb'),
    ].map(String);
    expect(new Set(statements).size).toBe(statements.length);
  });
});
