import { Injectable, Logger } from '@nestjs/common';
import {
  ConclaveError,
  deviceIdOf,
  fromBase64url,
  limits,
  toBase64url,
  verifyCertificate,
  type Device,
  type DeviceId,
  type DeviceList,
  type DeviceRequest,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { auditAbout } from './audit.ts';
import type { Caller } from './caller.ts';
import { Users } from './users.service.ts';

/** What must happen in the same transaction when devices go; the result is called once it is committed. */
type Farewell = (inside: Queryable, user: UserId, devices: DeviceId[]) => Promise<() => void>;
type Keys = { deviceKey: Uint8Array; accountKey: Uint8Array; signature: Uint8Array };
type Row = { id: DeviceId; account: UserId; accountKey: Uint8Array; revokedAt: number | null };

const FRESH_MS = 15 * 60_000;

@Injectable()
export class Devices {
  readonly #farewells: Farewell[] = [];
  readonly #logger = new Logger('users');

  constructor(
    private readonly database: Database,
    private readonly users: Users,
  ) {}

  /** Sessions, leaves and queues hang on devices; their modules say here what a removal means to them. */
  onRemoved(farewell: Farewell): void {
    this.#farewells.push(farewell);
  }

  async enrol(caller: Caller, device: DeviceId, request: DeviceRequest): Promise<void> {
    const keys = await checkedKeys(caller.user, device, request);
    const after = await this.database.transaction(async (inside) => {
      await inside.rows('select id from account where id = $1 for no key update', [caller.user]);
      // A reset ends the sessions of the devices it removes, but not the one that asks for it.
      // One that was ended while this was under way enrols no device: it would be a door that outlives a revocation.
      const live = await inside.run('update session set device = null where id = $1 and ended_at is null', [caller.session]);
      if (live === 0) throw new ConclaveError('session-ended', 'this session has ended: sign in again');
      const after = await this.#takeAccountKey(inside, caller, keys.accountKey, request.resetAccountKey ?? false);
      await this.#insert(inside, caller.user, device, keys, request.name);
      await inside.run('update session set device = $1 where id = $2', [device, caller.session]);
      return after;
    });
    after();
  }

  async list({ user, device }: Pick<Caller, 'user' | 'device'>): Promise<DeviceList> {
    const { accountKey } = await this.users.byId(user);
    const rows = await this.database.rows<Omit<Device, 'current'>>(
      `select id, name, created_at as "createdAt", last_seen_at as "lastSeenAt" from device
       where account = $1 and revoked_at is null order by created_at`,
      [user],
    );
    const devices = rows.map((row) => ({ ...row, current: row.id === device }));
    return { accountKey: accountKey ? toBase64url(accountKey) : null, devices };
  }

  remove(caller: Caller, device: DeviceId): Promise<void> {
    return this.removeOf(caller.user, caller.user, device);
  }

  /** Takes these devices of an account out of everything, whether they were removed before or not. */
  dismiss(inside: Queryable, user: UserId, devices: DeviceId[]): Promise<() => void> {
    return this.#revoke(inside, user, devices);
  }

  /** An administrator removes somebody's device: as if they had. */
  async removeOf(actor: UserId, user: UserId, device: DeviceId): Promise<void> {
    const after = await this.database.transaction(async (inside) => {
      await this.mine(user, device, inside);
      const revoked = await this.#revoke(inside, user, [device]);
      await auditAbout(inside, actor, 'device-removed', user);
      return revoked;
    });
    after();
  }

  /** A device of this user that was not removed. */
  async mine(user: UserId, device: DeviceId, inside: Queryable = this.database): Promise<Row> {
    const rows = await inside.rows<Row>(
      `select id, account, account_key as "accountKey", revoked_at as "revokedAt" from device
       where id = $1 and account = $2 and revoked_at is null`,
      [device, user],
    );
    if (!rows[0]) throw new ConclaveError('not-found', 'there is no such device');
    return rows[0];
  }

  /** With which a device of this user signs, while it is not removed. */
  async keyOf(user: UserId, device: DeviceId): Promise<Uint8Array> {
    await this.mine(user, device);
    const [row] = await this.database.rows<{ key: Uint8Array }>('select device_key as key from device where id = $1', [device]);
    if (!row) throw new ConclaveError('not-found', 'there is no such device');
    return new Uint8Array(row.key);
  }

  async #takeAccountKey(inside: Queryable, caller: Caller, key: Uint8Array, reset: boolean): Promise<() => void> {
    const { user } = caller;
    const { accountKey } = await this.users.byId(user, inside);
    if (accountKey && toBase64url(accountKey) === toBase64url(key)) return () => undefined;
    if (accountKey && !reset) {
      throw new ConclaveError('conflict', 'this account has another key: link this device from an old one, or reset the key');
    }
    if (accountKey) await requireFresh(inside, caller);
    await inside.run('update account set account_key = $1, key_was_reset = key_was_reset or $2 where id = $3', [
      key,
      accountKey !== null,
      user,
    ]);
    // Members of the same rooms know the person by this key from now on.
    if (!accountKey) return () => void this.users.changed(user).catch((error: unknown) => this.#logger.error(error));
    await auditAbout(inside, user, 'account-key-reset', user);
    const old = await inside.rows<{ id: DeviceId }>('select id from device where account = $1 and revoked_at is null', [user]);
    return this.#revoke(
      inside,
      user,
      old.map(({ id }) => id),
    );
  }

  async #insert(inside: Queryable, user: UserId, device: DeviceId, keys: Keys, name: string): Promise<void> {
    const [known] = await inside.rows<Row>('select id, account, revoked_at as "revokedAt" from device where id = $1', [device]);
    if (known && (known.account !== user || known.revokedAt !== null)) {
      throw new ConclaveError('conflict', 'this device key was used before: make a new one');
    }
    const now = Date.now();
    if (known) {
      await inside.run('update device set name = $1, last_seen_at = $2 where id = $3', [name, now, device]);
      return;
    }
    const [{ count }] = (await inside.rows<{ count: number }>(
      'select count(*)::int as count from device where account = $1 and revoked_at is null',
      [user],
    )) as [{ count: number }];
    if (count >= limits.devicesPerUser) {
      throw new ConclaveError('too-many-devices', `an account has at most ${limits.devicesPerUser} devices: remove one first`);
    }
    await inside.run(
      `insert into device (id, account, device_key, account_key, signature, name, created_at, last_seen_at) values ($1, $2, $3, $4, $5, $6, $7, $7)`,
      [device, user, keys.deviceKey, keys.accountKey, keys.signature, name, now],
    );
  }

  async #revoke(inside: Queryable, user: UserId, devices: DeviceId[]): Promise<() => void> {
    await inside.run('update device set revoked_at = $1 where id = any($2)', [Date.now(), devices]);
    const after: (() => void)[] = [];
    for (const farewell of this.#farewells) after.push(await farewell(inside, user, devices));
    return () => after.forEach((then) => then());
  }
}

/** Whoever finds a browser open must not throw the other devices out: the sign-in has to be of just now. */
async function requireFresh(inside: Queryable, { session }: Caller): Promise<void> {
  const fresh = await inside.rows('select 1 from session where id = $1 and created_at > $2', [session, Date.now() - FRESH_MS]);
  if (fresh.length === 0)
    throw new ConclaveError('forbidden', 'sign in once more, then do this within a quarter of an hour', undefined, 'sign-in-again');
}

async function checkedKeys(user: UserId, device: DeviceId, request: DeviceRequest): Promise<Keys> {
  const [deviceKey, accountKey, signature] = [request.deviceKey, request.accountKey, request.signature].map(fromBase64url) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  if ((await deviceIdOf(deviceKey)) !== device) throw new ConclaveError('bad-request', 'device: is not the id of this key');
  if (!(await verifyCertificate({ user, accountKey, signature }, deviceKey))) {
    throw new ConclaveError('bad-request', 'signature: the account key did not sign this device key for this account');
  }
  return { deviceKey, accountKey, signature };
}
