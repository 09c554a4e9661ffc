import * as z from 'zod';
import { bytesToUuid, base64url, DeviceId, RoomId, UserId, uuidToBytes } from './ids.ts';

/*
 * Moderation (MOD1): an act is a statement that the moderator's device signs (the server's key, for the site's API), with a certificate of the
 * server that its maker has the role. It travels by server and by mesh, and whoever holds both obeys, whoever brought it.
 *
 *   what is signed      "conclave moderation v1\0" | statement (UTF-8 JSON, exactly the bytes that travel)
 *   role certificate    01 | room 16 (zeros: the whole site) | user 16 | role u8 | issued u48 ms | expires u48 ms | signature 64
 *   what is signed      "conclave role v1\0" | everything before the signature
 */
const moment = z.number().int().nonnegative(); // ms since 1970

export const ModerationAct = z.enum(['kick', 'ban', 'unban', 'mute', 'unmute', 'rules']);
export type ModerationAct = z.infer<typeof ModerationAct>;

/** Kept by receiving clients: what this person shows is not shown. */
export const MemberRules = z.strictObject({ images: z.boolean(), cameras: z.boolean() });
export type MemberRules = z.infer<typeof MemberRules>;

export const moderationReason = 250;

/** What an act says beyond its kind. `until` belongs to bans and mutes, `rules` to rules, and to no others. */
const terms = {
  act: ModerationAct,
  /** Null: everywhere on this site; only administrators and moderators of the site. */
  room: RoomId.nullable(),
  user: UserId,
  /** End of a ban or a mute; null: until it is taken back. Absent from other acts. */
  until: moment.nullable().optional(),
  /** For `rules`: what is forbidden to this person. */
  rules: MemberRules.optional(),
  reason: z.string().max(moderationReason),
};
type Terms = { act: ModerationAct; until?: number | null | undefined; rules?: MemberRules | undefined };
const belong = ({ act, until, rules }: Terms) =>
  (until !== undefined) === (act === 'ban' || act === 'mute') && (rules !== undefined) === (act === 'rules');

export const ModerationStatement = z
  .strictObject({
    v: z.literal(1),
    ...terms,
    by: UserId,
    /** Whose key signed; null: the server, for the site's API. */
    device: DeviceId.nullable(),
    at: moment,
    nonce: base64url(22).min(22),
  })
  .refine(belong, 'bans and mutes have an end, rules have rules, and others have neither');
export type ModerationStatement = z.infer<typeof ModerationStatement>;

/** A statement with what lets anybody judge it. Bytes as base64url; `certificate` is empty when the server itself signed. */
export const SignedAct = z.strictObject({ statement: base64url(2_048), signature: base64url(86).min(86), certificate: base64url(256) });
export type SignedAct = z.infer<typeof SignedAct>;

const utf8 = new TextEncoder();
const actLabel = utf8.encode('conclave moderation v1\0');
const roleLabel = utf8.encode('conclave role v1\0');
const SIGNED = 46;
const everywhere = '00000000-0000-0000-0000-000000000000';
const ranks = ['moderator', 'owner'] as const;

/** The bytes a moderator's device signs over these statement bytes. */
export function actStatement(statement: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(actLabel.length + statement.length);
  out.set(actLabel);
  out.set(statement, actLabel.length);
  return out;
}

/** Of a room, or of the whole site (`room` null): there `owner` is an administrator. */
export type RoleCertificate = { room: RoomId | null; user: UserId; role: 'moderator' | 'owner'; issuedAt: number; expiresAt: number };

/** The bytes the server signs. */
export function roleStatement(certificate: RoleCertificate): Uint8Array<ArrayBuffer> {
  const head = roleHead(certificate);
  const out = new Uint8Array(roleLabel.length + SIGNED);
  out.set(roleLabel);
  out.set(head, roleLabel.length);
  return out;
}

export function encodeRoleCertificate(certificate: RoleCertificate, signature: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(SIGNED + 64);
  out.set(roleHead(certificate));
  out.set(signature, SIGNED);
  return out;
}

/** Throws RangeError on anything but the 110 bytes above. */
export function decodeRoleCertificate(bytes: Uint8Array): RoleCertificate & { signature: Uint8Array } {
  const role = ranks[(bytes[33] ?? 0) - 1];
  if (bytes.length !== SIGNED + 64 || bytes[0] !== 1 || !role) throw new RangeError('not a role certificate');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const time = (at: number) => view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2);
  const room = bytesToUuid(bytes, 1);
  return {
    room: room === everywhere ? null : room,
    user: bytesToUuid(bytes, 17),
    role,
    issuedAt: time(34),
    expiresAt: time(40),
    signature: bytes.slice(SIGNED),
  };
}

function roleHead({ room, user, role, issuedAt, expiresAt }: RoleCertificate): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(SIGNED);
  const view = new DataView(out.buffer);
  const time = (at: number, ms: number) => {
    view.setUint16(at, Math.floor(ms / 2 ** 32));
    view.setUint32(at + 2, ms % 2 ** 32);
  };
  out[0] = 1;
  if (room !== null) out.set(uuidToBytes(room), 1);
  out.set(uuidToBytes(user), 17);
  out[33] = ranks.indexOf(role) + 1;
  time(34, issuedAt);
  time(40, expiresAt);
  return out;
}

/** POST /api/rooms/{room}/moderation, POST /api/moderation (room null): does what the statement says, at once (MOD1). Answers 204. */
export const ActRequest = z.strictObject({ statement: SignedAct.shape.statement, signature: SignedAct.shape.signature });
export type ActRequest = z.infer<typeof ActRequest>;

/** POST /api/moderation/acts (moderation:write): a program of the embedding site asks, and the server signs. Answers 204. */
export const SiteActRequest = z
  .strictObject({ ...terms, reason: terms.reason.default('') })
  .refine(belong, 'bans and mutes have an end, rules have rules, and others have neither');
export type SiteActRequest = z.input<typeof SiteActRequest>;

/** POST /api/moderation/preview: what an act would do now (MOD4). */
export const PreviewRequest = z.strictObject({ act: ModerationAct, room: RoomId.nullable(), user: UserId });
export const ActPreview = z.object({
  /** False: the caller may not do it, and `refusal` says why. */
  allowed: z.boolean(),
  refusal: z.string().nullable(),
  rooms: z.number().int(),
  devices: z.number().int(),
  sockets: z.number().int(),
  sessions: z.number().int(),
  /** Sealed envelopes that wait for this person and are dropped. */
  waiting: z.number().int(),
  /** Does the act make this person the owner of a room no more, and who follows. */
  successor: z.string().nullable(),
});
export type ActPreview = z.infer<typeof ActPreview>;

/** GET /api/moderation/bans?q=&cursor=&limit= (site moderators: all; owners and moderators of a room: ?room=). */
export const BanLine = z.object({
  id: z.string(),
  room: RoomId.nullable(),
  roomName: z.string().nullable(),
  user: UserId.nullable(),
  username: z.string().nullable(),
  displayName: z.string().nullable(),
  until: moment.nullable(),
  reason: z.string(),
  by: z.string(),
  createdAt: moment,
});
export type BanLine = z.infer<typeof BanLine>;
export const BanPage = z.object({ bans: z.array(BanLine), next: z.string().nullable(), total: z.number().int() });
export type BanPage = z.infer<typeof BanPage>;

/** What a reporter discloses of one message: exactly what its author signed (payloads.ts, messageStatement), so that anybody can check it. */
export const ReportedMessage = z.strictObject({
  device: DeviceId,
  order: z.strictObject({ ms: moment, counter: z.number().int().min(0).max(65_535) }),
  signature: base64url(86).min(86),
  /** As large as an envelope can be. */
  statement: base64url(76 * 1024),
});
export type ReportedMessage = z.infer<typeof ReportedMessage>;
export const ReportReason = z.enum(['spam', 'abuse', 'illegal', 'other']);
export type ReportReason = z.infer<typeof ReportReason>;
/** POST /api/reports (MOD3): messages of one person in one room. `bad-report` when a proof fails; then nothing is kept. */
export const ReportRequest = z.strictObject({
  room: RoomId,
  reason: ReportReason,
  note: z.string().trim().max(1_000).default(''),
  messages: z.array(ReportedMessage).min(1).max(20),
});
export type ReportRequest = z.input<typeof ReportRequest>;
export const NewReport = z.object({ id: z.string() });

/** Null: the account is gone. */
const somebody = z.object({ id: UserId.nullable(), username: z.string().nullable(), displayName: z.string().nullable() });
/** GET /api/moderation/reports?state=&cursor=&limit=. Site moderators see all, owners and moderators of a room theirs. */
export const ReportLine = z.object({
  id: z.string(),
  room: RoomId.nullable(),
  roomName: z.string().nullable(),
  reason: ReportReason,
  state: z.enum(['open', 'dismissed', 'acted']),
  accused: somebody,
  reporter: somebody,
  messages: z.number().int(),
  createdAt: moment,
  closedAt: moment.nullable(),
});
export type ReportLine = z.infer<typeof ReportLine>;
export const ReportPage = z.object({ reports: z.array(ReportLine), next: z.string().nullable(), open: z.number().int() });
export type ReportPage = z.infer<typeof ReportPage>;
/** GET /api/moderation/reports/{id}. Evidence is gone (empty) once the case is closed (ACC13). */
export const ReportDetail = ReportLine.extend({
  note: z.string(),
  closedBy: z.string().nullable(),
  closingNote: z.string(),
  evidence: z.array(
    z.object({
      text: z.string(),
      kind: z.enum(['text', 'edit', 'delete', 'react']),
      writtenAt: moment,
      mid: z.string(),
      device: DeviceId,
      deviceName: z.string(),
    }),
  ),
});
export type ReportDetail = z.infer<typeof ReportDetail>;
/** POST /api/moderation/reports/{id}/close. */
export const ReportClosing = z.strictObject({ state: z.enum(['dismissed', 'acted']), note: z.string().trim().max(1_000).default('') });
export type ReportClosing = z.input<typeof ReportClosing>;
