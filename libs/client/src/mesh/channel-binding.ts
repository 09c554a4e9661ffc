import { uuidToBytes, type DeviceId } from '../../../protocol/src/index.ts';

/*
 * Binds a data channel to two device keys (delivery.md D14). Each side signs both DTLS fingerprints as it sees them, in the first
 * message on the open channel: a server that put itself between has a certificate of its own on each half, and the halves do not match.
 * (The offer itself cannot carry this: when it is made the other fingerprint is not known yet.)
 */
const label = new TextEncoder().encode('conclave link v1\0');

/** SHA-256 fingerprint of a session description, lower case without colons; null when it names none. */
export function fingerprintOf(sdp: string | undefined): string | null {
  const match = /^a=fingerprint:sha-256 ([0-9A-Fa-f:]{95})\s*$/m.exec(sdp ?? '');
  return match ? match[1]!.replaceAll(':', '').toLowerCase() : null;
}

/** What `from` signs for `to`: label, ids, own fingerprint, the other's fingerprint. */
export function bindingStatement(from: DeviceId, to: DeviceId, own: string, other: string): Uint8Array<ArrayBuffer> {
  const prints = new TextEncoder().encode(`${own}|${other}`);
  const out = new Uint8Array(label.length + 32 + prints.length);
  out.set(label);
  out.set(uuidToBytes(from), label.length);
  out.set(uuidToBytes(to), label.length + 16);
  out.set(prints, label.length + 32);
  return out;
}
