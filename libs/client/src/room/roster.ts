import type { DeviceId, Person, UserId } from '../../../protocol/src/index.ts';
import type { Roster } from '../sealing/sealer.ts';
import type { MemberView, Reach, RosterView } from '../views.ts';

/** From the best way to reach somebody to the worst. */
const byGoodness: Reach[] = ['self', 'direct', 'turn', 'connecting', 'relay', 'away'];

type Sources = {
  me: { user: UserId; device: DeviceId };
  roster: Roster | null;
  /** Members by the server's word; those of the group come from the tree. */
  members: Person[];
  name: (user: UserId) => string;
  username: (user: UserId) => string;
  keyChanged: (user: UserId) => boolean;
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
      self,
      reach: self ? 'self' : best,
      waiting: self ? 0 : sources.waitingFor(ids),
      devices: reached,
      joining: roster !== null && ids.length === 0,
      keyChanged: sources.keyChanged(user),
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
