import * as z from 'zod';
import { base64url, UserId } from './ids.ts';

const key = base64url(43).min(43); // 32 bytes

/** A person as other members see them. `accountKey` (Ed25519) is null until their first device came; `avatar` names an image (accounts.ts). */
export const Person = z.object({
  id: UserId,
  username: z.string(),
  displayName: z.string(),
  accountKey: key.nullable(),
  avatar: key.nullable(),
});
export type Person = z.infer<typeof Person>;

/** What an account is on the site; what it is in a room is `RoomRole`. */
export const Role = z.enum(['user', 'moderator', 'admin']);
export type Role = z.infer<typeof Role>;
