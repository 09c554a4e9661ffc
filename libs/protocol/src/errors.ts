import * as z from 'zod';

/**
 * Every error that crosses a wire, over REST and socket alike. Clients decide on the code, never on the text.
 * The text is written for a person: what was wrong and what to do.
 */
export const errorCodes = [
  // the request itself
  'bad-frame', // not JSON, too deep, too large, unknown type, wrong field
  'bad-request',
  'too-large',
  'not-found', // also: it exists, but not for you
  'conflict',
  // who is asking
  'unauthenticated',
  'bad-credentials',
  'forbidden',
  'bad-ticket',
  'bad-origin',
  'session-ended',
  'bad-invite',
  'bad-setup-link',
  'registration-closed',
  'name-taken',
  'weak-password',
  'account-locked', // an administrator closed it; told only to who proved to be its owner
  'another-door', // too many wrong guesses: a passkey, a linked device or an administrator's link still open it (ACC5)
  'bad-reset-link',
  'banned', // from this room or this site; the text says until when and why
  'bad-report', // a reported message was not written like this by its author in this room; `reason` says which proof fails
  'bad-token', // a JWT of an embedding site; `reason` says which fault (doors.ts)
  // budgets
  'slow-down',
  'server-full',
  'too-many-devices',
  'room-full',
  // rooms and groups
  'not-member',
  'last-owner',
  'no-group', // the room has no MLS group yet
  'stale-epoch', // sealed or committed at an epoch that is not current
  'removal-pending', // a Remove must be committed before anything new is sent
  'bad-commit', // the bundle does not follow from the group's public state
  'not-a-leaf', // a recipient or author that is not a leaf of the sealing epoch
  'resubmit', // an earlier submission of this room was refused on this connection
  'no-key-package',
  'offline', // the device to be signalled is not connected
  // the house
  'not-ready',
  'unavailable',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];
export const ErrorCode = z.enum(errorCodes);

/** Body of every REST error and payload of the `error` frame. */
export const ErrorBody = z.object({
  code: ErrorCode,
  text: z.string(),
  /** Milliseconds to wait before the same request may succeed. */
  retryAfterMs: z.number().int().optional(),
  /** Finer than the code, where a machine may want it: for `bad-token` one of tokenFaults, else a word such as `last-door` or `strict`. */
  reason: z.string().optional(),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

const worthRetrying: ReadonlySet<ErrorCode> = new Set(['slow-down', 'server-full', 'not-ready', 'unavailable', 'internal', 'offline']);

/** An error that a wire named. `shouldRetry()` tells whether the same request may succeed later, unchanged. */
export class ConclaveError extends Error {
  override name = 'ConclaveError';
  constructor(
    readonly code: ErrorCode,
    text: string,
    readonly retryAfterMs?: number,
    readonly reason?: string,
  ) {
    super(text);
  }
  shouldRetry(): boolean {
    return worthRetrying.has(this.code);
  }
}
