import { Injectable } from '@nestjs/common';
import {
  ConclaveError,
  fromBase64url,
  limits,
  toBase64url,
  type DeviceId,
  type KeyPackageCount,
  type KeyPackageLease,
  type KeyPackageUpload,
  type RoomId,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import type * as z from 'zod';
import { readKeyPackage, WireError, type KeyPackageInfo } from '../../../libs/mls-wire/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { Rooms } from '../rooms/rooms.service.ts';
import { Devices } from '../users/devices.service.ts';

type Package = { info: KeyPackageInfo; bytes: Uint8Array; lastResort: boolean };

const LEASE_MS = 10 * 60_000;

/** Key packages that devices publish, and their leases to rooms (e2ee.md "Key packages"). */
@Injectable()
export class KeyPackages {
  constructor(
    private readonly database: Database,
    private readonly devices: Devices,
    private readonly rooms: Rooms,
  ) {}

  async upload(user: UserId, device: DeviceId, upload: KeyPackageUpload): Promise<void> {
    const { accountKey } = await this.devices.mine(user, device);
    const texts = [...upload.packages, ...(upload.lastResort === undefined ? [] : [upload.lastResort])];
    const packages: Package[] = [];
    for (const [at, text] of texts.entries()) {
      const bytes = fromBase64url(text);
      const info = await checked(bytes);
      if (info.device !== device || info.user !== user || !sameBytes(info.accountKey, accountKey)) {
        throw new ConclaveError('bad-request', `packages.${at}: is not of this device`);
      }
      packages.push({ info, bytes, lastResort: at >= upload.packages.length });
    }
    await this.database.transaction((inside) => this.#store(inside, device, packages));
  }

  async count(user: UserId, device: DeviceId): Promise<z.infer<typeof KeyPackageCount>> {
    await this.devices.mine(user, device);
    const [row] = await this.database.rows<{ oneTime: number; lastResortExpiresAt: number | null }>(
      `select count(*) filter (where not last_resort)::int as "oneTime", max(expires_at) filter (where last_resort) as "lastResortExpiresAt"
       from key_package where device = $1 and expires_at > $2`,
      [device, Date.now()],
    );
    return row!;
  }

  /** Leases one package per device to this room; the same for any committer while the lease lasts. Devices without one are left out. */
  async claim(user: UserId, room: RoomId, devices: DeviceId[]): Promise<KeyPackageLease> {
    await this.rooms.ofMember(room, user);
    const packages: KeyPackageLease['packages'] = [];
    await this.database.transaction(async (inside) => {
      const [{ ids }] = (await inside.rows<{ ids: DeviceId[] }>(
        `select coalesce(array_agg(d.id order by d.id), '{}') as ids from device d join membership m on m.account = d.account and m.room = $1
         where d.id = any($2) and d.revoked_at is null`,
        [room, devices],
      )) as [{ ids: DeviceId[] }];
      if (ids.length < new Set(devices).size) throw new ConclaveError('not-found', 'some of these devices are not of members of this room');
      for (const device of ids) {
        const bytes = await this.#lease(inside, room, device);
        if (bytes) packages.push({ device, keyPackage: toBase64url(bytes) });
      }
    });
    if (packages.length === 0)
      throw new ConclaveError('no-key-package', 'none of these devices has left a key package: they must connect once');
    return { packages };
  }

  /** A package that a commit used up goes in the commit's transaction; the last resort stays. */
  async consume(inside: Queryable, room: RoomId, refs: Uint8Array[]): Promise<void> {
    await inside.run('delete from key_package_lease where room = $1 and ref = any(select decode(r, $3) from unnest($2::text[]) r)', [
      room,
      refs.map(hex),
      'hex',
    ]);
    await inside.run('delete from key_package where not last_resort and ref = any(select decode(r, $2) from unnest($1::text[]) r)', [
      refs.map(hex),
      'hex',
    ]);
  }

  async sweep(): Promise<void> {
    const now = Date.now();
    await this.database.run('delete from key_package_lease where until <= $1', [now]);
    await this.database.run('delete from key_package where expires_at <= $1', [now]);
  }

  async #store(inside: Queryable, device: DeviceId, packages: Package[]): Promise<void> {
    const [{ count }] = (await inside.rows<{ count: number }>(
      'select count(*)::int as count from key_package where device = $1 and not last_resort and expires_at > $2',
      [device, Date.now()],
    )) as [{ count: number }];
    if (count + packages.filter(({ lastResort }) => !lastResort).length > limits.keyPackagesPerDevice) {
      throw new ConclaveError('conflict', `a device keeps at most ${limits.keyPackagesPerDevice} key packages here`);
    }
    // The older last resort goes, but not from under a lease: its Welcome may be on the way.
    if (packages.some(({ lastResort }) => lastResort))
      await inside.run('delete from key_package where device = $1 and last_resort', [device]);
    for (const { info, bytes, lastResort } of packages) {
      await inside.run(
        `insert into key_package (ref, device, package, last_resort, expires_at, created_at) values ($1, $2, $3, $4, $5, $6) on conflict (ref) do nothing`,
        [Buffer.from(info.ref, 'base64url'), device, bytes, lastResort, info.notAfter, Date.now()],
      );
    }
  }

  async #lease(inside: Queryable, room: RoomId, device: DeviceId): Promise<Uint8Array | null> {
    const now = Date.now();
    const [held] = await inside.rows<{ package: Uint8Array }>(
      `select k.package from key_package_lease l join key_package k on k.ref = l.ref
       where l.room = $1 and l.device = $2 and l.until > $3 and k.expires_at > $3`,
      [room, device, now],
    );
    if (held) return held.package;
    const [free] = await inside.rows<{ ref: Uint8Array; package: Uint8Array }>(
      `select ref, package from key_package k where device = $1 and expires_at > $2
         and (last_resort or not exists (select 1 from key_package_lease l where l.ref = k.ref and l.until > $2))
       order by last_resort, created_at limit 1 for update`,
      [device, now],
    );
    if (!free) return null;
    await inside.run(
      `insert into key_package_lease (room, device, ref, until) values ($1, $2, $3, $4)
       on conflict (room, device) do update set ref = excluded.ref, until = excluded.until`,
      [room, device, free.ref, now + LEASE_MS],
    );
    return free.package;
  }
}

async function checked(bytes: Uint8Array): Promise<KeyPackageInfo> {
  try {
    return await readKeyPackage(bytes);
  } catch (error) {
    if (error instanceof WireError) throw new ConclaveError('bad-request', `packages: ${error.message}`);
    throw error;
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
