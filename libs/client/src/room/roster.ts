import type { DeviceId, OnlineDevice, RoomMember, UserId } from '../../../protocol/src/index.ts';
import type { Roster } from '../sealing/sealer.ts';
import type { MemberView, Reach, RosterView, Standing } from '../views/members.ts';

/** From the best way to reach somebody to the worst. */
const byGoodness: Reach[] = ['self', 'direct', 'turn', 'connecting', 'relay', 'away'];

type Sources = {
  me: { user: UserId; device: DeviceId };
  roster: Roster | null;
  /** Members by the server's word; those of the group come from the tree. */
  members: RoomMember[];
  name: (user: UserId) => string;
  username: (user: UserId) => string;
  avatar: (user: UserId) => string | null;
  keyChanged: (user: UserId) => boolean;
  verified: (user: UserId) => boolean;
  roleOf: (user: UserId) => MemberView['role'];
  muted: (user: UserId) => MemberView['muted'];
  rules: (user: UserId) => MemberView['rules'];
  blocked: (user: UserId) => boolean;
  /** By the server's word; none for a device that is not there, or not to be seen. */
  appearance: (device: DeviceId) => OnlineDevice | undefined;
  reach: (device: DeviceId) => Reach;
  waitingFor: (devices: DeviceId[]) => number;
};

/** Pure: who is in the room and how each is reached (MESH7). A person counts by their best device. */
export function rosterView(sources: Sources): RosterView {
  const { me, roster } = sources;
  const devices = new Map<UserId, DeviceId[]>(sources.members.map(({ id }) => [id, []]));
  for (const { user, device } of roster?.leaves ?? []) devices.set(user, [...(devices.get(user) ?? []), device]);
  const members = [...devices].map(([user, ids]): MemberView => {
    const reached = ids.map((device) => ({ device, reach: device === me.device ? ('self' as const) : sources.reach(device) }));
    const self = user === me.user;
    const best = byGoodness.find((reach) => reached.some((entry) => entry.reach === reach)) ?? 'away';
    return {
      user,
      name: sources.name(user),
      username: sources.username(user),
      avatar: sources.avatar(user),
      self,
      reach: self ? 'self' : best,
      waiting: self ? 0 : sources.waitingFor(ids),
      devices: reached,
      joining: roster !== null && ids.length === 0,
      keyChanged: sources.keyChanged(user),
      verified: sources.verified(user),
      role: sources.roleOf(user),
      muted: sources.muted(user),
      rules: sources.rules(user),
      blocked: sources.blocked(user),
      ...standingOf(ids.flatMap((device) => sources.appearance(device) ?? [])),
    };
  });
  members.sort(
    (a, b) => Number(b.self) - Number(a.self) || Number(a.reach === 'away') - Number(b.reach === 'away') || a.name.localeCompare(b.name),
  );
  const there = members.filter(({ reach }) => reach !== 'away');
  return {
    members,
    direct: there.filter(({ reach }) => reach === 'self' || reach === 'direct' || reach === 'turn').length,
    total: there.length,
  };
}

/** What was chosen holds for all devices of a person; away by itself is only who is away from all of them. */
function standingOf(devices: OnlineDevice[]): Standing {
  const awake = devices.find(({ status }) => status !== 'away') ?? devices[0];
  if (!awake) return { status: 'offline', statusText: '' };
  const { status = 'online', text = '', until } = awake;
  return { status, statusText: until !== undefined && until <= Date.now() ? '' : text };
}
