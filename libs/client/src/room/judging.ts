import {
  actStatement,
  decodeRoleCertificate,
  fromBase64url,
  ModerationStatement,
  roleStatement,
  verifyEd25519,
  type DeviceId,
  type RoomId,
  type RoomRole,
  type SignedAct,
  type UserId,
} from '../../../protocol/src/index.ts';

/* Pure, but for the cryptography: whether an act of moderation is one (MOD1), whoever brought it. */

/** What the judge knows: the site's key, the devices of the group, and who owns the room by the server's last word. */
export type Court = {
  room: RoomId;
  serverKey: Uint8Array;
  leaf: (device: DeviceId) => { user: UserId; deviceKey: Uint8Array } | undefined;
  roleOf: (user: UserId) => RoomRole;
};

/** Of the site: administrators, then its moderators; of the room: owners, then moderators. */
const siteRank = { owner: 4, moderator: 3 } as const;
/** Clocks may differ by so much. */
const skewMs = 10 * 60_000;
const rank: { [R in RoomRole]: number } = { member: 0, moderator: 1, owner: 2 };

/** The statement, or null when it is none, of another room, forged, or beyond its maker's role. */
export async function judge(act: SignedAct, court: Court, byServer: boolean): Promise<ModerationStatement | null> {
  const said = readStatement(act.statement);
  if (!said || (said.room !== null && said.room !== court.room)) return null;
  const signed = actStatement(fromBase64url(act.statement));
  const signature = fromBase64url(act.signature);
  if (said.device === null) return (await verifyEd25519(court.serverKey, signature, signed)) ? said : null;
  const role = await certified(act.certificate, said, court);
  // An act on an equal or a superior has no force: a moderator does not put an owner out.
  if (role === null || rank[court.roleOf(said.user)] >= role) return null;
  const maker = court.leaf(said.device);
  // An administrator who is not in the room has no key here: then only the server's word counts, which could have ended the membership by itself.
  if (!maker) return byServer ? said : null;
  return maker.user === said.by && (await verifyEd25519(maker.deviceKey, signature, signed)) ? said : null;
}

/** The rank that the server has certified to the act's maker, at the time of the act; null without, or when it is no certificate at all. */
async function certified(certificate: string, said: ModerationStatement, court: Court): Promise<number | null> {
  try {
    const { signature, ...holds } = decodeRoleCertificate(fromBase64url(certificate));
    const here =
      holds.user === said.by && (holds.room === null || holds.room === court.room) && (said.room !== null || holds.room === null);
    const inTime = holds.issuedAt - skewMs <= said.at && said.at < holds.expiresAt;
    if (!here || !inTime || !(await verifyEd25519(court.serverKey, signature, roleStatement(holds)))) return null;
    return holds.room === null ? siteRank[holds.role] : rank[holds.role];
  } catch {
    return null;
  }
}

/** Null for what is none. */
export function readStatement(statement: string): ModerationStatement | null {
  try {
    return ModerationStatement.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64url(statement))));
  } catch {
    return null;
  }
}
