import { describe, expect, it } from 'vitest';
import type { Roster } from '../sealing/sealer.ts';
import { keysAreOld } from './key-age.ts';

const day = 86_400_000;
const roster = (sealedSinceUpdate: number, updatedAt: number): Roster => ({
  generation: 0,
  epoch: 1,
  leaves: [],
  removing: [],
  authenticator: new Uint8Array(),
  context: new Uint8Array(32),
  sealedSinceUpdate,
  entry: { by: 'open' },
  updatedAt,
});
const early = 'ffff0000-0000-0000-0000-000000000000';
const late = '00000000-0000-0000-0000-000000000000';

describe('own keys (e2ee.md: every 7 days or 500 messages, spread)', () => {
  it('are renewed after 500 sealings, not before', () => {
    expect(keysAreOld(roster(500, 0), late, 1)).toBe(false);
    expect(keysAreOld(roster(501, 0), late, 1)).toBe(true);
  });

  it('are renewed within seven days, each device at its own hour of the last one', () => {
    expect(keysAreOld(roster(0, 0), late, 7 * day)).toBe(false);
    expect(keysAreOld(roster(0, 0), late, 7 * day + 1)).toBe(true);
    expect(keysAreOld(roster(0, 0), early, 6 * day)).toBe(false);
    expect(keysAreOld(roster(0, 0), early, 6 * day + 10_000)).toBe(true);
  });
});
