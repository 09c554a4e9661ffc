import type { DeviceId } from '../../../protocol/src/index.ts';

/**
 * Links of a device in one room, and the most it keeps in all of them (MESH9). A full mesh of 30 takes 4.8 s to form, 10 ms of CPU and 0.3 MB for each
 * link (design/mesh.md); beyond it the relay carries, which takes an envelope once, however many it is for.
 */
export const linksPerRoom = 24;
export const linksInAll = 96;

/**
 * The devices of a room, all of them there, that `own` links to directly: everybody, or in larger rooms the nearest in a ring of their ids, half of them
 * on either side. Ids are hashes of keys, so the ring is a random one; whoever sees the same devices finds the same pairs; and whoever comes or
 * goes changes one link of each device around them.
 */
export function nearIn(own: DeviceId, devices: DeviceId[]): ReadonlySet<DeviceId> {
  if (devices.length <= linksPerRoom) return new Set(devices);
  const ring = [...devices, own].sort();
  const at = ring.indexOf(own);
  const half = linksPerRoom / 2;
  const place = (step: number) => ring[(at + step + ring.length) % ring.length]!;
  return new Set(Array.from({ length: half }, (_, i) => [place(i + 1), place(-i - 1)]).flat());
}
