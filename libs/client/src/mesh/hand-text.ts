import { bytesToUuid, fromBase64url, toBase64url, uuidToBytes, type DeviceId } from '../../../protocol/src/index.ts';
import { packDescription, unpackDescription, type Description } from './compact-description.ts';

/*
 * Offer or answer as a text for people to carry (P-26), in base64url:
 *
 *   the bytes whose base64url reads "Conclave" 6 | version and kind 1 | device 16 | session 12 | answer: session of the offer 12
 *   | description | the first 4 bytes of SHA-256 of all before
 */
const mark = fromBase64url('Conclave');
const kinds = { offer: 0x10, answer: 0x11 } as const;
const SESSION = 12;
const SUM = 4;
const textMax = 4_096;

export type HandText = { device: DeviceId; session: string } & (
  { kind: 'offer'; description: Description } | { kind: 'answer'; to: string; description: Description }
);

export async function writeHandText(hand: HandText): Promise<string> {
  const parts = [
    mark,
    new Uint8Array([kinds[hand.kind]]),
    uuidToBytes(hand.device),
    fromBase64url(hand.session),
    hand.kind === 'answer' ? fromBase64url(hand.to) : new Uint8Array(0),
    packDescription(hand.description),
  ];
  const body = Uint8Array.from(parts.flatMap((part) => [...part]));
  return toBase64url(Uint8Array.from([...body, ...(await sum(body))]));
}

/** Spaces and line breaks, as mail programs add them, are overlooked. Throws RangeError with words for a person when it is no such text. */
export async function readHandText(text: string): Promise<HandText> {
  const bytes = decode(text.slice(0, 2 * textMax).replaceAll(/\s/g, ''));
  if (bytes.length < mark.length || !mark.every((byte, i) => bytes[i] === byte)) throw new RangeError('This is not a connection text.');
  const body = bytes.subarray(0, -SUM);
  if (!(await sum(body)).every((byte, i) => bytes[body.length + i] === byte))
    throw new RangeError('The text is not complete. Copy all of it, from the first letter to the last.');
  const kind = body[mark.length];
  let at = mark.length + 1 + 16;
  const session = (offset: number) => toBase64url(body.slice(offset, offset + SESSION));
  const from = { device: bytesToUuid(body, mark.length + 1), session: session(at) };
  at += SESSION;
  if (kind === kinds.offer) return { ...from, kind: 'offer', description: unpackDescription('offer', body.subarray(at)) };
  if (kind !== kinds.answer) throw new RangeError('This text is of another version of the app. Update both, then begin again.');
  return { ...from, kind: 'answer', to: session(at), description: unpackDescription('answer', body.subarray(at + SESSION)) };
}

function decode(text: string): Uint8Array<ArrayBuffer> {
  if (text.length > textMax || text.length % 4 === 1 || !/^[A-Za-z0-9_-]*$/.test(text))
    throw new RangeError('This is not a connection text.');
  return fromBase64url(text);
}

async function sum(body: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', body)).subarray(0, SUM);
}
