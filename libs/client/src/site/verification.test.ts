import { describe, expect, it } from 'vitest';
import { toBase64url } from '../../../protocol/src/index.ts';
import { People } from '../room/people.ts';
import { openMemoryStore } from '../storage/memory-store.ts';
import { Verification } from './verification.ts';

const key = (fill: number) => new Uint8Array(32).fill(fill);
const [ann, bob] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const;

/** What `user` sees, who has met `other` with this key. */
async function side(user: string, own: Uint8Array, other: string, theirs: Uint8Array) {
  const people = new People(openMemoryStore());
  await people.pin(other, toBase64url(theirs));
  return {
    people,
    verification: new Verification(
      () => ({ user, accountKey: own }),
      () => people,
    ),
  };
}

describe('a safety number (E2E4)', () => {
  it('is the same on both sides, and another one for any other key or person', async () => {
    const a = (await side(ann, key(1), bob, key(2))).verification;
    const b = (await side(bob, key(2), ann, key(1))).verification;
    const [one, two] = [await a.of(bob), await b.of(ann)];
    expect(two.groups).toEqual(one.groups);
    expect(two.emoji).toEqual(one.emoji);
    expect([one.groups.length, one.groups.every((group) => /^\d{5}$/.test(group)), one.emoji.length]).toEqual([12, true, 20]);
    expect(await b.matches(ann, `${one.code}\n`)).toBe(true);
    const between = (await side(ann, key(1), bob, key(3))).verification; // a key that somebody has slipped in
    expect(await b.matches(ann, (await between.of(bob)).code)).toBe(false);
    await expect(a.of(ann)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is marked for the key that was shown; another key takes the mark away and stops what is said until it is acknowledged', async () => {
    const { people, verification } = await side(ann, key(1), bob, key(2));
    const shown = await verification.of(bob);
    await verification.mark(bob, shown.groups, true);
    expect([people.verified(bob), people.suspect(bob)]).toEqual([true, false]);
    expect(await people.pin(bob, toBase64url(key(9)))).toBe(true);
    expect([people.verified(bob), people.suspect(bob), people.keyChanged(bob)]).toEqual([false, true, true]);
    await expect(verification.mark(bob, shown.groups, true)).rejects.toMatchObject({ code: 'conflict' });
    await verification.acknowledge(bob);
    expect([people.suspect(bob), people.keyChanged(bob), people.verified(bob)]).toEqual([false, false, false]);
    await people.pin(bob, toBase64url(key(10))); // who was never verified since is not waited for
    expect(people.suspect(bob)).toBe(false);
  });
});
