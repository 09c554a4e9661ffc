import { Inject, Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import {
  admissionStatement,
  ConclaveError,
  encodeAdmission,
  toBase64url,
  type Admission,
  type AdmissionTicket,
  type DeviceId,
  type RoomId,
  type RoomKind,
} from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { Rooms } from '../rooms/rooms.service.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import type { Caller } from '../users/caller.ts';
import { GroupStore } from './group-store.ts';
import { groupInfoHash } from './group-info-hash.ts';
import { sameBytes } from './key-packages.service.ts';
import type { RoomGroup } from './room-group.ts';

type Use = { room: RoomId; device: DeviceId; before: RoomGroup; admission: AdmissionTicket | null; groupInfo: Uint8Array };
type Keys = { deviceKey: Uint8Array; accountKey: Uint8Array; wasReset: boolean };

const VALID_MS = 2 * 60_000;

/** One-use tickets for external joins: new accounts in open rooms, and devices that replace their own leaf (e2ee.md "Who may come in"). */
@Injectable()
export class Admissions {
  constructor(
    private readonly database: Database,
    private readonly rooms: Rooms,
    private readonly store: GroupStore,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  async make(caller: Caller & { device: DeviceId }, room: RoomId): Promise<Admission> {
    const { kind } = await this.rooms.ofMember(room, caller.user);
    requireOpen(kind);
    const [group, state, keys] = [
      await this.store.read(this.database, room),
      await this.store.state(this.database, room),
      await this.#keys(caller),
    ];
    if (!state) throw new ConclaveError('no-group', 'this room has no group yet: found it');
    this.#requireMayCome(caller, group, keys);
    const { generation, epoch } = group;
    const nonce = new Uint8Array(randomBytes(16));
    const expiresAt = Date.now() + VALID_MS;
    // A new one replaces those asked for before: nobody fills the table.
    await this.database.run('delete from admission where room = $1 and device = $2', [room, caller.device]);
    await this.database.run('insert into admission (nonce, room, device, generation, epoch, expires_at) values ($1, $2, $3, $4, $5, $6)', [
      nonce,
      room,
      caller.device,
      generation,
      epoch,
      expiresAt,
    ]);
    const { deviceKey, accountKey } = keys;
    const unsigned = { room, user: caller.user, accountKey, deviceKey, groupInfoHash: groupInfoHash(state.groupInfo), expiresAt, nonce };
    const signature = this.secrets.server.sign(admissionStatement(unsigned));
    return {
      generation,
      epoch,
      groupInfo: toBase64url(state.groupInfo),
      admission: toBase64url(encodeAdmission({ ...unsigned, signature })),
    };
  }

  /** Uses a ticket up, in the transaction of the commit it admits. */
  async use(inside: Queryable, { room, device, before, admission, groupInfo }: Use): Promise<void> {
    const used =
      admission &&
      (await inside.run(
        'delete from admission where nonce = $1 and room = $2 and device = $3 and generation = $4 and epoch = $5 and expires_at > $6',
        [admission.nonce, room, device, before.generation, before.epoch, Date.now()],
      ));
    if (!admission || !used || !sameBytes(admission.groupInfoHash, groupInfoHash(groupInfo))) {
      throw new ConclaveError('bad-ticket', 'this admission was used, has expired, or is for another group: ask for a new one');
    }
  }

  async sweep(): Promise<void> {
    await this.database.run('delete from admission where expires_at <= $1', [Date.now()]);
  }

  #requireMayCome(caller: Caller & { device: DeviceId }, group: RoomGroup, keys: Keys): void {
    const own = group.leafOf(caller.device);
    if (own?.removing) throw new ConclaveError('removal-pending', 'your old place in this room is being removed: wait until it is gone');
    if (own) return;
    const known = group.current.some(
      ({ account, accountKey, removing }) => account === caller.user && !removing && sameBytes(accountKey, keys.accountKey),
    );
    if (keys.wasReset && !known)
      throw new ConclaveError('forbidden', 'your account has a new key: a member lets you in as soon as one is here');
    if (group.removing.length > 0)
      throw new ConclaveError('removal-pending', 'somebody is being removed from this room: try again in a moment');
  }

  async #keys(caller: Caller & { device: DeviceId }): Promise<Keys> {
    const [keys] = await this.database.rows<Keys>(
      `select d.device_key as "deviceKey", d.account_key as "accountKey", a.key_was_reset as "wasReset"
       from device d join account a on a.id = d.account where d.id = $1 and a.id = $2 and d.revoked_at is null`,
      [caller.device, caller.user],
    );
    if (!keys) throw new ConclaveError('forbidden', 'this device was removed');
    return keys;
  }
}

/** In rooms of the other kinds members let newcomers in, and nobody is told how the group stands before (e2ee.md "Who may come in"). */
function requireOpen(kind: RoomKind): void {
  if (kind !== 'open')
    throw new ConclaveError('forbidden', 'into this room members let you in, as soon as one is here', undefined, 'members-add');
}
