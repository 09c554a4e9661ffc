import { KeyPackageCount, limits, toBase64url, type DeviceId } from '../../../protocol/src/index.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { RestClient } from '../server/rest-client.ts';

const lastResortMarginMs = 69 * 86_400_000; // renewed after 21 of 90 days

/** The server has key packages enough of this device, so that others can add it to groups while it is away. */
export async function refillKeyPackages(rest: RestClient, sealer: Sealer, device: DeviceId): Promise<void> {
  const path = `/api/me/devices/${device}/key-packages`;
  const { oneTime, lastResortExpiresAt } = await rest.as('GET', path, KeyPackageCount);
  const renew = lastResortExpiresAt === null || lastResortExpiresAt - Date.now() < lastResortMarginMs;
  if (oneTime >= limits.keyPackagesRefillBelow && !renew) return;
  const { packages, lastResort } = await sealer.keyPackages(limits.keyPackagesPerDevice - oneTime, renew);
  await rest.ask('POST', path, {
    json: { packages: packages.map(toBase64url), ...(lastResort ? { lastResort: toBase64url(lastResort) } : {}) },
  });
}
