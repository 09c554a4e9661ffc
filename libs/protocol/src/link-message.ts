import { bytesToUuid, uuidToBytes, type DeviceId, type RoomId } from './ids.ts';
import { limits } from './limits.ts';

/*
 * What two devices say over their data channel, besides the short texts about the channel itself (protocol.md P-12):
 *
 *   envelope    03 | room 16 | ciphertext
 *   ack         04 | eid 32 × k, 1 ≤ k ≤ 200
 *   signal      05 | from 16 | to 16 | data (UTF-8)
 *   neighbours  06 | device 16 × k, 0 ≤ k ≤ 256
 *   told        07 | body
 */
const ENVELOPE = 3;
const ACK = 4;
const SIGNAL = 5;
const NEIGHBOURS = 6;
const TOLD = 7;
const EID = 32;
const UUID = 16;

export type LinkMessage =
  | { type: 'envelope'; room: RoomId; ciphertext: Uint8Array }
  | { type: 'ack'; eids: Uint8Array[] }
  /** A signal that travels through a member: `from` is who speaks, `to` whom it is for; whoever carries it is neither, or one of them. */
  | { type: 'signal'; from: DeviceId; to: DeviceId; data: string }
  /** Devices to which the sender has an open link now, as far as they share a room with the receiver. */
  | { type: 'neighbours'; devices: DeviceId[] }
  /** For protocols between members that are no envelopes; the body is theirs. */
  | { type: 'told'; body: Uint8Array };

export function encodeLinkMessage(message: LinkMessage): Uint8Array<ArrayBuffer> {
  switch (message.type) {
    case 'envelope':
      return joined(ENVELOPE, uuidToBytes(message.room), message.ciphertext);
    case 'ack':
      return joined(ACK, ...message.eids);
    case 'signal':
      return joined(SIGNAL, uuidToBytes(message.from), uuidToBytes(message.to), new TextEncoder().encode(message.data));
    case 'neighbours':
      return joined(NEIGHBOURS, ...message.devices.map(uuidToBytes));
    case 'told':
      return joined(TOLD, message.body);
  }
}

/** Throws RangeError on anything that is not a link message. Ciphertext and body are views, not copies. */
export function decodeLinkMessage(frame: Uint8Array): LinkMessage {
  switch (frame[0]) {
    case ENVELOPE:
      atLeast(frame, 18);
      return { type: 'envelope', room: bytesToUuid(frame, 1), ciphertext: upTo(frame, 1 + UUID, limits.ciphertext) };
    case ACK: {
      const eids = whole(frame, EID, limits.acksPerFrame);
      if (eids.length === 0) throw new RangeError('an acknowledgement names what it acknowledges');
      return { type: 'ack', eids: eids.map((start) => frame.slice(start, start + EID)) };
    }
    case SIGNAL: {
      atLeast(frame, 2 + 2 * UUID);
      const data = upTo(frame, 1 + 2 * UUID, limits.signalData);
      return { type: 'signal', from: bytesToUuid(frame, 1), to: bytesToUuid(frame, 1 + UUID), data: utf8(data) };
    }
    case NEIGHBOURS:
      return { type: 'neighbours', devices: whole(frame, UUID, limits.devicesPerRoom).map((start) => bytesToUuid(frame, start)) };
    case TOLD:
      atLeast(frame, 2);
      return { type: 'told', body: upTo(frame, 1, limits.told) };
    default:
      throw new RangeError('unknown link message');
  }
}

function joined(type: number, ...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(1 + parts.reduce((sum, { length }) => sum + length, 0));
  out[0] = type;
  let at = 1;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function atLeast(frame: Uint8Array, length: number): void {
  if (frame.length < length) throw new RangeError('the message is too short');
}

function upTo(frame: Uint8Array, start: number, max: number): Uint8Array {
  if (frame.length - start > max) throw new RangeError(`at most ${max} bytes`);
  return frame.subarray(start);
}

/** Where each of the equal parts begins. */
function whole(frame: Uint8Array, size: number, max: number): number[] {
  const count = (frame.length - 1) / size;
  if (!Number.isInteger(count) || count > max) throw new RangeError(`at most ${max} whole parts of ${size} bytes`);
  return Array.from({ length: count }, (_, i) => 1 + size * i);
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RangeError('not UTF-8');
  }
}
