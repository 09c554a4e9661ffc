import { Injectable } from '@nestjs/common';
import type { DeviceId, UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';
import { ApiTokens } from '../users/api-tokens.service.ts';
import { Devices } from '../users/devices.service.ts';
import { forgetResets } from './own-password.service.ts';
import { Sessions } from './sessions.service.ts';

/** Every way into an account that was made here: password, passkeys, devices, one-time links, API tokens. */
@Injectable()
export class OwnDoors {
  constructor(
    private readonly devices: Devices,
    private readonly sessions: Sessions,
    private readonly tokens: ApiTokens,
  ) {}

  /**
   * Takes them all away, as if each had been removed, and ends every session. For a transaction that has locked the account's row: a door that is
   * being made waits for it, and then finds its session ended. What this gives is called once it is committed.
   */
  async shut(inside: Queryable, user: UserId): Promise<() => void> {
    await inside.run('update account set password_hash = null where id = $1', [user]);
    await inside.run('delete from passkey where account = $1', [user]);
    await forgetResets(inside, user);
    await this.tokens.revokeAllOf(inside, user);
    const devices = await inside.rows<{ id: DeviceId }>('select id from device where account = $1 and revoked_at is null', [user]);
    const ids = devices.map(({ id }) => id);
    const after = [await this.devices.dismiss(inside, user, ids), await this.sessions.endAllOf(inside, user)];
    return () => after.forEach((then) => then());
  }
}
