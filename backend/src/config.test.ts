import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const read = (environment: Record<string, string | undefined>) => readConfig({ NODE_ENV: 'test', ...environment });

describe('LOCK_AFTER_MINUTES (ACC16)', () => {
  it('is from one minute on, or up to each person', () => {
    expect(read({ LOCK_AFTER_MINUTES: '1' }).lockAfterMs).toBe(60_000);
    expect(read({ LOCK_AFTER_MINUTES: '015' }).lockAfterMs).toBe(15 * 60_000);
    for (const none of [{}, { LOCK_AFTER_MINUTES: '' }]) expect(read(none).lockAfterMs).toBeNull();
  });

  it.each(['0', '000', '-1', '0.5', '10000', '1e3', 'never'])('is not %s', (LOCK_AFTER_MINUTES) => {
    expect(() => read({ LOCK_AFTER_MINUTES })).toThrow(ConfigError);
    expect(() => read({ LOCK_AFTER_MINUTES })).toThrow(/^LOCK_AFTER_MINUTES: /);
  });
});

describe('docker/compose.yml', () => {
  const compose = readFileSync(new URL('../../docker/compose.yml', import.meta.url), 'utf8');
  const passed = Object.fromEntries(
    [...compose.matchAll(/^ {6}([A-Z_]+): \$\{\1:-(.*)\}$/gm)].map(([, name, preset]): [string, string] => [name, preset]),
  );

  it('passes every variable of the doors on, and opens none by itself', () => {
    const examples = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
    const doors = [...examples.matchAll(/^#((?:HANDOFF_|GUESTS|LOCK_|REGISTRATION)\w*)=/gm)].map(([, name]) => name);
    expect(doors.length).toBeGreaterThan(12);
    for (const name of doors) expect(Object.keys(passed)).toContain(name);
    expect(read(passed)).toMatchObject({ handoff: null, guests: false, registration: 'invite', lockAfterMs: null });
  });
});
