import type { DeviceId } from '../../../protocol/src/index.ts';
import type { Roster } from '../sealing/sealer.ts';

/** Own keys are renewed after so many sealings or days, so that a stolen state heals (e2ee.md). */
const sealingsMax = 500;
const ageMaxMs = 7 * 86_400_000;
const spreadMs = 86_400_000;

/** True when this device owes the group fresh keys. By its id up to a day early, so that a room does not renew all at once. */
export function keysAreOld({ sealedSinceUpdate, updatedAt }: Roster, device: DeviceId, now = Date.now()): boolean {
  const early = (Number.parseInt(device.slice(0, 4), 16) / 0x10000) * spreadMs;
  return sealedSinceUpdate > sealingsMax || now - updatedAt > ageMaxMs - early;
}
