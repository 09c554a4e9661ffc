import type { DeviceId, UserId } from '../../../protocol/src/index.ts';
import type { EpochChange, Leaf } from '../sealing/sealer.ts';
import type { Notice } from '../views/notice.ts';

type Named = { name: string; notice: Notice };

/** Pure: who came and who went, from the tree as it is now and not from the server's word (PRES5). */
export function announcements(
  { added, removed, generation, epoch }: EpochChange,
  leaves: readonly Leaf[],
  me: DeviceId,
  nameOf: (user: UserId) => string,
): Named[] {
  const tag = `${generation}.${epoch}`;
  const count = (list: readonly Leaf[], user: UserId) => list.filter((leaf) => leaf.user === user).length;
  const came = [...new Map(added.map((leaf) => [leaf.user, leaf])).values()];
  const went = new Set(removed.map(({ user }) => user));
  const told: Named[] = [];
  for (const { user, device } of came) {
    if (went.has(user)) continue; // the same person with a fresh leaf
    const name = nameOf(user);
    if (device === me)
      told.push({ name: `self.${tag}`, notice: leaves.length === 1 ? { kind: 'founded', user, name } : { kind: 'beginning' } });
    else if (count(leaves, user) > count(added, user))
      told.push({ name: `device.${user}.${tag}`, notice: { kind: 'device-added', user, name } });
    else told.push({ name: `joined.${user}.${tag}`, notice: { kind: 'joined', user, name } });
  }
  for (const user of went)
    if (count(leaves, user) === 0) told.push({ name: `left.${user}.${tag}`, notice: { kind: 'left', user, name: nameOf(user) } });
  return told;
}
