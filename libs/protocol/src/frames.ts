import * as z from 'zod';
import { ErrorCode } from './errors.ts';
import { base64url, DeviceId, Eid, RoomId, UserId } from './ids.ts';
import { limits } from './limits.ts';
import { SignedAct } from './moderation.ts';
import { InvitedDevice, RoomMember, RoomRole, RoomSettings, RoomSummary } from './rooms.ts';
import { OwnStatus, Status } from './status.ts';

/*
 * The socket protocol: two unions of JSON frames. Sealed envelopes travel beside them as binary frames (envelope.ts).
 * Commands are imperative, events past tense. A frame with an unknown field is refused: `strictObject` throughout.
 */

/** What one device tells another through the server: opaque here, checked and signed end to end by the mesh. */
export const SignalData = z.string().min(1).max(limits.signalData);

const n = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const pos = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

export const clientFrames = {
  /** The first frame of a socket, ≤ 2 KB: the one-use ticket and the device that speaks. */
  hello: z.strictObject({ type: z.literal('hello'), version: z.number().int(), ticket: z.string().min(1).max(256), device: DeviceId }),
  /** Live delivery, presence and signalling of one room for this connection; answered by `joined`. Only members. */
  join: z.strictObject({ type: z.literal('join'), room: RoomId }),
  /** Hand over what waits for this device after `after` (a log position, 0 for all), one page; answered by items and `drained`. */
  drain: z.strictObject({ type: z.literal('drain'), room: RoomId, after: pos }),
  /** Envelopes (by eid) and commits (by position) that this device has persisted. */
  acknowledge: z.strictObject({
    type: z.literal('acknowledge'),
    room: RoomId,
    eids: z.array(Eid).max(limits.acksPerFrame),
    commits: z.array(pos).max(limits.acksPerFrame),
  }),
  /** After a refusal: do not wait for submission `n` of this room again. */
  skip: z.strictObject({ type: z.literal('skip'), room: RoomId, n }),
  /** Offer, answer, candidates, or a link check, to one device in a room both are in. */
  signal: z.strictObject({ type: z.literal('signal'), room: RoomId, to: DeviceId, data: SignalData }),
  /** Live deltas of the room directory, on or off. */
  watch: z.strictObject({ type: z.literal('watch'), directory: z.boolean() }),
  /** Expiry notices that were persisted. */
  acknowledgeExpired: z.strictObject({ type: z.literal('acknowledgeExpired'), notices: z.array(pos).max(limits.acksPerFrame) }),
  /** How many messages this device sent since it last said, by route; the server keeps sums only. At most one a minute. */
  sums: z.strictObject({
    type: z.literal('sums'),
    direct: z.number().int().min(0).max(100_000),
    relayed: z.number().int().min(0).max(100_000),
  }),
  /** Nobody touches this device, or somebody does again (PRES1). What its owner chose stands above it. */
  status: z.strictObject({ type: z.literal('status'), idle: z.boolean() }),
  ping: z.strictObject({ type: z.literal('ping') }),
} as const;

/** `site`: the embedding site no longer lets this account in (ROOM9). */
export const ExpelReason = z.enum(['left', 'removed', 'kicked', 'banned', 'site', 'archived', 'deleted']);
export type ExpelReason = z.infer<typeof ExpelReason>;

export type ClientFrame = { [T in keyof typeof clientFrames]: z.infer<(typeof clientFrames)[T]> }[keyof typeof clientFrames];
export type ClientFrameType = ClientFrame['type'];

/** What the delivery service knows of a room's group. `generation` counts groups that were founded anew. */
export const GroupStatus = z.object({
  generation: z.number().int(),
  /** Current epoch; -1 when the room has no group yet and whoever comes first founds it. */
  epoch: z.number().int(),
  /** SHA-256 of this epoch's GroupContext; absent without a group. Who stands at this epoch with another one is in another group (D11). */
  context: base64url(43).length(43).optional(),
  /** Leaves that must go, each with the server's external Remove proposal for this epoch (MLSMessage, base64url). */
  removing: z.array(z.object({ device: DeviceId, proposal: base64url(8192) })),
  /** Devices of members that wait for somebody's Add. */
  adding: z.array(DeviceId),
  /** Of those, who came by a member's invitation. */
  invited: z.array(InvitedDevice),
});
export type GroupStatus = z.infer<typeof GroupStatus>;

/** A device that is there. Absent `status`: online; absent `text`: none. Who is invisible is named to their own devices only. */
export const OnlineDevice = z.object({
  device: DeviceId,
  user: UserId,
  status: Status.optional(),
  text: z.string().optional(),
  /** When the words end, ms since 1970. */
  until: z.number().int().optional(),
});
export type OnlineDevice = z.infer<typeof OnlineDevice>;

export const serverFrames = {
  /** `incarnation` changes when the database went back; `time` is the server's clock, ms since 1970. */
  welcome: z.object({
    type: z.literal('welcome'),
    version: z.number().int(),
    user: UserId,
    device: DeviceId,
    incarnation: z.string(),
    time: z.number(),
    rooms: z.array(RoomId),
  }),
  joined: z.object({
    type: z.literal('joined'),
    room: RoomId,
    summary: RoomSummary,
    settings: RoomSettings,
    members: z.array(RoomMember),
    /** The server's certificate of the caller's own role here (moderation.ts, base64url); null for plain members. */
    certificate: base64url(256).nullable(),
    /** Mutes, rules and bans of this room that hold now. */
    acts: z.array(SignedAct),
    online: z.array(OnlineDevice),
    group: GroupStatus,
    /** Head of the room's log. */
    head: pos,
  }),
  /** One's own status as it was chosen, on whichever device: after `welcome`, and whenever it changes. */
  status: OwnStatus.extend({ type: z.literal('status') }),
  /** Presence deltas, at most every 250 ms; a device that is there already comes again when its status changes. */
  presence: z.object({ type: z.literal('presence'), room: RoomId, online: z.array(OnlineDevice), offline: z.array(DeviceId) }),
  /** People who became members or ceased to be; a member whose name, picture or role changed stands in `joined` again. */
  members: z.object({ type: z.literal('members'), room: RoomId, joined: z.array(RoomMember), left: z.array(UserId) }),
  /** The room is called or set otherwise now, or the caller has another role. */
  changed: z.object({
    type: z.literal('changed'),
    room: RoomId,
    summary: RoomSummary,
    settings: RoomSettings,
    role: RoomRole,
    certificate: base64url(256).nullable(),
  }),
  /** A moderator's act (moderation.ts), to everybody in the room, and to whom it is about. */
  moderated: z.object({ type: z.literal('moderated'), room: RoomId.nullable(), act: SignedAct }),
  group: z.object({ type: z.literal('group'), room: RoomId, group: GroupStatus }),
  /** A commit at `pos` made epoch `epoch`; its bytes come over HTTP (rest.ts, logItem). For an added device it is a Welcome. */
  committed: z.object({
    type: z.literal('committed'),
    room: RoomId,
    pos,
    generation: z.number().int(),
    epoch: z.number().int(),
    as: z.enum(['commit', 'welcome', 'own', 'removed', 'founded']),
  }),
  /** End of one page: `upTo` is where the next `drain` goes on when `more`. */
  drained: z.object({ type: z.literal('drained'), room: RoomId, upTo: pos, more: z.boolean() }),
  /** Submission `n` of this connection and room is stored for every recipient. */
  held: z.object({ type: z.literal('held'), room: RoomId, n, eid: Eid, pos }),
  refused: z.object({
    type: z.literal('refused'),
    room: RoomId,
    n,
    code: ErrorCode,
    text: z.string(),
    epoch: z.number().int().optional(),
    retryAfterMs: z.number().int().optional(),
  }),
  signal: z.object({ type: z.literal('signal'), room: RoomId, from: DeviceId, data: SignalData }),
  directory: z.object({ type: z.literal('directory'), changed: z.array(RoomSummary), gone: z.array(RoomId), signedIn: z.number().int() }),
  /** The caller is no longer a member: left, or expelled. */
  expelled: z.object({ type: z.literal('expelled'), room: RoomId, reason: ExpelReason }),
  /** Envelopes of this account that were dropped after 30 days without reaching `devices` (delivery.md D7). */
  expired: z.object({
    type: z.literal('expired'),
    notices: z.array(z.object({ id: pos, room: RoomId, eid: Eid, devices: z.array(DeviceId) })),
  }),
  error: z.object({
    type: z.literal('error'),
    code: ErrorCode,
    text: z.string(),
    retryAfterMs: z.number().int().optional(),
    room: RoomId.optional(),
  }),
  /** The server is about to close this socket, and why; `server-full`, `not-ready`: come back after `retryAfterMs`. */
  bye: z.object({ type: z.literal('bye'), code: ErrorCode, text: z.string(), retryAfterMs: z.number().int().optional() }),
  pong: z.object({ type: z.literal('pong'), time: z.number() }),
} as const;

export type ServerFrame = { [T in keyof typeof serverFrames]: z.infer<(typeof serverFrames)[T]> }[keyof typeof serverFrames];
export type ServerFrameType = ServerFrame['type'];
