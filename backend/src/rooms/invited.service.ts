import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import {
  ConclaveError,
  encodeInvitation,
  fromBase64url,
  invitationStatement,
  invitedStatement,
  verifyEd25519,
  type DeviceId,
  type RoomId,
  type RoomInviteUse,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { AccountRemoval } from '../users/account-removal.service.ts';
import type { RoomRow } from './room-row.ts';
import { Rooms } from './rooms.service.ts';
import { isFor } from './visibility.ts';

type Found = {
  id: string;
  room: RoomId;
  device: DeviceId;
  publicKey: Uint8Array;
  signature: Uint8Array;
  expiresAt: number;
  deviceKey: Uint8Array;
  accountKey: Uint8Array | null;
};

/**
 * People come into a room by a member's invitation (ROOM8). The inviter has to be a member still, by the device that signed; with the membership
 * stays what proves to the other members that one of them invited this very account, since they take no server's word for it.
 */
@Injectable()
export class Invited {
  constructor(
    private readonly database: Database,
    private readonly rooms: Rooms,
    removal: AccountRemoval,
  ) {
    removal.onRemoved((inside, _user, devices) => forgetInviter(inside, devices));
  }

  /** Throws `bad-invite`, whatever is wrong with it; `banned` and `room-full` only to who could see the room without it, too. */
  async come(user: UserId, { secret, proof }: RoomInviteUse): Promise<RoomRow> {
    const found = await this.#find(user, secret);
    const invitation = await checked(found, fromBase64url(proof));
    const joined = await this.database.transaction(async (inside) => {
      const joined = await this.#admit(inside, user, found.room, invitation);
      if (joined) await this.#use(inside, found.id);
      return joined;
    });
    if (joined) await this.rooms.tellJoined(found.room, user);
    return this.rooms.ofMember(found.room, user);
  }

  async #find(user: UserId, secret: string): Promise<Found> {
    const hash = createHash('sha256').update(fromBase64url(secret)).digest();
    const [found] = await this.database.rows<Found>(
      `select i.id, i.room, i.device, i.public_key as "publicKey", i.signature, i.expires_at as "expiresAt", d.device_key as "deviceKey",
         a.account_key as "accountKey"
       from room_invite i join room r on r.id = i.room and r.archived_at is null
         join membership m on m.room = i.room and m.account = i.created_by
         join device d on d.id = i.device and d.account = i.created_by and d.revoked_at is null join account a on a.id = $2
       where i.secret_hash = $1 and i.uses_left > 0 and i.expires_at > $3 and ${isFor}`,
      [hash, user, Date.now()],
    );
    if (!found) throw badInvite();
    return found;
  }

  /** Of a hidden room who is banned from it learns nothing by a link either. */
  async #admit(inside: Queryable, user: UserId, room: RoomId, invitation: Uint8Array): Promise<boolean> {
    const [row] = await inside.rows<{ hidden: boolean }>(`select kind = 'hidden' as hidden from room where id = $1 for no key update`, [
      room,
    ]);
    if (!row) throw badInvite();
    try {
      return await this.rooms.admit(inside, user, room, { invitation });
    } catch (error) {
      const telling = error instanceof ConclaveError && (error.code === 'not-found' || (row.hidden && error.code === 'banned'));
      throw telling ? badInvite() : error;
    }
  }

  /** Of those who race for the last use one gets it, and the others' memberships are undone with their transactions. */
  async #use(inside: Queryable, id: string): Promise<void> {
    const used = await inside.run('update room_invite set uses_left = uses_left - 1 where id = $1 and uses_left > 0 and expires_at > $2', [
      id,
      Date.now(),
    ]);
    if (used === 0) throw badInvite();
  }
}

/** Of an account that is deleted (ACC13) no device is named as an inviter's any more: whom it invited and nobody has let in yet is let in by hand. */
async function forgetInviter(inside: Queryable, devices: DeviceId[]): Promise<() => void> {
  await inside.run(
    `update membership set invitation = null where encode(substring(invitation from 56 for 16), 'hex') = any(
       select replace(d::text, '-', '') from unnest($1::uuid[]) as d)`,
    [devices],
  );
  return () => undefined;
}

/** Both signatures, as the members' devices will check them again. */
async function checked(found: Found, proof: Uint8Array): Promise<Uint8Array> {
  const { room, device, accountKey, expiresAt } = found;
  const [publicKey, signature, deviceKey] = [found.publicKey, found.signature, found.deviceKey].map((bytes) => new Uint8Array(bytes)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  if (!accountKey) throw new ConclaveError('forbidden', 'this account has no device yet: register one first');
  const invited = await verifyEd25519(deviceKey, signature, invitationStatement(room, publicKey, expiresAt));
  const came = await verifyEd25519(publicKey, proof, invitedStatement(room, new Uint8Array(accountKey)));
  if (!invited || !came) throw badInvite();
  return encodeInvitation({ room, publicKey, expiresAt, inviter: device, signature, proof });
}

const badInvite = () => new ConclaveError('bad-invite', 'this invitation was used up, revoked, or has expired: ask for another');
