import { bytesToUuid, uuidToBytes, type DeviceId, type RoomId } from './ids.ts';
import { limits } from './limits.ts';

/*
 * Binary frames of the socket: ids and sealed bytes, without base64. What data channels carry is in link-message.ts.
 *
 *   socket, client → server   submit    01 | n u32 | room 16 | count u16 | recipients 16 × count | ciphertext
 *   socket, server → client   envelope  02 | room 16 | author device 16 | at u48 ms | ciphertext
 *
 * Everything is big-endian. A frame that lies about a length is refused with RangeError.
 */
const SUBMIT = 1;
const ENVELOPE = 2;

/** An author hands sealed bytes to the relay for the devices that have not acknowledged. `n` counts up from 1 per connection and room. */
export type Submission = { n: number; room: RoomId; recipients: DeviceId[]; ciphertext: Uint8Array };
/** What the relay hands to a recipient; `at` is when the server took it, ms since 1970. */
export type RelayedEnvelope = { room: RoomId; author: DeviceId; at: number; ciphertext: Uint8Array };

export function encodeSubmission({ n, room, recipients, ciphertext }: Submission): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(23 + 16 * recipients.length + ciphertext.length);
  const view = new DataView(out.buffer);
  out[0] = SUBMIT;
  view.setUint32(1, n);
  out.set(uuidToBytes(room), 5);
  view.setUint16(21, recipients.length);
  recipients.forEach((device, i) => out.set(uuidToBytes(device), 23 + 16 * i));
  out.set(ciphertext, 23 + 16 * recipients.length);
  return out;
}

/** Throws RangeError when the frame is not a well-formed submission. The ciphertext is a view, not a copy. */
export function decodeSubmission(frame: Uint8Array): Submission {
  const view = viewOf(frame, SUBMIT, 23);
  const n = view.getUint32(1);
  const count = view.getUint16(21);
  const start = 23 + 16 * count;
  if (n === 0) throw new RangeError('a submission is numbered from 1');
  if (count === 0 || count > limits.devicesPerRoom) throw new RangeError(`1 to ${limits.devicesPerRoom} recipients expected`);
  if (frame.length <= start) throw new RangeError('the frame ends before its sealed bytes');
  const recipients = Array.from({ length: count }, (_, i) => bytesToUuid(frame, 23 + 16 * i));
  return { n, room: bytesToUuid(frame, 5), recipients, ciphertext: sealed(frame, start) };
}

export function encodeRelayed({ room, author, at, ciphertext }: RelayedEnvelope): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(39 + ciphertext.length);
  const view = new DataView(out.buffer);
  out[0] = ENVELOPE;
  out.set(uuidToBytes(room), 1);
  out.set(uuidToBytes(author), 17);
  view.setUint16(33, Math.floor(at / 2 ** 32));
  view.setUint32(35, at % 2 ** 32);
  out.set(ciphertext, 39);
  return out;
}

/** Throws RangeError when the frame is not a well-formed relayed envelope. */
export function decodeRelayed(frame: Uint8Array): RelayedEnvelope {
  const view = viewOf(frame, ENVELOPE, 40);
  const at = view.getUint16(33) * 2 ** 32 + view.getUint32(35);
  return { room: bytesToUuid(frame, 1), author: bytesToUuid(frame, 17), at, ciphertext: sealed(frame, 39) };
}

function viewOf(frame: Uint8Array, type: number, atLeast: number): DataView {
  if (frame[0] !== type) throw new RangeError('unknown binary frame');
  if (frame.length < atLeast) throw new RangeError('the frame is too short');
  return new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
}

function sealed(frame: Uint8Array, start: number): Uint8Array {
  if (frame.length - start > limits.ciphertext) throw new RangeError(`at most ${limits.ciphertext} sealed bytes`);
  return frame.subarray(start);
}
