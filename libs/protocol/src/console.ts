import * as z from 'zod';
import { base64url, RoomId } from './ids.ts';
import { RoomFor, RoomKind } from './rooms.ts';

/* The console (MOD4, MOD5) beside accounts.ts and moderation.ts: rooms, the audit log, live figures. All paths begin with /api. */

const moment = z.number().int(); // ms since 1970
const page = { cursor: z.string().max(200).optional(), limit: z.coerce.number().int().min(1).max(200).default(50) };

/** GET /api/moderation/rooms?q=&kind=&archived=&cursor=&limit=: moderators of the site. Direct conversations are nobody's business. */
export const AdminRoomQuery = z.strictObject({
  q: z.string().max(100).default(''),
  kind: RoomKind.exclude(['direct']).optional(),
  archived: z.enum(['true', 'false']).optional(),
  ...page,
});
export const AdminRoom = z.object({
  id: RoomId,
  kind: RoomKind,
  name: z.string(),
  topic: z.string(),
  icon: z.string().nullable(),
  for: RoomFor.nullable(),
  slug: z.string().nullable(),
  owners: z.array(z.string()),
  members: z.number().int(),
  devices: z.number().int(),
  online: z.number().int(),
  /** Sealed envelopes that wait at the relay. */
  waiting: z.number().int(),
  createdAt: moment,
  archivedAt: moment.nullable(),
});
export type AdminRoom = z.infer<typeof AdminRoom>;
export const AdminRoomPage = z.object({ rooms: z.array(AdminRoom), next: z.string().nullable(), total: z.number().int() });
export type AdminRoomPage = z.infer<typeof AdminRoomPage>;

/** GET /api/moderation/reports?state=, GET /api/moderation/bans?q=&room=. */
export const ReportQuery = z.strictObject({ state: z.enum(['open', 'closed', 'all']).default('open'), room: RoomId.optional(), ...page });
export const BanQuery = z.strictObject({ q: z.string().max(100).default(''), room: RoomId.optional(), ...page });

/** GET /api/admin/audit?act=&q=&cursor=&limit= (administrators; audit:read). Newest first. */
export const AuditQuery = z.strictObject({ act: z.string().max(40).optional(), q: z.string().max(100).default(''), ...page });
export const AuditLine = z.object({
  id: z.number().int(),
  at: moment,
  act: z.string(),
  /** Who, and about whom or what, as far as the account is still there. */
  actor: z.string().nullable(),
  actorName: z.string().nullable(),
  subject: z.string(),
  subjectName: z.string().nullable(),
  /** What the act was about beyond that; never a secret, never words of a conversation. */
  detail: z.record(z.string(), z.unknown()),
  /** SHA-256 over the one before and this (docs/protocol.md): a changed or missing row breaks the chain. */
  hash: z.string(),
});
export type AuditLine = z.infer<typeof AuditLine>;
export const AuditPage = z.object({
  lines: z.array(AuditLine),
  next: z.string().nullable(),
  total: z.number().int(),
  /** Every act there is a row of, for a filter. */
  acts: z.array(z.string()),
});
export type AuditPage = z.infer<typeof AuditPage>;
/** GET /api/admin/audit/check: walks the whole chain. `brokenAt`: the first row that does not follow on the one before. */
export const AuditCheck = z.object({ rows: z.number().int(), head: z.string(), brokenAt: z.number().int().nullable() });
export type AuditCheck = z.infer<typeof AuditCheck>;

/**
 * GET /api/admin/audit/export (audit:read): newline-delimited JSON, oldest first, one line for each row: `{ id, at, actor, act, subject, detail,
 * prev, hash }`, with `detail` exactly as the text that was hashed. The last line is the head, signed with the server's key (auditHeadStatement).
 */
export const AuditHead = z.object({
  rows: z.number().int(),
  /** SHA-256 of the last row, base64url; empty where there is none. */
  head: z.string(),
  at: moment,
  signature: base64url(86).min(86),
});
export type AuditHead = z.infer<typeof AuditHead>;

const utf8 = new TextEncoder();
/** The bytes the server signs below an exported audit log: whoever keeps an export sees later that rows before it were changed or cut off. */
export function auditHeadStatement({ rows, head, at }: Omit<AuditHead, 'signature'>): Uint8Array<ArrayBuffer> {
  return utf8.encode(`conclave audit v1\0${rows}\n${head}\n${at}`);
}

/** GET /api/admin/statistics/history (moderators; statistics:read): the last hour in steps, for plots. Counts are per step. */
export const StatisticsHistory = z.object({
  stepMs: z.number().int(),
  samples: z.array(
    z.object({
      at: moment,
      sockets: z.number().int(),
      signedIn: z.number().int(),
      rooms: z.number().int(),
      relayed: z.number().int(),
      /** As clients report them, in sum only. */
      direct: z.number().int(),
      failedLogins: z.number().int(),
    }),
  ),
});
export type StatisticsHistory = z.infer<typeof StatisticsHistory>;

/** GET /api/statistics (API5; statistics:read): for the embedding site's page. Rooms are the listed ones. */
export const LiveStatistics = z.object({
  signedIn: z.number().int(),
  users: z.number().int(),
  rooms: z.array(
    z.object({ id: RoomId, slug: z.string().nullable(), name: z.string(), members: z.number().int(), online: z.number().int() }),
  ),
});
export type LiveStatistics = z.infer<typeof LiveStatistics>;
