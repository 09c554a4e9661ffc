import { Injectable } from '@nestjs/common';
import { type AccountExport } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import type { Caller } from '../users/caller.ts';
import { Profiles } from '../users/profiles.service.ts';

type Part = keyof Omit<AccountExport, 'exportedAt' | 'profile'>;

/** Each takes the account's id. Public keys are the person's own; hashes of secrets, secrets and sealed bytes are nobody's to read. */
const parts: Record<Part, string> = {
  account: `select origin, issuer, subject, claims, created_at as "createdAt", last_seen_at as "lastSeenAt", locked_at as "lockedAt",
    lock_reason as "lockReason", encode(account_key, 'base64') as "accountKey", key_was_reset as "keyWasReset",
    locked_until as "lockedUntil", status, status_text as "statusText", status_until as "statusUntil", array(select blocked from block where account = account.id order by since) as blocked,
    (select encode(image, 'base64') from avatar where account = account.id) as "avatarWebp" from account where id = $1`,
  devices: `select id, name, encode(device_key, 'base64') as "deviceKey", created_at as "createdAt", last_seen_at as "lastSeenAt",
    revoked_at as "revokedAt" from device where account = $1 order by created_at, id`,
  sessions: `select id, name, method, device, created_at as "createdAt", last_used_at as "lastUsedAt", expires_at as "expiresAt",
    ended_at as "endedAt" from session where account = $1 order by created_at, id`,
  passkeys: `select id, name, encode(public_key, 'base64') as "publicKey", transports, backed_up as "backedUp", created_at as "createdAt",
    last_used_at as "lastUsedAt" from passkey where account = $1 order by created_at, id`,
  memberships: `select m.room, r.name, m.role, m.since from membership m join room r on r.id = m.room where m.account = $1 order by m.since, m.room`,
  invites: `select id, uses_left as "usesLeft", rooms, created_at as "createdAt", expires_at as "expiresAt" from invite where created_by = $1
    union all select id, uses_left, array[room], created_at, expires_at from room_invite where created_by = $1 order by "createdAt", id`,
  tokens: `select id, name, scopes, created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt" from api_token
    where created_by = $1 order by created_at, id`,
  links: `select mailbox, side, expires_at as "expiresAt" from link_message where account = $1 order by mailbox, side`,
  expired: `select room, encode(eid, 'base64') as eid, devices, created_at as "createdAt" from expiry_notice where account = $1 order by id`,
  blocks: `select blocked, since from block where account = $1 order by since, blocked`,
  roomInvites: `select id, room, uses_left as "usesLeft", created_at as "createdAt", expires_at as "expiresAt" from room_invite
    where created_by = $1 order by created_at, id`,
  push: `select device, endpoint, quiet, since from push_subscription where account = $1 order by since, device`,
  backup: `select made_at as "madeAt", snapshot_at as "snapshotAt", (select sum(length(bytes)) from backup_part p where p.account = b.account) as bytes
    from backup b where account = $1`,
  acts: `select act, room, until, at, ended_at as "endedAt", convert_from(statement, 'UTF8')::jsonb->>'reason' as reason, account = $1 as "aboutMe",
    coalesce(made_by = $1, false) as "byMe" from moderation_act where account = $1 or made_by = $1 order by id`,
  bans: `select room, until, reason, created_at as "createdAt" from ban where account = $1 order by created_at, id`,
  reports: `select room, reason, note, messages, state, created_at as "createdAt", closed_at as "closedAt" from report where reporter = $1
    order by created_at, id`,
  audit: `select at, act, actor = (select audit_id from account where id = $1) as "byMe",
    subject = (select audit_id::text from account where id = $1) as "aboutMe" from audit
    where actor = (select audit_id from account where id = $1) or subject = (select audit_id::text from account where id = $1) order by id`,
};

/** Everything this server has about an account, for its owner (ACC13). What is sealed on its way to others it cannot read either. */
@Injectable()
export class Exports {
  constructor(
    private readonly database: Database,
    private readonly profiles: Profiles,
  ) {}

  async of({ user }: Caller): Promise<AccountExport> {
    const profile = await this.profiles.own(user);
    const told = {} as Record<Part, Record<string, unknown>[]>;
    for (const part of Object.keys(parts) as Part[]) told[part] = await this.database.rows(parts[part], [user]);
    return { exportedAt: Date.now(), profile, ...told };
  }
}
