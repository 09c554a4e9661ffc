import { describe, expect, it } from 'vitest';
import { ConclaveError, errorCodes } from '../../../../libs/protocol/src/errors.ts';
import { errorWords } from './error-words.ts';

describe('words for errors (APP5)', () => {
  it.each(errorCodes)('%s is said in words of its own, with something to do', (code) => {
    const words = errorWords(new ConclaveError(code, 'the server’s own text'));
    expect(words).not.toContain(code);
    expect(words).not.toContain('the server’s own text');
    // What happened, then what to do: at least two sentences or clauses.
    expect(words.split(/[.:;,]\s/).length).toBeGreaterThan(1);
  });
  it('says different things for different codes', () => {
    expect(new Set(errorCodes.map((code) => errorWords(new ConclaveError(code, '')))).size).toBe(errorCodes.length);
  });
  it('tells how long to wait when the server said so', () => {
    expect(errorWords(new ConclaveError('slow-down', '', 20_000))).toContain('20 s');
    expect(errorWords(new ConclaveError('slow-down', '', 900_000))).toContain('15 min');
    expect(errorWords(new ConclaveError('slow-down', ''))).not.toMatch(/\d/);
  });
  it('shows nothing of an error that is none of the wire', () => {
    expect(errorWords(new TypeError('x is undefined'))).not.toContain('undefined');
  });
});
