import * as z from 'zod';
import { base64url, DeviceId } from './ids.ts';
import { Password } from './rest.ts';
import { DisplayName, ProfileLink } from './text.ts';

/*
 * The doors beside the password: passkeys (ACC8), device keys (ACC9), hand-off by signed JWT (ACC10), guests (ACC11), one-time links.
 * Each answers with SignedIn and the refresh cookie.
 */

const moment = z.number().int(); // ms since 1970

/** WebAuthn's own JSON forms (W3C WebAuthn Level 3, 5.1.8 ff.) pass through as they are; the library checks them. */
const WebAuthnJson = z.record(z.string().max(64), z.unknown());

/** POST /api/me/passkeys/options and POST /api/auth/passkey/options: what `navigator.credentials` is asked with; one use, 5 minutes. */
export const PasskeyOptions = z.object({ options: WebAuthnJson });
/** POST /api/me/passkeys/options: the password where the account has one; else the sign-in must be at most 15 minutes old. */
export const PasskeyOptionsRequest = z.strictObject({ password: z.string().max(1024).optional() });
/** POST /api/me/passkeys. */
export const PasskeyRequest = z.strictObject({ name: z.string().trim().min(1).max(60), response: WebAuthnJson });
export type PasskeyRequest = z.infer<typeof PasskeyRequest>;
/** POST /api/auth/passkey. */
export const PasskeyLogin = z.strictObject({ response: WebAuthnJson });
export type PasskeyLogin = z.infer<typeof PasskeyLogin>;
/** PATCH /api/me/passkeys/{passkey}. */
export const PasskeyChange = z.strictObject({ name: z.string().trim().min(1).max(60) });
export const PasskeyId = base64url(1364).min(1);
/** GET /api/me/passkeys. */
export const Passkey = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: moment,
  lastUsedAt: moment.nullable(),
  /** Kept in an account of the authenticator's maker, so it may be on several devices. */
  backedUp: z.boolean(),
});
export type Passkey = z.infer<typeof Passkey>;
export const Passkeys = z.array(Passkey);

/** POST /api/auth/device/challenge, then POST /api/auth/device with the device key's signature over deviceLoginStatement (certificate.ts). */
export const DeviceChallengeRequest = z.strictObject({ device: DeviceId });
export const DeviceChallenge = z.object({ challenge: base64url(43).min(43), expiresAt: moment });
export type DeviceChallenge = z.infer<typeof DeviceChallenge>;
export const DeviceLogin = z.strictObject({ device: DeviceId, challenge: base64url(43).min(43), signature: base64url(86).min(86) });
export type DeviceLogin = z.infer<typeof DeviceLogin>;

/** POST /api/auth/reset: an administrator's one-time link (/#reset=secret) sets a new password, and signs in. */
export const ResetRequest = z.strictObject({ secret: z.string().min(1).max(128), password: Password });
export type ResetRequest = z.infer<typeof ResetRequest>;

/** POST /api/auth/guest (config GUESTS). */
export const GuestRequest = z.strictObject({ name: DisplayName });
export type GuestRequest = z.infer<typeof GuestRequest>;

/** POST /api/auth/handoff: a JWT of the embedding site. A form POST of `jwt` to /sso does the same for a page, and goes on to /. */
export const HandoffRequest = z.strictObject({ jwt: z.string().min(1).max(8192) });
export type HandoffRequest = z.infer<typeof HandoffRequest>;

/** Why a JWT is refused: `reason` of the error `bad-token`. */
export const tokenFaults = [
  'malformed', 'not-canonical', 'duplicate-claim', 'algorithm-not-allowed', 'unknown-key', 'bad-signature', 'critical-header', 'embedded-key',
  'missing-subject', 'bad-subject', 'missing-expiry', 'bad-time', 'expired', 'not-yet-valid', 'issued-in-future', 'too-long-lived', 'missing-issued-at',
  'wrong-issuer', 'wrong-audience', 'missing-id', 'used', 'revoked', 'bad-claim', 'keys-unavailable',
] as const; // prettier-ignore
export type TokenFault = (typeof tokenFaults)[number];

/** PATCH /api/handoff/subjects/{issuer}/{subject} (scope handoff:write): amends a signed-in user, effective at once. */
export const SubjectChange = z.strictObject({
  nick: DisplayName.optional(),
  vip: z.boolean().optional(),
  op: z.boolean().optional(),
  url: ProfileLink.nullable().optional(),
  rooms: z.array(z.string().max(200)).max(100).optional(),
  rules: z.record(z.string().max(40), z.boolean()).optional(),
});
export type SubjectChange = z.infer<typeof SubjectChange>;
/** DELETE /api/handoff/subjects/{issuer}/{subject}: ends the sessions, and refuses every token issued up to now. */
