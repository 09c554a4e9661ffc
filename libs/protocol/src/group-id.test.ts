import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupIdOf, readGroupId, type Entry } from './group-id.ts';

const room = '00000000-0000-4000-8000-000000000001';
const generation = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const two = fc.uniqueArray(fc.uuid(), { minLength: 2, maxLength: 2 }).map(([a, b]) => [a!, b!] as [string, string]);
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.constantFrom<Entry>({ by: 'open' }, { by: 'password' }, { by: 'closed' }),
  two.map((users) => ({ by: 'direct' as const, users })),
);
const direct = (users: [string, string]): Entry => ({ by: 'direct', users });

describe('group ids', () => {
  it('come out as they went in, the two of a direct conversation in one order', () => {
    fc.assert(
      fc.property(fc.uuid(), generation, entry, (id, n, by) => {
        const expected = by.by === 'direct' ? direct([...by.users].sort() as [string, string]) : by;
        expect(readGroupId(groupIdOf(id, n, by))).toEqual({ room: id, generation: n, entry: expected });
      }),
    );
  });

  it('are one for the same two people, whoever is named first', () => {
    fc.assert(
      fc.property(two, ([a, b]) => {
        expect(groupIdOf(room, 0, direct([a, b]))).toEqual(groupIdOf(room, 0, direct([b, a])));
      }),
    );
  });

  it('are refused with a byte more or less, and of an unknown entry', () => {
    fc.assert(
      fc.property(generation, entry, (n, by) => {
        const id = groupIdOf(room, n, by);
        for (let length = 0; length < id.length; length++) expect(() => readGroupId(id.subarray(0, length))).toThrow(RangeError);
        expect(() => readGroupId(new Uint8Array([...id, 0]))).toThrow(RangeError);
        expect(() => readGroupId(id.map((byte, at) => (at === 20 ? 4 + (n % 252) : byte)))).toThrow(RangeError);
      }),
      { numRuns: 20 },
    );
  });

  it('name two people, the smaller first: nothing else says the same', () => {
    const [a, b] = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'];
    const id = groupIdOf(room, 0, direct([a, b]));
    const turned = new Uint8Array([...id.subarray(0, 21), ...id.subarray(37), ...id.subarray(21, 37)]);
    expect(() => readGroupId(turned)).toThrow(RangeError);
    expect(() => readGroupId(groupIdOf(room, 0, direct([a, a])))).toThrow(RangeError);
  });
});
