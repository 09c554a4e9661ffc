import * as z from 'zod';
import { base64url, DeviceId, UserId } from './ids.ts';
import { limits } from './limits.ts';
import { Person, Role } from './person.ts';
import { Device, Password } from './rest.ts';
import { About, DisplayName, ProfileLink, Username } from './text.ts';

/*
 * Accounts: one's own profile (ACC12, ACC13) and their management by operators (ACC14). Paths begin with /api. The routes of /api/admin
 * take an administrator's access token or an API token with the scope that stands beside each.
 */

const moment = z.number().int(); // ms since 1970

/** Names an image by the hash of its bytes: what it names never changes. GET /api/avatars/{hash} (signed in). */
export const AvatarHash = base64url(43).min(43);

/** GET /api/people/{user}: what a person says of themselves. */
export const Profile = Person.extend({ about: z.string(), link: z.string().nullable(), role: Role, guest: z.boolean(), vip: z.boolean() });
export type Profile = z.infer<typeof Profile>;

/** How an account came to be: by hand, as a guest, or handed over by an embedding site. */
export const AccountOrigin = z.enum(['local', 'guest', 'handoff']);
export type AccountOrigin = z.infer<typeof AccountOrigin>;

/** GET /api/me. */
export const OwnProfile = Profile.extend({
  createdAt: moment,
  origin: AccountOrigin,
  hasPassword: z.boolean(),
  passkeys: z.number().int(),
});
export type OwnProfile = z.infer<typeof OwnProfile>;

/** PATCH /api/me: what is absent stays. PUT and DELETE /api/me/avatar: an image up to 1 MiB in, re-encoded. */
export const ProfileChange = z.strictObject({
  displayName: DisplayName.optional(),
  about: About.optional(),
  link: ProfileLink.nullable().optional(),
});
export type ProfileChange = z.infer<typeof ProfileChange>;

/** PUT /api/me/password: `current` where the account has one. Ends every other session (ACC13). */
export const PasswordChange = z.strictObject({ current: z.string().max(1024).optional(), password: Password });
export type PasswordChange = z.infer<typeof PasswordChange>;

/** POST /api/me/deletion: `password` where the account has one, and the username typed once more. */
export const DeletionRequest = z.strictObject({ username: z.string().max(64), password: z.string().max(1024).optional() });
export type DeletionRequest = z.infer<typeof DeletionRequest>;

const lines = z.array(z.record(z.string(), z.unknown()));
/** GET /api/me/export: everything the server has about the account, part by part; what the lines hold is for people to read, not for programs. */
export const AccountExport = z.object({
  exportedAt: moment,
  profile: OwnProfile,
  account: lines,
  devices: lines,
  sessions: lines,
  passkeys: lines,
  memberships: lines,
  invites: lines,
  tokens: lines,
  links: lines,
  expired: lines,
  blocks: lines,
  roomInvites: lines,
  /** Where devices are told of what comes while their app is closed. */
  push: lines,
  backup: lines,
  /** What moderators did to this person, and this person as one. */
  acts: lines,
  bans: lines,
  /** By this person; who reported them is not told. */
  reports: lines,
  audit: lines,
});
export type AccountExport = z.infer<typeof AccountExport>;

/** One sign-in (ACC7). GET /api/me/sessions. */
export const SessionLine = z.object({
  id: z.string(),
  /** Browser and system, as it was at sign-in. */
  name: z.string(),
  method: z.enum(['password', 'passkey', 'device', 'handoff', 'guest', 'registration', 'setup', 'reset']),
  createdAt: moment,
  lastUsedAt: moment,
  device: DeviceId.nullable(),
  current: z.boolean(),
});
export type SessionLine = z.infer<typeof SessionLine>;
export const SessionLines = z.array(SessionLine);

/** GET /api/admin/accounts?q=&cursor=&limit= (accounts:read). */
export const AccountQuery = z.strictObject({
  /** Part of the username or the display name. */
  q: z.string().max(100).default(''),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const AccountLine = z.object({
  id: UserId,
  username: z.string(),
  displayName: z.string(),
  role: Role,
  origin: AccountOrigin,
  createdAt: moment,
  lastSeenAt: moment.nullable(),
  lockedAt: moment.nullable(),
  lockReason: z.string().nullable(),
  /** End of a ban from the site; null with `lockedAt`: until somebody unlocks. */
  lockedUntil: moment.nullable(),
  vip: z.boolean(),
  /** Wrong guesses in a row by unknown devices, and until when those wait (ACC5). */
  failures: z.number().int(),
  waitsUntil: moment.nullable(),
});
export type AccountLine = z.infer<typeof AccountLine>;
export const AccountPage = z.object({ accounts: z.array(AccountLine), next: z.string().nullable(), total: z.number().int() });
export type AccountPage = z.infer<typeof AccountPage>;
/** GET /api/admin/accounts/{user} (accounts:read), beside sessions and devices. */
export const AccountDetail = AccountLine.extend({
  hasPassword: z.boolean(),
  passkeys: z.number().int(),
  sessions: SessionLines,
  devices: z.array(Device),
});
export type AccountDetail = z.infer<typeof AccountDetail>;

/** POST /api/admin/accounts (accounts:write). Without a password the answer holds a one-time link to set one. */
export const AccountRequest = z.strictObject({
  username: Username,
  displayName: DisplayName.optional(),
  password: Password.optional(),
  role: Role.default('user'),
});
export type AccountRequest = z.input<typeof AccountRequest>;
export const NewAccount = AccountLine.extend({ reset: z.object({ secret: z.string(), expiresAt: moment }).nullable() });
export type NewAccount = z.infer<typeof NewAccount>;

/** PATCH /api/admin/accounts/{user} (accounts:write). A changed role ends the account's sessions. */
export const AccountChange = z.strictObject({ displayName: DisplayName.optional(), role: Role.optional(), vip: z.boolean().optional() });
export type AccountChange = z.infer<typeof AccountChange>;
/** POST /api/admin/accounts/{user}/lock (accounts:write) with a body; …/unlock clears the lock and every wrong guess. */
export const LockRequest = z.strictObject({ reason: z.string().trim().max(200).default('') });
/** POST /api/admin/accounts/{user}/reset (accounts:write): a one-time link for the fragment of /#reset=, 24 h. */
export const ResetLink = z.object({ secret: z.string(), expiresAt: moment });
export type ResetLink = z.infer<typeof ResetLink>;

/** What an API token may do. None makes or touches an administrator: only administrators in person do, and the host's own tool. */
export const apiScopes = [
  'accounts:read',
  'accounts:write',
  'invites:write',
  'statistics:read',
  'handoff:write',
  'rooms:read',
  'rooms:write',
  'audit:read',
  'moderation:write',
] as const;
export const ApiScope = z.enum(apiScopes);
const aboutScopes =
  'accounts:write makes and manages every account but those of administrators: it may not make, promote, demote, reset, lock or delete one.';
export type ApiScope = z.infer<typeof ApiScope>;
/** POST /api/admin/tokens (administrators only): the secret is in this answer and nowhere else. */
export const ApiTokenRequest = z.strictObject({
  name: z.string().trim().min(1).max(60),
  scopes: z.array(ApiScope).min(1).max(apiScopes.length).describe(aboutScopes),
  days: z.number().int().min(1).max(366).default(90),
});
export type ApiTokenRequest = z.input<typeof ApiTokenRequest>;
export const ApiToken = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(ApiScope),
  createdBy: z.string(),
  createdAt: moment,
  expiresAt: moment,
  lastUsedAt: moment.nullable(),
});
export type ApiToken = z.infer<typeof ApiToken>;
export const NewApiToken = ApiToken.extend({ secret: z.string() });
export type NewApiToken = z.infer<typeof NewApiToken>;

/** Largest image that is taken as an avatar, bytes. */
export const avatarBytes = 1024 * 1024;
export const profileLimits = { about: limits.about, link: 300 } as const;
