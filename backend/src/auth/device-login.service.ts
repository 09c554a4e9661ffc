import { Inject, Injectable } from '@nestjs/common';
import {
  ConclaveError,
  deviceLoginStatement,
  fromBase64url,
  verifyEd25519,
  type DeviceId,
  type DeviceLogin as Request,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import { Users } from '../users/users.service.ts';
import { Challenges } from './challenges.service.ts';
import { Guesses } from './guesses.service.ts';
import { Sessions, type Opened } from './sessions.service.ts';

type Row = { account: UserId; key: Uint8Array };

/** Signing in by a device's key (ACC9), for programs: they sign a statement that means nothing else, and decrypt nothing. */
@Injectable()
export class DeviceLogin {
  // One more than five: what a login is made of.
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly challenges: Challenges,
    private readonly guesses: Guesses,
    private readonly sessions: Sessions,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  /** Also for a device that there is not: its challenge looks the same, and opens nothing. */
  challenge(device: DeviceId): { challenge: string; expiresAt: number } {
    return this.challenges.make('device', device);
  }

  /** Unknown, removed, wrong key, used or late: one answer. */
  async login({ device, challenge, signature }: Request, agent: string | undefined): Promise<Opened> {
    const row = await deviceOf(this.database, device);
    const { publicKey } = this.secrets.server;
    const statement = deviceLoginStatement(publicKey, device, fromBase64url(challenge));
    const signed = await verifyEd25519(row?.key ?? publicKey, fromBase64url(signature), statement);
    if (!row || !signed || !this.challenges.isOurs('device', device, challenge)) throw refused();
    const account = await this.users.byId(row.account);
    const opened = await this.database.transaction(async (inside) => {
      // A removal waits for this, or this sees it: no session outlives its device.
      if (!(await deviceOf(inside, device, 'for share'))) throw refused();
      await this.challenges.use(inside, 'device', challenge);
      return this.sessions.open(inside, account, { method: 'device', agent, device });
    });
    await this.guesses.forget(account.username);
    return opened;
  }
}

async function deviceOf(inside: Queryable, device: DeviceId, lock: 'for share' | '' = ''): Promise<Row | undefined> {
  const rows = await inside.rows<Row>(`select account, device_key as key from device where id = $1 and revoked_at is null ${lock}`, [
    device,
  ]);
  return rows[0];
}

const refused = () =>
  new ConclaveError('bad-credentials', 'this device opens no account here, or its answer came too late: ask for another challenge');
