import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admissionStatement, decodeAdmission, encodeAdmission } from './admission.ts';
import { certificateStatement, decodeCertificate, deviceIdOf, encodeCertificate, verifyCertificate } from './certificate.ts';
import { base64url, bytesToUuid, fromBase64url, toBase64url, UserId, uuidToBytes } from './ids.ts';

const room = '00000000-0000-4000-8000-000000000001';
const user = '00000000-0000-4000-8000-000000000002';
const fill = (length: number, byte: number) => new Uint8Array(length).fill(byte);

describe('ids', () => {
  it('UUIDs and base64url come out as they went in', () => {
    fc.assert(fc.property(fc.uuid(), (id) => bytesToUuid(uuidToBytes(id)) === id));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => String(fromBase64url(toBase64url(bytes))) === String(bytes)));
    const large = fill(100_000, 7);
    expect(fromBase64url(toBase64url(large))).toEqual(large);
  });

  it('refuse what is no UUID, in bytes and as text', () => {
    for (const text of ['', 'x', room.slice(1), `${room}0`, room.replace('0', 'g')])
      expect(() => uuidToBytes(text), text).toThrow(RangeError);
    expect(() => bytesToUuid(fill(15, 0))).toThrow(RangeError);
    expect(() => bytesToUuid(fill(16, 0), 1)).toThrow(RangeError);
    expect(UserId.safeParse(user).success).toBe(true);
    for (const text of [user.replaceAll('-', ''), `{${user}}`, 'ABCDEF00-0000-4000-8000-000000000002'])
      expect(UserId.safeParse(text).success, text).toBe(false);
  });

  it('refuse base64 of another alphabet, padding, and one character too many', () => {
    for (const text of ['+w', 'a/', 'aa==', 'ä', 'a b']) expect(() => fromBase64url(text), text).toThrow(RangeError);
    expect(base64url(4).safeParse('abcd').success).toBe(true);
    expect(base64url(4).safeParse('abcde').success).toBe(false);
    expect(base64url(4).safeParse('ab=').success).toBe(false);
  });
});

describe('device certificates (E2E4)', () => {
  async function certified() {
    const account = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
    const accountKey = new Uint8Array(await crypto.subtle.exportKey('raw', account.publicKey));
    const deviceKey = fill(32, 5);
    const signature = new Uint8Array(
      await crypto.subtle.sign('Ed25519', account.privateKey, certificateStatement(user, accountKey, deviceKey)),
    );
    return { certificate: { user, accountKey, signature }, deviceKey };
  }

  it('hold for the device, user and account key they were made for', async () => {
    const { certificate, deviceKey } = await certified();
    expect(decodeCertificate(encodeCertificate(certificate))).toEqual(certificate);
    expect(await verifyCertificate(certificate, deviceKey)).toBe(true);
  });

  it('hold for nothing else, and never throw', async () => {
    const { certificate, deviceKey } = await certified();
    expect(await verifyCertificate(certificate, fill(32, 6))).toBe(false);
    expect(await verifyCertificate({ ...certificate, user: room }, deviceKey)).toBe(false);
    expect(await verifyCertificate({ ...certificate, accountKey: fill(32, 1) }, deviceKey)).toBe(false);
    expect(await verifyCertificate({ ...certificate, signature: fill(64, 1) }, deviceKey)).toBe(false);
    expect(await verifyCertificate({ ...certificate, signature: fill(3, 1) }, deviceKey)).toBe(false);
    expect(await verifyCertificate(certificate, fill(31, 5))).toBe(false);
  });

  it('are refused at any other length or version', async () => {
    const bytes = encodeCertificate((await certified()).certificate);
    for (let length = 0; length < bytes.length; length++) expect(() => decodeCertificate(bytes.subarray(0, length))).toThrow(RangeError);
    expect(() => decodeCertificate(new Uint8Array([...bytes, 0]))).toThrow(RangeError);
    expect(() => decodeCertificate(new Uint8Array([2, ...bytes.subarray(1)]))).toThrow(RangeError);
  });

  it('name a device by its key: another key is another device', async () => {
    expect(await deviceIdOf(fill(32, 5))).toBe(await deviceIdOf(fill(32, 5)));
    expect(await deviceIdOf(fill(32, 5))).not.toBe(await deviceIdOf(fill(32, 6)));
  });
});

describe('admissions', () => {
  const ticket = {
    room,
    user,
    accountKey: fill(32, 1),
    deviceKey: fill(32, 2),
    groupInfoHash: fill(32, 3),
    expiresAt: 2 ** 41 + 5,
    nonce: fill(16, 4),
    signature: fill(64, 5),
  };

  it('come out as they went in', () => {
    expect(decodeAdmission(encodeAdmission(ticket))).toEqual(ticket);
  });

  it('are refused at any other length or version', () => {
    const bytes = encodeAdmission(ticket);
    for (let length = 0; length < bytes.length; length++) expect(() => decodeAdmission(bytes.subarray(0, length))).toThrow(RangeError);
    expect(() => decodeAdmission(new Uint8Array([...bytes, 0]))).toThrow(RangeError);
    expect(() => decodeAdmission(new Uint8Array([0, ...bytes.subarray(1)]))).toThrow(RangeError);
  });

  it('are signed over every field but the signature', () => {
    const lies = [
      { room: user },
      { user: room },
      { accountKey: fill(32, 9) },
      { deviceKey: fill(32, 9) },
      { groupInfoHash: fill(32, 9) },
      { expiresAt: 5 },
      { nonce: fill(16, 9) },
    ];
    const signed = (change: Partial<typeof ticket>) => String(admissionStatement({ ...ticket, ...change }));
    expect(new Set(lies.map(signed)).add(signed({})).size).toBe(lies.length + 1);
    expect(signed({ signature: fill(64, 9) })).toBe(signed({}));
  });
});
