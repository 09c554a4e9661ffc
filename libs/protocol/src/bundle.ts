import { limits } from './limits.ts';

/*
 * Binary HTTP bodies of the delivery service: parts, each with its length (u32, big-endian) before it.
 *
 *   POST /api/rooms/{room}/group      founding: [groupInfo]
 *   POST /api/rooms/{room}/commits    bundle:   [commit, welcome (may be empty), groupInfo]
 *   POST /api/rooms/{room}/restored   commits that a restored server has lost: [commit, serverSignature] × count, in order
 *   GET  /api/rooms/{room}/log/{pos}  as commit, own or removed: [commit, serverSignature]; as welcome: [welcome, groupInfo, serverSignature]
 *
 * groupInfo carries ratchet tree and external public key; commit and welcome are MLSMessages.
 */

/** Parts → one body. */
export function encodeParts(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length);
    out.set(part, at + 4);
    at += 4 + part.length;
  }
  return out;
}

/** One body → exactly `count` parts. Throws RangeError when lengths lie or bytes are left over. */
export function decodeParts(body: Uint8Array, count: number): Uint8Array[] {
  if (body.length > limits.bundle) throw new RangeError(`at most ${limits.bundle} bytes`);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 4 > body.length) throw new RangeError('a part is missing');
    const length = view.getUint32(at);
    at += 4;
    if (at + length > body.length) throw new RangeError('a part ends early');
    parts.push(body.subarray(at, at + length));
    at += length;
  }
  if (at !== body.length) throw new RangeError('bytes after the last part');
  return parts;
}

const orderedLabel = new TextEncoder().encode('conclave commit v1\0');

/** What the server signs for each commit it ordered (delivery.md D5), so that members may hand it on: label, group id, epoch made (u64), SHA-256 of the commit. */
export function orderedStatement(groupId: Uint8Array, epoch: number, commitHash: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(orderedLabel.length + groupId.length + 8 + commitHash.length);
  out.set(orderedLabel);
  out.set(groupId, orderedLabel.length);
  new DataView(out.buffer).setBigUint64(orderedLabel.length + groupId.length, BigInt(epoch));
  out.set(commitHash, orderedLabel.length + groupId.length + 8);
  return out;
}
