import * as z from 'zod';
import { base64url, RoomId, UserId } from './ids.ts';
import { limits } from './limits.ts';

/*
 * Word to a device whose app is closed (PRES4). The push service sees when and how much, and to which device; what it carries is sealed to the
 * device (RFC 8291), and inside that the message is sealed to the room as ever: this server has nothing to read in it either.
 */

/** GET /api/push: the server's public key for push services (VAPID), base64url; null where the operator switched push off. */
export const PushKey = z.object({ key: z.string().nullable(), subscribed: z.boolean() });
export type PushKey = z.infer<typeof PushKey>;

/** PUT /api/push: this device's subscription as the browser made it. It goes with the device, and with its last session. */
export const PushRequest = z.strictObject({
  endpoint: z.string().min(1).max(limits.pushEndpoint),
  keys: z.strictObject({ p256dh: base64url(87).min(87), auth: base64url(22).min(22) }),
  /** Rooms of which nothing is pushed. */
  quiet: z.array(RoomId).max(500).default([]),
});
export type PushRequest = z.input<typeof PushRequest>;

/** What a push carries, as JSON. `sealed`: the envelope as the relay holds it, base64url; absent where it is too large for a push. */
export const PushPayload = z.object({
  v: z.literal(1),
  /** Whose device it is: a browser may hold several accounts' stores. */
  user: UserId,
  room: RoomId,
  eid: base64url(43).min(43),
  sealed: base64url(limits.pushPayload).optional(),
});
export type PushPayload = z.infer<typeof PushPayload>;
