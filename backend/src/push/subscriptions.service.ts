import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { ConclaveError, type DeviceId, type PushRequest, type RoomId, type UserId } from '../../../libs/protocol/src/index.ts';
import { Sessions } from '../auth/sessions.service.ts';
import { Database } from '../database/database.ts';
import { Budgets } from '../presence/budgets.ts';
import type { Caller } from '../users/caller.ts';
import { Devices } from '../users/devices.service.ts';

export type Subscription = { user: UserId; endpoint: string; p256dh: string; auth: string };

const RELOAD_MS = 60_000;
const orphaned = `not exists (select 1 from session x where x.device = s.device and x.ended_at is null and x.expires_at > $2)`;

/** Where devices are told of what came while they were away. A subscription lives as long as its device and the device's session. */
@Injectable()
export class Subscriptions implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** Devices that have one: an envelope for others costs nothing. Other servers on this database add some, hence read again now and then. */
  #devices = new Set<DeviceId>();
  readonly #changes = new Budgets(0.2, 20);
  readonly #logger = new Logger(Subscriptions.name);
  readonly #timer = setInterval(() => this.#soon(this.#reload()), RELOAD_MS);

  constructor(
    private readonly database: Database,
    devices: Devices,
    sessions: Sessions,
  ) {
    devices.onRemoved(async (inside, _user, gone) => {
      await inside.run('delete from push_subscription where device = any($1)', [gone]);
      return () => gone.forEach((device) => this.#devices.delete(device));
    });
    sessions.onEnded((user) => this.#soon(this.#sweep(user)));
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#reload();
  }
  beforeApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  has(device: DeviceId): boolean {
    return this.#devices.has(device);
  }

  /** Throws `conflict` for a session without a device, `slow-down` for who changes it all the time. */
  async put(caller: Caller, { endpoint, keys, quiet = [] }: PushRequest): Promise<void> {
    const device = deviceOf(caller);
    const wait = this.#changes.take(caller.user);
    if (wait > 0) throw new ConclaveError('slow-down', 'too many changes in too short a time: go on in a moment', wait);
    await this.database.run(
      `insert into push_subscription (device, account, endpoint, p256dh, auth, quiet, since) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (device) do update set endpoint = excluded.endpoint, p256dh = excluded.p256dh, auth = excluded.auth, quiet = excluded.quiet`,
      [device, caller.user, endpoint, keys.p256dh, keys.auth, quiet, Date.now()],
    );
    this.#devices.add(device);
  }

  async drop(device: DeviceId): Promise<void> {
    this.#devices.delete(device);
    await this.database.run('delete from push_subscription where device = $1', [device]);
  }

  /**
   * As it stands now, for word of this room: none for a muted room, for who does not want to be disturbed, who is not in the room any more,
   * or has signed out on this device.
   */
  async of(device: DeviceId, room: RoomId): Promise<Subscription | null> {
    const [row] = await this.database.rows<Subscription & { orphaned: boolean }>(
      `select s.account as user, s.endpoint, s.p256dh, s.auth, ${orphaned} as orphaned from push_subscription s join account a on a.id = s.account
       where s.device = $1 and not ($3 = any(s.quiet)) and a.status <> 'dnd' and a.locked_at is null
         and exists (select 1 from membership m where m.room = $3 and m.account = s.account)`,
      [device, Date.now(), room],
    );
    if (row?.orphaned) await this.drop(device);
    return row && !row.orphaned ? row : null;
  }

  async #sweep(user: UserId): Promise<void> {
    const gone = await this.database.rows<{ device: DeviceId }>(
      `delete from push_subscription s where s.account = $1 and ${orphaned} returning s.device`,
      [user, Date.now()],
    );
    gone.forEach(({ device }) => this.#devices.delete(device));
  }

  async #reload(): Promise<void> {
    const rows = await this.database.rows<{ device: DeviceId }>('select device from push_subscription');
    this.#devices = new Set(rows.map(({ device }) => device));
  }

  #soon(work: Promise<void>): void {
    work.catch((error: unknown) => this.#logger.error(error));
  }
}

export function deviceOf({ device }: Pick<Caller, 'device'>): DeviceId {
  if (device === null) throw new ConclaveError('conflict', 'this session has no device yet: link this browser first');
  return device;
}
