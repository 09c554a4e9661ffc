/** Digits out of an epoch authenticator (RFC 9420, 8.7), for people to compare: 6 groups of 5, about 100 bits. Each is 5 bytes modulo 100,000. */
export function roomCode(authenticator: Uint8Array): string {
  const view = new DataView(authenticator.buffer, authenticator.byteOffset, authenticator.byteLength);
  return Array.from({ length: 6 }, (_, i) => {
    const five = view.getUint8(5 * i) * 2 ** 32 + view.getUint32(5 * i + 1);
    return String(five % 100_000).padStart(5, '0');
  }).join(' ');
}
