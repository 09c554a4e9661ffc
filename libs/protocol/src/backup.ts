import * as z from 'zod';
import { base64url } from './ids.ts';
import { limits } from './limits.ts';

/*
 * The sealed backup of an account (E2E10), under `/api/backup`. Keys and history are sealed under keys that come from the recovery phrase; the
 * server holds neither the phrase nor anything that opens them. History comes in parts of at most `backupPart` bytes: first all parts of a
 * snapshot, then PUT names it, and the one before is dropped.
 */
export const backupPart = limits.bundle;

/** Names a phrase (its HKDF) or a snapshot; 16 bytes. */
export const BackupId = base64url(22).min(22);

/** PUT /api/backup. A `phrase` other than the one before makes the older one void: what was sealed under it is dropped. */
export const BackupRequest = z.strictObject({
  phrase: BackupId,
  /** The account's keys, sealed. */
  keys: base64url(1_024).min(1),
  snapshot: z.strictObject({ id: BackupId, parts: z.number().int().min(1).max(4_096) }).nullable(),
});
export type BackupRequest = z.infer<typeof BackupRequest>;

/** GET and PUT /api/backup. Moments are ms since 1970. */
export const Backup = z.object({
  phrase: BackupId,
  keys: base64url(1_024),
  snapshot: z.object({ id: BackupId, parts: z.number().int(), bytes: z.number().int(), madeAt: z.number().int() }).nullable(),
  madeAt: z.number().int(),
  /** Bytes that one snapshot may have; 0: the house keeps keys only. */
  maxBytes: z.number().int(),
});
export type Backup = z.infer<typeof Backup>;
