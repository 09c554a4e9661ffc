import * as z from 'zod';
import { FileStorage } from './files.ts';
import { base64url, DeviceId, RoomId } from './ids.ts';
import { limits } from './limits.ts';
import { Person, Role } from './person.ts';
import { DisplayName, RoomName, Username } from './text.ts';

/*
 * Bodies of the REST interface. Requests are strict (an unknown field is 400), responses are what the server promises.
 * All paths begin with /api; the access JWT travels as `Authorization: Bearer`, the refresh token only as a cookie.
 */

const key = base64url(43).min(43); // 32 bytes
const signature = base64url(86).min(86); // 64 bytes
/** Length and strength are checked by the server, which says why. */
export const Password = z.string().max(limits.passwordMax);
const moment = z.number().int(); // ms since 1970

/** GET /api/config: what a client must know before anyone signs in. */
export const SiteConfig = z.object({
  name: z.string(),
  /** How the house looks (APP2): its colour as #rrggbb, the address of its web site, and whether it has a logo (GET /api/site-logo). */
  brand: z.object({ color: z.string().nullable(), url: z.string().nullable(), logo: z.boolean() }),
  version: z.string(),
  /** True until the first admin exists: only the setup link goes on. */
  setupNeeded: z.boolean(),
  registration: z.enum(['open', 'invite', 'closed']),
  relay: z.boolean(),
  /** Guests may come in with a name only (ACC11). */
  guests: z.boolean(),
  /** An embedding site hands its users over (ACC10): where they sign in, and whether that is the only way in. */
  handoff: z.object({ signInUrl: z.string().nullable(), strict: z.boolean() }).nullable(),
  /** Clients lock themselves after so long without a touch; null: never unless the person wants it (ACC16). */
  lockAfterMs: z.number().int().nullable(),
  /** The sealed storage of files (FILE1); null: there is none, files only go directly. */
  files: FileStorage.nullable(),
  /** Ed25519 key with which this server signs commits, admissions and Remove proposals. */
  serverKey: key,
});
export type SiteConfig = z.infer<typeof SiteConfig>;

/** POST /api/setup: makes the first admin and the first rooms, once. */
export const SetupRequest = z.strictObject({
  token: z.string().min(1).max(128),
  username: Username,
  displayName: DisplayName,
  password: Password,
  rooms: z.array(RoomName).min(1).max(10).default(['Lobby']),
});
export type SetupRequest = z.input<typeof SetupRequest>;

/** POST /api/auth/register with an invitation (ACC3). */
export const RegisterRequest = z.strictObject({
  invite: z.string().min(1).max(128).optional(),
  username: Username,
  displayName: DisplayName,
  password: Password,
});
export type RegisterRequest = z.infer<typeof RegisterRequest>;

/** POST /api/auth/login. What was typed is never echoed, not even its form. */
export const LoginRequest = z.strictObject({ username: z.string().max(256), password: z.string().max(1024) });
export type LoginRequest = z.infer<typeof LoginRequest>;

/** Answer of setup, register, login and refresh; the refresh cookie comes beside it. */
export const SignedIn = z.object({
  accessToken: z.string(),
  /** When the access token ends. */
  expiresAt: moment,
  user: Person.extend({ role: Role }),
  session: z.string(),
});
export type SignedIn = z.infer<typeof SignedIn>;

/** POST /api/auth/ticket: one use, 30 s, for the session's device. */
export const Ticket = z.object({ ticket: z.string(), expiresAt: moment });

/** GET /api/invites, POST /api/invites. The secret is in the answer of POST only, for the URL fragment. */
export const InviteRequest = z.strictObject({
  uses: z.number().int().min(1).max(1000).default(1),
  days: z.number().int().min(1).max(90).default(7),
  /** Rooms the newcomer becomes a member of. */
  rooms: z.array(RoomId).max(20).default([]),
});
export type InviteRequest = z.input<typeof InviteRequest>;
export const Invite = z.object({
  id: z.string(),
  usesLeft: z.number().int(),
  expiresAt: moment,
  createdAt: moment,
  createdBy: z.string(),
  rooms: z.array(RoomId),
});
export type Invite = z.infer<typeof Invite>;
export const NewInvite = Invite.extend({ secret: z.string() });
export type NewInvite = z.infer<typeof NewInvite>;

/** PUT /api/me/devices/{device}: the certificate that binds a device key to the account (certificate.ts). */
export const DeviceRequest = z.strictObject({
  deviceKey: key,
  accountKey: key,
  signature,
  name: z.string().trim().min(1).max(60),
  /** Replaces the account's key: every earlier device is removed, everybody sees it. */
  resetAccountKey: z.boolean().default(false),
});
export type DeviceRequest = z.input<typeof DeviceRequest>;
export const Device = z.object({ id: DeviceId, name: z.string(), createdAt: moment, lastSeenAt: moment, current: z.boolean() });
export type Device = z.infer<typeof Device>;
/** GET /api/me/devices. `accountKey` is null before the first device. */
export const DeviceList = z.object({ accountKey: key.nullable(), devices: z.array(Device) });
export type DeviceList = z.infer<typeof DeviceList>;

/** POST and GET /api/me/devices/{device}/key-packages. */
export const KeyPackageUpload = z.strictObject({
  packages: z.array(base64url(8192).min(1)).max(limits.keyPackagesPerDevice),
  lastResort: base64url(8192).min(1).optional(),
});
export type KeyPackageUpload = z.infer<typeof KeyPackageUpload>;
export const KeyPackageCount = z.object({ oneTime: z.number().int(), lastResortExpiresAt: moment.nullable() });

/** POST /api/rooms/{room}/key-packages: a lease of 10 minutes per room and device. */
export const KeyPackageClaim = z.strictObject({ devices: z.array(DeviceId).min(1).max(64) });
export const KeyPackageLease = z.object({ packages: z.array(z.object({ device: DeviceId, keyPackage: base64url(8192) })) });
export type KeyPackageLease = z.infer<typeof KeyPackageLease>;

/**
 * PUT and GET /api/me/links/{mailbox}/{side}: linking a new device by code. Both sides derive mailbox and key from the code;
 * the server sees a random-looking name and sealed bytes, and forgets them after 10 minutes.
 */
export const LinkMailbox = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
export const LinkSide = z.enum(['request', 'answer']);
export type LinkSide = z.infer<typeof LinkSide>;
export const LinkMessageBody = z.strictObject({ sealed: base64url(8192).min(1) });

/** POST /api/rooms/{room}/admission: what an external commit needs (admission.ts). Open rooms and resync of one's own leaf only. */
export const Admission = z.object({
  generation: z.number().int(),
  epoch: z.number().int(),
  groupInfo: base64url(1_400_000),
  admission: base64url(1024),
});
export type Admission = z.infer<typeof Admission>;
/** Answer of POST /api/rooms/{room}/commits and /group (binary bundle.ts in). */
export const Ordered = z.object({
  pos: z.number().int(),
  generation: z.number().int(),
  epoch: z.number().int(),
  /** The server's over orderedStatement (bundle.ts), base64url: with it any member may hand the commit on. */
  signature: base64url(86),
});
export type Ordered = z.infer<typeof Ordered>;

/** GET /api/ice: STUN and TURN for RTCPeerConnection; TURN credentials are short-lived. */
export const IceServers = z.object({
  iceServers: z.array(z.object({ urls: z.array(z.string()), username: z.string().optional(), credential: z.string().optional() })),
});
export type IceServers = z.infer<typeof IceServers>;

/** GET /api/admin/statistics (OPS4): since start, and as of now. */
export const Statistics = z.object({
  uptimeMs: z.number(),
  sockets: z.number().int(),
  signedIn: z.number().int(),
  users: z.number().int(),
  rooms: z.number().int(),
  failedLogins: z.number().int(),
  lockedAccounts: z.number().int(),
  relayedEnvelopes: z.number().int(),
  /** Messages that went directly, as clients report them, in sum only. */
  directMessages: z.number().int(),
  waitingEnvelopes: z.number().int(),
});
export type Statistics = z.infer<typeof Statistics>;
