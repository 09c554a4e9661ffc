import { Inject, Injectable } from '@nestjs/common';
import type { DeviceId, UserId } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database } from '../database/database.ts';
import { Presence } from '../presence/presence.service.ts';
import { auditAbout } from '../users/audit.ts';
import { Devices } from '../users/devices.service.ts';

const DAY_MS = 86_400_000;
const AT_ONCE = 200;

/**
 * A device that nobody has used for so long is removed, as its owner would (D5): its leaf would keep old keys in every group, and the log
 * would keep for it what it never fetches. What it has stored stays on it; to come back it is linked, like a new one.
 */
@Injectable()
export class IdleDevices {
  constructor(
    private readonly database: Database,
    private readonly devices: Devices,
    private readonly presence: Presence,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async sweep(): Promise<void> {
    const now = Date.now();
    const here = [...this.presence.speakers()].map(({ device }) => device);
    await this.database.run('update device set last_seen_at = $1 where id = any($2)', [now, here]); // connected for months, as bots are
    if (this.config.deviceIdleDays === 0) return;
    const since = now - this.config.deviceIdleDays * DAY_MS;
    const idle = await this.database.rows<{ id: DeviceId; account: UserId }>(
      `select id, account from device where revoked_at is null and last_seen_at < $1 order by last_seen_at limit ${AT_ONCE}`,
      [since],
    );
    for (const { id, account } of idle) await this.#remove(id, account, since);
  }

  async #remove(device: DeviceId, user: UserId, since: number): Promise<void> {
    const after = await this.database.transaction(async (inside) => {
      const still = await inside.rows('select 1 from device where id = $1 and revoked_at is null and last_seen_at < $2 for update', [
        device,
        since,
      ]);
      if (still.length === 0) return null; // it has just come, or is gone
      const dismissed = await this.devices.dismiss(inside, user, [device]);
      await auditAbout(inside, null, 'device-removed', user, { idleDays: this.config.deviceIdleDays });
      return dismissed;
    });
    after?.();
  }
}
