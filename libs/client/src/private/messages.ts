import * as z from 'zod';
import { base64url, DeviceId, fromBase64url, RoomId, toBase64url } from '../../../protocol/src/index.ts';

/*
 * What members tell each other over their direct links to go private and stay together without a server (MESH6). JSON, bytes as base64url.
 * The link proves who speaks; whatever is passed on by others carries a signature of its own.
 */
const bytes = (max: number) =>
  base64url(Math.ceil((max * 4) / 3))
    .min(1)
    .transform((text): Uint8Array => fromBase64url(text));
const commitBytes = bytes(64 * 1024);
const groupBytes = bytes(64 * 1024);
const signature = bytes(64);
const generation = z.number().int().nonnegative();
const epoch = z.number().int().nonnegative();
const signed = z.array(z.object({ device: DeviceId, signature })).max(256);
const departure = z.object({ device: DeviceId, promised: generation, acked: epoch, signature });
/** Who was for it, and who had gone without having said anything else: more than half of all others were for it. */
const mandate = { votes: signed, departures: z.array(departure).max(256) };

export const PrivateMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('invite'), id: RoomId, room: RoomId, until: z.number().int().positive() }),
  z.object({ type: z.literal('answer'), id: RoomId, yes: z.boolean(), keyPackage: bytes(8 * 1024).optional() }),
  z.object({ type: z.literal('off'), id: RoomId }),
  z.object({ type: z.literal('welcome'), id: RoomId, room: RoomId, generation, welcome: groupBytes, groupInfo: groupBytes, ...mandate }),
  departure.extend({ type: z.literal('leaving'), id: RoomId, generation }),
  z.object({ type: z.literal('head'), id: RoomId, generation, epoch, now: z.number().int().nonnegative() }),
  /** To the sequencer: order this commit of mine, please. */
  z.object({ type: z.literal('submit'), id: RoomId, generation, epoch, commit: commitBytes }),
  z.object({ type: z.literal('ballot'), id: RoomId, generation, epoch, commit: commitBytes }),
  z.object({ type: z.literal('ack'), id: RoomId, generation, epoch, hash: bytes(32), signature }),
  z.object({ type: z.literal('commit'), id: RoomId, generation, epoch, commit: commitBytes, signature, ...mandate }),
  /** The sequencer has gone: I would take over, as this generation. */
  z.object({ type: z.literal('stand'), id: RoomId, generation }),
  z.object({ type: z.literal('vote'), id: RoomId, generation, signature, keyPackage: bytes(8 * 1024) }),
  /** The conversation goes on under a later generation; this is why. */
  z.object({ type: z.literal('moved'), id: RoomId, generation, ...mandate }),
  z.object({ type: z.literal('rejoin'), id: RoomId, generation, keyPackage: bytes(8 * 1024) }),
]);
export type PrivateMessage = z.infer<typeof PrivateMessage>;
export type Told<T extends PrivateMessage['type']> = Extract<PrivateMessage, { type: T }>;
export type Signed = { device: DeviceId; signature: Uint8Array };
/** "I take part no more", with the last that this device had said: the generation it promised itself to, and the epoch it acknowledged. */
export type Departure = Signed & { promised: number; acked: number };
export type Mandate = { votes: Signed[]; departures: Departure[] };

const utf8 = new TextEncoder();

export function encodePrivate(message: PrivateMessage): Uint8Array<ArrayBuffer> {
  const plain = (_: string, value: unknown) => (value instanceof Uint8Array ? toBase64url(value) : value);
  return utf8.encode(JSON.stringify(message, plain));
}

/** Null when it is no message of ours: another version, or rubbish from a member. */
export function decodePrivate(body: Uint8Array): PrivateMessage | null {
  try {
    return PrivateMessage.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)));
  } catch {
    return null;
  }
}
