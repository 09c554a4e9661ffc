import { describe, expect, it } from 'vitest';
import { limits } from '../../../../libs/protocol/src/limits.ts';
import { passphrase } from './passphrase.ts';

describe('a made passphrase (ACC2)', () => {
  it('is long enough to be accepted', () => expect(passphrase().length).toBeGreaterThanOrEqual(limits.passwordMin));
  it('is another one each time', () => expect(new Set(Array.from({ length: 50 }, () => passphrase())).size).toBe(50));
  it('uses the whole range it asks for', () => {
    expect(passphrase(() => 0)).toBe('baba-baba-baba-baba-baba');
    expect(passphrase((below) => below - 1)).toBe('zuzu-zuzu-zuzu-zuzu-zuzu');
  });
});
