import { describe, expect, it } from 'vitest';
import { allowedScript } from './trusted-types.ts';

const here = 'https://chat.example';

describe('the default policy for scripts (OPS7)', () => {
  it.each(['sw.js', '/sw.js', `${here}/sw.js`, `${here}/worker-AB12CD34.js`])('lets our own worker through: %s', (address) => {
    expect(allowedScript(address, here)).toBe(address);
  });
  it.each([
    'https://evil.example/sw.js',
    '//evil.example/sw.js',
    'data:text/javascript,1',
    'blob:https://chat.example/1',
    'javascript:1',
    '/main.js',
    '/api/sw.js',
    '/sw.js?x=1',
    '/worker-../evil.js',
    'https://chat.example:8443/sw.js',
  ])('stops anything else: %s', (address) => expect(allowedScript(address, here)).toBeNull());
});
