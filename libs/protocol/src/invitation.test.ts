import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeInvitation, encodeInvitation, invitationStatement, invitedStatement, type Invitation } from './invitation.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const invitation: fc.Arbitrary<Invitation> = fc.record({
  room: fc.uuid(),
  publicKey: bytes(32),
  expiresAt: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  inviter: fc.uuid(),
  signature: bytes(64),
  proof: bytes(64),
});

describe('invitations', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(invitation, (one) => {
        expect(decodeInvitation(encodeInvitation(one))).toEqual(one);
      }),
    );
  });

  it('are read from the middle of other bytes', () => {
    fc.assert(
      fc.property(invitation, (one) => {
        const inside = new Uint8Array([9, ...encodeInvitation(one), 9]).subarray(1, -1);
        expect(decodeInvitation(inside)).toEqual(one);
      }),
    );
  });

  it('are refused with a byte more or less, and of another version', () => {
    const [one] = fc.sample(invitation, 1);
    const encoded = encodeInvitation(one!);
    for (let length = 0; length < encoded.length; length++) expect(() => decodeInvitation(encoded.subarray(0, length))).toThrow(RangeError);
    expect(() => decodeInvitation(new Uint8Array([...encoded, 0]))).toThrow(RangeError);
    expect(() => decodeInvitation(new Uint8Array([2, ...encoded.subarray(1)]))).toThrow(RangeError);
  });

  it('say to whom, until when and by which key: each changes what is signed', () => {
    fc.assert(
      fc.property(invitation, invitation, (a, b) => {
        const said = ({ room, publicKey, expiresAt }: Invitation) => String(invitationStatement(room, publicKey, expiresAt));
        const same = a.room === b.room && String(a.publicKey) === String(b.publicKey) && a.expiresAt === b.expiresAt;
        expect(said(a) === said(b)).toBe(same);
        for (const change of [{ room: b.room }, { publicKey: b.publicKey }, { expiresAt: b.expiresAt }])
          expect(said({ ...a, ...change }) === said(a)).toBe(String(Object.values({ ...a, ...change })) === String(Object.values(a)));
      }),
    );
    const key = new Uint8Array(32);
    const [room, other] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
    expect(invitedStatement(room, key)).not.toEqual(invitedStatement(other, key));
    expect(invitedStatement(room, key)).not.toEqual(
      invitedStatement(
        room,
        key.map(() => 1),
      ),
    );
  });
});
