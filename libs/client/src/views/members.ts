import type { DeviceId, MemberRules, RoomRole, Status, UserId } from '../../../protocol/src/index.ts';

/** Whether somebody is there, by the best of their devices, and what they say of it (PRES1). */
export type Standing = { status: Status | 'offline'; statusText: string };

/** How a device or person is reached now (MESH7). */
export type Reach = 'self' | 'direct' | 'turn' | 'relay' | 'connecting' | 'away';

export type MemberView = Standing & {
  user: UserId;
  name: string;
  username: string;
  /** Names their picture (`account.avatar`), if any. */
  avatar: string | null;
  self: boolean;
  /** Best of the person's devices. `connecting`: a direct link is being tried, the relay carries meanwhile. */
  reach: Reach;
  /** Messages of mine that wait for this person. */
  waiting: number;
  devices: { device: DeviceId; reach: Reach }[];
  /** Not in the group yet: nobody who could add them was awake. */
  joining: boolean;
  /** The account key differs from the one pinned at first use; until acknowledged. */
  keyChanged: boolean;
  /** One's own mark: the safety number was compared. */
  verified: boolean;
  role: RoomRole;
  /** Muted by a moderator; `until` null: until it is taken back. */
  muted: { until: number | null; reason: string } | null;
  rules: MemberRules | null;
  /** One has blocked them oneself. */
  blocked: boolean;
};

export type RosterView = {
  members: MemberView[];
  /** "7 of 9 direct": people who are not away, oneself included. */
  direct: number;
  total: number;
};
