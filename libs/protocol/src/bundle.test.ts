import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeParts, encodeParts, orderedStatement } from './bundle.ts';
import { groupIdOf } from './group-id.ts';
import { limits } from './limits.ts';

describe('bundles of parts', () => {
  it('come out as they went in, empty parts too', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), (parts) => {
        expect(decodeParts(encodeParts(parts), parts.length).map((part) => [...part])).toEqual(parts.map((part) => [...part]));
      }),
    );
  });

  it('are refused when cut anywhere, when a length lies, and with bytes left over', () => {
    const body = encodeParts([new Uint8Array([1, 2]), new Uint8Array(), new Uint8Array([3])]);
    for (let length = 0; length < body.length; length++)
      expect(() => decodeParts(body.subarray(0, length), 3), `${length} bytes`).toThrow(RangeError);
    const longer = new Uint8Array([...body, 0]);
    expect(() => decodeParts(longer, 3)).toThrow(RangeError);
    const liar = body.slice();
    new DataView(liar.buffer).setUint32(0, 0xffffffff);
    expect(() => decodeParts(liar, 3)).toThrow(RangeError);
  });

  it('have exactly as many parts as expected', () => {
    const body = encodeParts([new Uint8Array([1]), new Uint8Array([2])]);
    expect(decodeParts(body, 2)).toHaveLength(2);
    expect(() => decodeParts(body, 1)).toThrow(RangeError);
    expect(() => decodeParts(body, 3)).toThrow(RangeError);
  });

  it('may be as large as a bundle, and not one byte larger', () => {
    expect(decodeParts(encodeParts([new Uint8Array(limits.bundle - 4)]), 1)[0]).toHaveLength(limits.bundle - 4);
    expect(() => decodeParts(encodeParts([new Uint8Array(limits.bundle - 3)]), 1)).toThrow(RangeError);
  });
});

describe('what the server signs for a commit (D5)', () => {
  const id = groupIdOf('00000000-0000-4000-8000-000000000001', 3, { by: 'open' });
  const hash = new Uint8Array(32).fill(1);

  it('differs with the group, its generation, the epoch and the commit', () => {
    const statements = [
      orderedStatement(id, 4, hash),
      orderedStatement(groupIdOf('00000000-0000-4000-8000-000000000002', 3, { by: 'open' }), 4, hash),
      orderedStatement(groupIdOf('00000000-0000-4000-8000-000000000001', 4, { by: 'open' }), 4, hash),
      orderedStatement(groupIdOf('00000000-0000-4000-8000-000000000001', 3, { by: 'closed' }), 4, hash),
      orderedStatement(id, 5, hash),
      orderedStatement(id, 4, new Uint8Array(32).fill(2)),
    ].map(String);
    expect(new Set(statements).size).toBe(statements.length);
    expect(String(orderedStatement(id, 4, hash))).toBe(statements[0]);
  });
});
