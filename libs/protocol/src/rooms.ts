import * as z from 'zod';
import { base64url, DeviceId, RoomId, UserId } from './ids.ts';
import { limits } from './limits.ts';
import { Person } from './person.ts';
import { RoomIcon, RoomName, RoomTopic, Slug, WelcomeText } from './text.ts';

/*
 * Rooms of every kind. Requests are strict, responses are what the server promises; all paths begin with /api.
 */

const key = base64url(43).min(43); // 32 bytes
const signature = base64url(86).min(86); // 64 bytes
const moment = z.number().int(); // ms since 1970

/** Open: listed. Password: listed with a lock. Hidden: found only by its exact name. Direct: two people (ROOM1). It never changes. */
export const RoomKind = z.enum(['open', 'password', 'hidden', 'direct']);
export type RoomKind = z.infer<typeof RoomKind>;
/** What somebody is in a room (ROOM6); what they are on the site is `Role`. */
export const RoomRole = z.enum(['owner', 'moderator', 'member']);
export type RoomRole = z.infer<typeof RoomRole>;
/** Who alone may come in: people marked VIP, or those with a role on the site (ROOM7). */
export const RoomFor = z.enum(['vip', 'moderator', 'admin']);
export type RoomFor = z.infer<typeof RoomFor>;

/** One line of the room list (ROOM2). A direct conversation's `name` is empty: it is called by the other person. */
export const RoomSummary = z.object({
  id: RoomId,
  kind: RoomKind,
  name: z.string(),
  topic: z.string(),
  /** One character that stands for the room, or null. */
  icon: z.string().nullable(),
  for: RoomFor.nullable(),
  /** What it stands for in the embedding site: /chat/{slug} (ROOM9). */
  slug: z.string().nullable(),
  members: z.number().int(),
  online: z.number().int(),
});
export type RoomSummary = z.infer<typeof RoomSummary>;

/** What members know beyond the summary. */
export const RoomSettings = z.object({
  /** Messages vanish so long after they were said (MSG5); authors' devices freeze it into each message. Null: they stay. */
  disappearAfterMs: z.number().int().min(60_000).nullable(),
  /** Members' devices and the relay keep nothing older (ROOM10). Null: all. */
  retentionDays: z.number().int().min(1).nullable(),
  /**
   * Members' devices show who comes later what was said in the last so many days (E2E9): only words whose authors' devices knew of it when they were
   * said. Null: nothing.
   */
  newcomersDays: z.number().int().min(1).nullable(),
  /** Words of the house to whoever comes in (ROOM7). */
  welcome: z.array(z.string()),
  /** Counts up with each change of the password; 0 where the room has none. */
  passwordVersion: z.number().int(),
});
export type RoomSettings = z.infer<typeof RoomSettings>;

export const RoomMember = Person.extend({ role: RoomRole });
export type RoomMember = z.infer<typeof RoomMember>;

/** GET /api/rooms: listed rooms the caller may see. `mine` are the rooms the caller is a member of, listed or not. */
export const RoomList = z.object({ rooms: z.array(RoomSummary), mine: z.array(RoomId), signedIn: z.number().int() });
export type RoomList = z.infer<typeof RoomList>;

/** POST /api/rooms. A password room's maker chooses its `id`: both halves of the password are derived under it (room-password.ts). */
export const RoomRequest = z.strictObject({
  name: RoomName,
  topic: RoomTopic.default(''),
  icon: RoomIcon.nullable().default(null),
  kind: RoomKind.exclude(['direct']).default('open'),
  id: RoomId.optional(),
  admission: key.optional(),
});
export type RoomRequest = z.input<typeof RoomRequest>;

/** POST /api/rooms/{room}/join. `admission` opens a password room, `name` (exact) a hidden one. Full: `room-full`, and the caller waits. */
export const JoinRequest = z.strictObject({ admission: key.optional(), name: z.string().max(500).optional() });
export type JoinRequest = z.infer<typeof JoinRequest>;

/** Answer of POST /api/rooms/{room}/join. */
export const RoomJoined = RoomSummary.extend({ passwordVersion: z.number().int() });

/** POST /api/rooms/find: a hidden room by its exact name; `not-found` also for one the caller may not see, in the same bytes and time (ROOM1). */
export const FindRequest = z.strictObject({ name: z.string().max(500) });

/** PATCH /api/rooms/{room}: owners; what is absent stays. Moderators change topic and icon. */
export const RoomChange = z.strictObject({
  name: RoomName.optional(),
  topic: RoomTopic.optional(),
  icon: RoomIcon.nullable().optional(),
  disappearAfterMs: z
    .number()
    .int()
    .min(60_000)
    .max(366 * 86_400_000)
    .nullable()
    .optional(),
  retentionDays: z.number().int().min(1).max(3_660).nullable().optional(),
  newcomersDays: z.number().int().min(1).max(366).nullable().optional(),
});
export type RoomChange = z.infer<typeof RoomChange>;

/** PUT /api/rooms/{room}/password: owners. Answers with the new version; the commit with its PSK follows (e2ee.md "Room password"). */
export const PasswordRequest = z.strictObject({ admission: key });
export const PasswordVersion = z.object({ passwordVersion: z.number().int() });

/** PUT /api/rooms/{room}/members/{user}/role: owners. Who makes another an owner stays one until they change that. Else `last-owner`. */
export const RoleRequest = z.strictObject({ role: RoomRole });

/** POST /api/direct: the conversation with this person, made when there is none (ROOM5). `forbidden` when they take none from the caller. */
export const DirectRequest = z.strictObject({ user: UserId });

/** GET /api/me/blocks; PUT and DELETE /api/me/blocks/{user} (MOD2). */
export const BlockList = z.object({ users: z.array(UserId) });

/**
 * POST /api/rooms/{room}/invites: a link into this room (ROOM8) for people with an account. The browser makes a seed, which stands in the link's
 * fragment and is sent nowhere; out of it come a secret for the server and an Ed25519 key for the members (invitation.ts).
 */
export const RoomInviteRequest = z.strictObject({
  secretHash: key,
  publicKey: key,
  expiresAt: moment,
  uses: z.number().int().min(1).max(1000),
  /** The inviting device's over invitationStatement. */
  signature,
});
export type RoomInviteRequest = z.infer<typeof RoomInviteRequest>;
export const RoomInvite = z.object({ id: z.string(), usesLeft: z.number().int(), expiresAt: moment, createdAt: moment, createdBy: UserId });
export type RoomInvite = z.infer<typeof RoomInvite>;
export const RoomInvites = z.array(RoomInvite);
/** POST /api/room-invites/use: the secret, and the invitation key's signature over the caller's account key. Answers with a RoomSummary. */
export const RoomInviteUse = z.strictObject({ secret: key, proof: signature });
export type RoomInviteUse = z.infer<typeof RoomInviteUse>;

/** In GroupStatus: the invitation by which this device's person came (invitation.ts, encodeInvitation). */
export const InvitedDevice = z.object({ device: DeviceId, invitation: base64url(512) });

/** PUT /api/rooms/by-slug/{slug} (rooms:write): a room that stands for something in the site, made or changed (ROOM9). */
export const SiteRoomRequest = z.strictObject({
  name: RoomName,
  topic: RoomTopic.default(''),
  icon: RoomIcon.nullable().default(null),
  welcome: z.array(WelcomeText).max(5).default([]),
  /** True: only who is let in by the JWT's `rooms` claim may enter; false: everybody. */
  membersOnly: z.boolean().default(true),
});
export type SiteRoomRequest = z.input<typeof SiteRoomRequest>;
/** GET /api/rooms/{slug}/access?issuer=&subject= (rooms:read), or without a query for oneself. */
export const RoomAccess = z.object({ slug: Slug, room: RoomId.nullable(), mayEnter: z.boolean(), member: z.boolean() });
export type RoomAccess = z.infer<typeof RoomAccess>;

export const roomLimits = { passwordMin: 6, passwordMax: 60, waiting: 100, blocks: 1_000, directs: limits.directsPerUser } as const;
