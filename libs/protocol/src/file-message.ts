import { fromBase64url, toBase64url } from './ids.ts';

/*
 * What two devices say over the data channel `files`, which is beside the one of messages and made when it is needed:
 *
 *   want      01 | id 16 | from u48 | to u48     pieces from here on, up to there please; again with a later end: go on
 *   piece     02 | id 16 | at u48 | bytes        at most 16 KiB all in all
 *   stop      03 | id 16                         from whoever receives: no more; from whoever sends: it ends here
 *   not-here  04 | id 16                         not all of it, not for you, or not now
 */
const WANT = 1;
const PIECE = 2;
const STOP = 3;
const NOT_HERE = 4;
const ID = 16;
const OFFSET = 6;
const HEAD = 1 + ID;

/** A piece with its head, which every browser's data channel takes in one. */
export const filePieceBytes = 16 * 1024 - HEAD - OFFSET;

export type FileMessage =
  | { type: 'want'; id: string; from: number; to: number }
  | { type: 'piece'; id: string; at: number; bytes: Uint8Array }
  | { type: 'stop'; id: string }
  | { type: 'not-here'; id: string };

export function encodeFileMessage(message: FileMessage): Uint8Array<ArrayBuffer> {
  switch (message.type) {
    case 'want': {
      const out = headed(WANT, message.id, 2 * OFFSET);
      put48(out, HEAD, message.from);
      put48(out, HEAD + OFFSET, message.to);
      return out;
    }
    case 'piece': {
      const out = headed(PIECE, message.id, OFFSET + message.bytes.length);
      put48(out, HEAD, message.at);
      out.set(message.bytes, HEAD + OFFSET);
      return out;
    }
    case 'stop':
      return headed(STOP, message.id, 0);
    case 'not-here':
      return headed(NOT_HERE, message.id, 0);
  }
}

/** Throws RangeError on anything that is no such message. The bytes of a piece are a view, not a copy. */
export function decodeFileMessage(frame: Uint8Array): FileMessage {
  if (frame.length < HEAD) throw new RangeError('the message is too short');
  const id = idAt(frame, 1);
  switch (frame[0]) {
    case WANT: {
      exactly(frame, HEAD + 2 * OFFSET);
      const [from, to] = [get48(frame, HEAD), get48(frame, HEAD + OFFSET)];
      if (to <= from) throw new RangeError('a stretch has a length');
      return { type: 'want', id, from, to };
    }
    case PIECE:
      if (frame.length <= HEAD + OFFSET || frame.length > HEAD + OFFSET + filePieceBytes)
        throw new RangeError('a piece has bytes, and not too many');
      return { type: 'piece', id, at: get48(frame, HEAD), bytes: frame.subarray(HEAD + OFFSET) };
    case STOP:
      exactly(frame, HEAD);
      return { type: 'stop', id };
    case NOT_HERE:
      exactly(frame, HEAD);
      return { type: 'not-here', id };
    default:
      throw new RangeError('unknown file message');
  }
}

function headed(type: number, id: string, more: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(HEAD + more);
  out[0] = type;
  out.set(bytesOf(id), 1);
  return out;
}

/** Thousands of pieces a second are of one file: its name is turned once. */
let last = { id: '', bytes: new Uint8Array(ID) };

function bytesOf(id: string): Uint8Array {
  if (last.id !== id) last = { id, bytes: fromBase64url(id) };
  return last.bytes;
}

function idAt(frame: Uint8Array, at: number): string {
  if (last.id === '' || last.bytes.some((byte, i) => byte !== frame[at + i]))
    last = { id: toBase64url(frame.subarray(at, at + ID)), bytes: frame.slice(at, at + ID) };
  return last.id;
}

function exactly(frame: Uint8Array, length: number): void {
  if (frame.length !== length) throw new RangeError(`${length} bytes expected`);
}

function put48(out: Uint8Array, at: number, value: number): void {
  const view = new DataView(out.buffer, out.byteOffset);
  view.setUint16(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 2, value % 2 ** 32);
}

function get48(frame: Uint8Array, at: number): number {
  const view = new DataView(frame.buffer, frame.byteOffset);
  return view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2);
}
