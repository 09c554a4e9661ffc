import * as z from 'zod';
import { Attachment } from './attachment.ts';
import { base64url, bytesToUuid, DeviceId, RoomId, UserId, uuidToBytes } from './ids.ts';
import { limits } from './limits.ts';
import { MessageText } from './text.ts';

/*
 * What is inside the seal. The first byte tells the kind:
 *
 *   message  01 | order ms u48 | order counter u16 | signature 64 | statement (UTF-8 JSON, exactly the bytes that were hashed)
 *   receipt  02 | UTF-8 JSON Receipt
 *   bundle   03 | (author device 16 | length u32 | message) × n      copies of other authors' or one's own earlier messages
 *   ask      04 | UTF-8 JSON Ask
 *   history  05 | cursor length u16 | cursor | (author 16 | user 16 | device key 32 | generation u32 | epoch u32 | length u32 | message) × n
 *   want     06 | UTF-8 JSON Want
 *   apart    07 | device 16 × n      these devices leave the server together (MESH6)
 *   password 08 | version u32 | psk 32      before the commit of a change, to everybody who is in (room-password.ts)
 *
 * History passes between devices of one account (E2E8); to who comes later, where the room says so, words that were said for them too (E2E9).
 * The statement is frozen when the author says it (delivery.md D1): its SHA-256 is the `mid`, HMAC-SHA-256(frank, statement) is the
 * commitment that travels as authenticated data. The signature covers messageStatement(): it outlives epochs, for copies and reports.
 */
const MidSchema = base64url(43).min(43);

/** What a person said or did. Operations name their target by mid (delivery.md D9). */
export const Body = z.discriminatedUnion('kind', [
  z
    .object({
      kind: z.literal('text'),
      /** Empty only beside files. */
      text: z.union([z.literal(''), MessageText]),
      replyTo: MidSchema.optional(),
      /** People whom the words call by name (`@username`): their screens and notices say so. */
      mentions: z.array(UserId).min(1).max(limits.mentionsPerMessage).optional(),
      files: z.array(Attachment).min(1).max(limits.filesPerMessage).optional(),
    })
    .refine(({ text, files }) => text !== '' || files !== undefined, 'a message says something or carries a file'),
  z.object({ kind: z.literal('edit'), target: MidSchema, text: MessageText }),
  z.object({ kind: z.literal('delete'), target: MidSchema }),
  z.object({ kind: z.literal('react'), target: MidSchema, emoji: z.string().min(1).max(64), on: z.boolean() }),
]);
export type Body = z.infer<typeof Body>;

export const Statement = z.object({
  v: z.literal(1),
  room: RoomId,
  device: DeviceId,
  /** The author device's sequence in this room, from 1. */
  aseq: z.number().int().positive(),
  /** mid of the author's previous entry; empty for the first. */
  prev: z.union([MidSchema, z.literal('')]),
  /** 32 random bytes: key of the franking commitment. */
  frank: MidSchema,
  /** SHA-256 over the sorted account keys it was said to. */
  audience: MidSchema,
  /** When it was written by the author's clock, ms; shown, never used for order. */
  at: z.number().int().nonnegative(),
  /** It vanishes so long after its order time, ms (MSG5): frozen by its author, so that nobody can lengthen or shorten it later. */
  ttl: z.number().int().positive().max(Number.MAX_SAFE_INTEGER).optional(),
  /**
   * Its author's device knew that the room shows its words to who comes later (E2E9). Frozen like all else: no server, and no later change of the
   * room's settings, makes anybody hand on what was said without it.
   */
  later: z.literal(true).optional(),
  body: Body,
});
export type Statement = z.infer<typeof Statement>;

/** Order on screen (delivery.md D8): a hybrid clock, then device, then aseq. */
export type Order = { ms: number; counter: number };

export type SealedMessage = { order: Order; signature: Uint8Array; statement: Uint8Array };

const ranges = z
  .array(
    z.object({
      device: DeviceId,
      from: z.number().int().positive().optional(),
      aseq: z.number().int().nonnegative(),
      mid: z.union([MidSchema, z.literal('')]),
    }),
  )
  .max(limits.devicesPerRoom);
/**
 * Cumulative vectors: of each author device, everything up to `aseq` was persisted (delivered) or seen (read). It begins with `from`, the
 * first entry that ever reached the receiver; earlier ones may be on their way still.
 */
export const Receipt = z.object({ delivered: ranges, read: ranges });
export type Receipt = z.infer<typeof Receipt>;

/** "Who has messages `from`…`to` of `device`?" Answered with a bundle by whoever holds them. */
export const Ask = z.object({ device: DeviceId, from: z.number().int().positive(), to: z.number().int().positive() });
export type Ask = z.infer<typeof Ask>;

/** "The page of history before this cursor, please": a new device to an older one of the same account. Null for the newest. */
export const Want = z.object({ before: z.string().max(limits.historyCursor).nullable() });
export type Want = z.infer<typeof Want>;

/** One entry as the older device holds it; where it was sealed decides later who may be given a copy. */
export type HistoryEntry = {
  author: DeviceId;
  user: UserId;
  deviceKey: Uint8Array;
  generation: number;
  epoch: number;
  message: SealedMessage;
};

export type Content =
  | ({ kind: 'message' } & SealedMessage)
  | { kind: 'receipt'; receipt: Receipt }
  | { kind: 'bundle'; messages: { author: DeviceId; message: SealedMessage }[] }
  | { kind: 'ask'; ask: Ask }
  /** `next`: what to ask for next; empty at the beginning of history. */
  | { kind: 'history'; next: string; entries: HistoryEntry[] }
  | { kind: 'want'; want: Want }
  | { kind: 'apart'; devices: DeviceId[] }
  | { kind: 'password'; version: number; psk: Uint8Array };

const utf8 = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true });
const HEAD = 72; // order and signature
const label = utf8.encode('conclave message v1\0');

/** What the author's device signs: label, room, mid, commitment, order. Not the epoch: it must hold for a copy. */
export function messageStatement(room: RoomId, mid: Uint8Array, commitment: Uint8Array, order: Order): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(label.length + 16 + 32 + 32 + 8);
  out.set(label);
  out.set(uuidToBytes(room), label.length);
  out.set(mid, label.length + 16);
  out.set(commitment, label.length + 48);
  putOrder(out, label.length + 80, order);
  return out;
}

export function encodeContent(content: Content): Uint8Array<ArrayBuffer> {
  switch (content.kind) {
    case 'message':
      return concat([Uint8Array.of(1), encodeMessage(content)]);
    case 'receipt':
      return concat([Uint8Array.of(2), utf8.encode(JSON.stringify(content.receipt))]);
    case 'bundle':
      return concat([
        Uint8Array.of(3),
        ...content.messages.flatMap(({ author, message }) => [uuidToBytes(author), lengthPrefixed(encodeMessage(message))]),
      ]);
    case 'ask':
      return concat([Uint8Array.of(4), utf8.encode(JSON.stringify(content.ask))]);
    case 'history':
      return encodeHistory(content.next, content.entries);
    case 'want':
      return concat([Uint8Array.of(6), utf8.encode(JSON.stringify(content.want))]);
    case 'apart':
      return concat([Uint8Array.of(7), ...content.devices.map(uuidToBytes)]);
    case 'password':
      return encodePassword(content.version, content.psk);
  }
}

/** Throws RangeError, SyntaxError or ZodError on anything malformed: an author can seal rubbish, too. */
export function decodeContent(bytes: Uint8Array): Content {
  const rest = bytes.subarray(1);
  switch (bytes[0]) {
    case 1:
      return { kind: 'message', ...decodeMessage(rest) };
    case 2:
      return { kind: 'receipt', receipt: Receipt.parse(json(rest)) };
    case 3:
      return { kind: 'bundle', messages: decodeBundle(rest) };
    case 4:
      return { kind: 'ask', ask: Ask.parse(json(rest)) };
    case 5:
      return { kind: 'history', ...decodeHistory(rest) };
    case 6:
      return { kind: 'want', want: Want.parse(json(rest)) };
    case 7:
      return { kind: 'apart', devices: decodeDevices(rest) };
    case 8:
      return { kind: 'password', ...decodePassword(rest) };
    default:
      throw new RangeError('unknown kind of content');
  }
}

/** Statement bytes → typed. Throws like decodeContent. */
export function decodeStatement(bytes: Uint8Array): Statement {
  return Statement.parse(json(bytes));
}

/** The order in which members converge: negative when `a` comes first. */
export function compareOrder(
  a: { order: Order; device: DeviceId; aseq: number },
  b: { order: Order; device: DeviceId; aseq: number },
): number {
  return (
    a.order.ms - b.order.ms || a.order.counter - b.order.counter || (a.device < b.device ? -1 : a.device > b.device ? 1 : a.aseq - b.aseq)
  );
}

function encodeMessage({ order, signature, statement }: SealedMessage): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(HEAD + statement.length);
  putOrder(out, 0, order);
  out.set(signature, 8);
  out.set(statement, HEAD);
  return out;
}

function decodeMessage(bytes: Uint8Array): SealedMessage {
  if (bytes.length <= HEAD) throw new RangeError('a message ends before its statement');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const order = { ms: view.getUint16(0) * 2 ** 32 + view.getUint32(2), counter: view.getUint16(6) };
  return { order, signature: bytes.slice(8, HEAD), statement: bytes.slice(HEAD) };
}

function decodeBundle(bytes: Uint8Array): { author: DeviceId; message: SealedMessage }[] {
  const messages = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    if (at + 20 > bytes.length) throw new RangeError('a bundle ends early');
    const end = at + 20 + view.getUint32(at + 16);
    if (end > bytes.length) throw new RangeError('a bundle ends early');
    messages.push({ author: bytesToUuid(bytes, at), message: decodeMessage(bytes.subarray(at + 20, end)) });
    at = end;
  }
  return messages;
}

const ENTRY = 76; // what stands before the message

function encodeHistory(next: string, entries: HistoryEntry[]): Uint8Array<ArrayBuffer> {
  const cursor = utf8.encode(next);
  const head = new Uint8Array(3 + cursor.length);
  head[0] = 5;
  new DataView(head.buffer).setUint16(1, cursor.length);
  head.set(cursor, 3);
  const parts = entries.map(({ author, user, deviceKey, generation, epoch, message }) => {
    const bytes = encodeMessage(message);
    const out = new Uint8Array(ENTRY + bytes.length);
    out.set(uuidToBytes(author));
    out.set(uuidToBytes(user), 16);
    out.set(deviceKey, 32);
    const view = new DataView(out.buffer);
    view.setInt32(64, generation);
    view.setInt32(68, epoch);
    view.setUint32(72, bytes.length);
    out.set(bytes, ENTRY);
    return out;
  });
  return concat([head, ...parts]);
}

function decodeHistory(bytes: Uint8Array): { next: string; entries: HistoryEntry[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = bytes.length < 2 ? bytes.length + 1 : 2 + view.getUint16(0);
  if (at > bytes.length) throw new RangeError('a page of history ends early');
  const next = strict.decode(bytes.subarray(2, at));
  const entries: HistoryEntry[] = [];
  while (at < bytes.length) {
    if (at + ENTRY > bytes.length) throw new RangeError('a page of history ends early');
    const end = at + ENTRY + view.getUint32(at + 72);
    if (end > bytes.length) throw new RangeError('a page of history ends early');
    entries.push({
      author: bytesToUuid(bytes, at),
      user: bytesToUuid(bytes, at + 16),
      deviceKey: bytes.slice(at + 32, at + 64),
      generation: view.getInt32(at + 64),
      epoch: view.getInt32(at + 68),
      message: decodeMessage(bytes.subarray(at + ENTRY, end)),
    });
    at = end;
  }
  return { next, entries };
}

function decodeDevices(bytes: Uint8Array): DeviceId[] {
  const count = bytes.length / 16;
  if (!Number.isInteger(count) || count === 0 || count > limits.devicesPerRoom) throw new RangeError('whole device ids expected');
  return Array.from({ length: count }, (_, i) => bytesToUuid(bytes, 16 * i));
}

function encodePassword(version: number, psk: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(37);
  out[0] = 8;
  new DataView(out.buffer).setUint32(1, version);
  out.set(psk, 5);
  return out;
}

function decodePassword(bytes: Uint8Array): { version: number; psk: Uint8Array } {
  if (bytes.length !== 36) throw new RangeError('a password’s version and key expected');
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (version === 0) throw new RangeError('versions count from 1');
  return { version, psk: bytes.slice(4) };
}

function putOrder(out: Uint8Array<ArrayBuffer>, at: number, { ms, counter }: Order): void {
  const view = new DataView(out.buffer);
  view.setUint16(at, Math.floor(ms / 2 ** 32));
  view.setUint32(at + 2, ms % 2 ** 32);
  view.setUint16(at + 6, counter);
}

function lengthPrefixed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(4 + bytes.length);
  new DataView(out.buffer).setUint32(0, bytes.length);
  out.set(bytes, 4);
  return out;
}

function concat(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const json = (bytes: Uint8Array): unknown => JSON.parse(strict.decode(bytes));
