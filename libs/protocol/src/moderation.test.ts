import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actStatement, decodeRoleCertificate, encodeRoleCertificate, roleStatement, type RoleCertificate } from './moderation.ts';

const everywhere = '00000000-0000-0000-0000-000000000000';
const moment = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const certificate: fc.Arbitrary<RoleCertificate> = fc.record({
  room: fc.option(fc.uuid().filter((id) => id !== everywhere)),
  user: fc.uuid(),
  role: fc.constantFrom('moderator', 'owner'),
  issuedAt: moment,
  expiresAt: moment,
});
const signature = fc.uint8Array({ minLength: 64, maxLength: 64 });

describe('role certificates', () => {
  it('come out as they went in, and are signed over all they say', () => {
    fc.assert(
      fc.property(certificate, signature, (one, signed) => {
        const encoded = encodeRoleCertificate(one, signed);
        expect(decodeRoleCertificate(encoded)).toEqual({ ...one, signature: signed });
        expect([...roleStatement(one)].slice(-46)).toEqual([...encoded.subarray(0, 46)]);
      }),
    );
  });

  it('are refused with a byte more or less, of another version, and for an unknown role', () => {
    const [one] = fc.sample(certificate, 1);
    const encoded = encodeRoleCertificate(one!, new Uint8Array(64));
    for (let length = 0; length < encoded.length; length++)
      expect(() => decodeRoleCertificate(encoded.subarray(0, length))).toThrow(RangeError);
    expect(() => decodeRoleCertificate(new Uint8Array([...encoded, 0]))).toThrow(RangeError);
    const changed = (at: number, to: number) => encoded.map((byte, i) => (i === at ? to : byte));
    expect(() => decodeRoleCertificate(changed(0, 2))).toThrow(RangeError);
    for (const role of [0, 3, 255]) expect(() => decodeRoleCertificate(changed(33, role)), String(role)).toThrow(RangeError);
  });

  it('sign no statement that is an act as well', () => {
    fc.assert(
      fc.property(certificate, fc.uint8Array({ maxLength: 200 }), (one, act) => {
        expect(String(actStatement(act))).not.toBe(String(roleStatement(one)));
      }),
    );
  });
});

describe('acts', () => {
  it('are signed over exactly the bytes that travel', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (act) => {
        expect([...actStatement(act)].slice(23)).toEqual([...act]);
      }),
    );
  });
});
