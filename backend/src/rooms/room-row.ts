import type { RoomFor, RoomId, RoomKind, RoomMember, RoomRole, RoomSettings } from '../../../libs/protocol/src/index.ts';
import { personOf, type Account } from '../users/users.service.ts';

/** A room as the database has it, with how many are its members. */
export type RoomRow = RoomSettings & {
  id: RoomId;
  kind: RoomKind;
  name: string;
  topic: string;
  icon: string | null;
  for: RoomFor | null;
  slug: string | null;
  members: number;
};

/** Of a `room` called `r`. A direct conversation has no name: it is called by the other person. */
export const columns = `r.id, r.kind, case when r.kind = 'direct' then '' else r.name end as name, r.topic, r.icon, r.for_role as "for", r.slug,
  r.welcome, r.disappear_after as "disappearAfterMs", r.retention_days as "retentionDays", r.newcomers_days as "newcomersDays", r.password_version as "passwordVersion",
  (select count(*)::int from membership where room = r.id) as members`;

export function settingsOf({ disappearAfterMs, retentionDays, newcomersDays, welcome, passwordVersion }: RoomRow): RoomSettings {
  return { disappearAfterMs, retentionDays, newcomersDays, welcome, passwordVersion };
}

export type MemberRow = Account & { roomRole: RoomRole };
/** Of an `account` called `a` and its `membership` called `m`. */
export const memberColumns = `a.id, a.username, a.display_name as "displayName", a.account_key as "accountKey", a.avatar_hash as avatar,
  m.role as "roomRole"`;

export function memberOf({ roomRole, ...account }: MemberRow): RoomMember {
  return { ...personOf(account), role: roomRole };
}
