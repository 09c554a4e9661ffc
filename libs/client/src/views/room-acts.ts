import type {
  ActPreview,
  BanPage,
  MemberRules,
  ModerationAct,
  RoomChange,
  RoomInvite,
  RoomRole,
  UserId,
} from '../../../protocol/src/index.ts';

/** Acts of a moderator; each throws ConclaveError `forbidden` for who may not. */
export interface RoomModeration {
  kick(user: UserId, reason?: string): Promise<void>;
  /** `until` null: until it is taken back. */
  ban(user: UserId, until: number | null, reason?: string): Promise<void>;
  unban(user: UserId): Promise<void>;
  mute(user: UserId, until: number | null, reason?: string): Promise<void>;
  unmute(user: UserId): Promise<void>;
  /** What this person may not show; both false: everything again. */
  forbid(user: UserId, rules: MemberRules, reason?: string): Promise<void>;
  /** Whom this room keeps out. */
  bans(): Promise<BanPage>;
  /** What it would do now. */
  preview(act: ModerationAct, user: UserId): Promise<ActPreview>;
}

/** What owners set; each throws ConclaveError `forbidden` for who may not. */
export interface RoomAdministration {
  change(change: RoomChange): Promise<void>;
  /** Throws ConclaveError `last-owner` when nobody would be left who owns the room. */
  setRole(user: UserId, role: RoomRole): Promise<void>;
  changePassword(password: string): Promise<void>;
  archive(): Promise<void>;
  destroy(): Promise<void>;
  /** A link for people with an account; `fragment` is what follows its `#room=`, and is nowhere else. */
  invite(uses: number, days: number): Promise<{ id: string; fragment: string; expiresAt: number }>;
  invites(): Promise<RoomInvite[]>;
  revoke(invite: string): Promise<void>;
}
