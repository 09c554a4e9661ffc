import type { UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';

export type Act =
  | 'setup'
  | 'invite-made'
  | 'invite-revoked'
  | 'device-removed'
  | 'account-key-reset'
  | 'account-made'
  | 'account-changed'
  | 'role-changed'
  | 'account-locked'
  | 'account-unlocked'
  | 'account-deleted'
  | 'session-ended'
  | 'reset-link-made'
  | 'password-reset'
  | 'password-changed'
  | 'passkey-added'
  | 'passkey-removed'
  | 'token-made'
  | 'token-revoked'
  | 'handoff-amended'
  | 'handoff-revoked'
  | 'room-made'
  | 'room-changed'
  | 'room-password-changed'
  | 'room-archived'
  | 'room-unarchived'
  | 'room-deleted'
  | 'role-in-room-changed'
  | 'room-invite-made'
  | 'room-invite-revoked'
  | 'member-kicked'
  | 'member-banned'
  | 'member-unbanned'
  | 'member-muted'
  | 'member-unmuted'
  | 'member-ruled'
  | 'report-closed';

/** What an act was about beyond its subject: ids of rooms, words of roles, reasons. Never an id or a name of a person. */
export type AuditDetail = Readonly<Record<string, string | number | boolean | null>>;

/** One row per act of consequence (MOD5), in the same transaction as the act. Never with an id of a person or their device: see `auditAbout`. */
export async function audit(inside: Queryable, actor: UserId | null, act: Act, subject: string, detail: AuditDetail = {}): Promise<void> {
  await inside.run(
    'insert into audit (at, actor, act, subject, detail) values ($1, (select audit_id from account where id = $2), $3, $4, $5)',
    [Date.now(), actor, act, subject, JSON.stringify(detail)],
  );
}

/**
 * An act on somebody's account or devices. The log, which nobody may change, calls people by a random id of its own; what that means is
 * forgotten with the account (ACC13). The account must be there still: see `auditDeparture`.
 */
export async function auditAbout(inside: Queryable, actor: UserId | null, act: Act, user: UserId, detail: AuditDetail = {}): Promise<void> {
  await inside.run(
    `insert into audit (at, actor, act, subject, detail)
     select $1, (select audit_id from account where id = $2), $3, audit_id::text, $5 from account where id = $4`,
    [Date.now(), actor, act, user, JSON.stringify(detail)],
  );
}

/** For an account that is about to go: call what this gives when everything else is done, since the lock of the log is held from then on. */
export async function auditDeparture(inside: Queryable, actor: UserId | null, user: UserId): Promise<() => Promise<void>> {
  const [known] = await inside.rows<{ actor: string | null; subject: string | null }>(
    'select (select audit_id from account where id = $1) as actor, (select audit_id::text from account where id = $2) as subject',
    [actor, user],
  );
  return async () => {
    if (!known?.subject) return;
    await inside.run(`insert into audit (at, actor, act, subject) values ($1, $2, 'account-deleted', $3)`, [
      Date.now(),
      known.actor,
      known.subject,
    ]);
  };
}
