import { Inject, Injectable } from '@nestjs/common';
import { ConclaveError, pskIdOf, type DeviceId, type RoomId } from '../../../libs/protocol/src/index.ts';
import type { AppliedCommit, Leaf } from '../../../libs/mls-wire/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import type { Queryable } from '../database/database.ts';
import type { Caller } from '../users/caller.ts';
import { Admissions } from './admissions.service.ts';
import { sameBytes } from './key-packages.service.ts';
import type { RoomGroup } from './room-group.ts';

type Candidate = { caller: Caller & { device: DeviceId }; room: RoomId; before: RoomGroup; applied: AppliedCommit; groupInfo: Uint8Array };

/** What the server asks of a commit beyond its form: who made it, who goes, who comes. */
@Injectable()
export class CommitRules {
  constructor(
    private readonly admissions: Admissions,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async require(inside: Queryable, candidate: Candidate): Promise<void> {
    const { caller, room, before, applied, groupInfo } = candidate;
    if (applied.committer.device !== caller.device) throw new ConclaveError('forbidden', 'this commit was made by another device');
    if (applied.external)
      await this.admissions.use(inside, { room, device: caller.device, before, admission: applied.admission, groupInfo });
    this.#requireRemovals(candidate);
    const removed = new Set(applied.removed.map(({ leaf }) => leaf));
    const staying = new Set(before.current.filter(({ leaf }) => !removed.has(leaf)).map(({ device }) => device));
    if (applied.added.some(({ device }) => staying.has(device)))
      throw new ConclaveError('bad-commit', 'this device is in the group already');
    if (applied.added.length > 0 && staying.size + applied.added.length > this.config.maxDevicesPerRoom) {
      throw new ConclaveError('room-full', `this room holds at most ${this.config.maxDevicesPerRoom} devices`);
    }
    await this.requireAddable(inside, room, applied.added);
    await requirePassword(inside, room, applied);
    await this.#requirePackages(inside, applied);
  }

  /** Only devices of members, unrevoked, under the account key that is registered. A removal under way is waited for: it must see this leaf, or this must see it. */
  async requireAddable(inside: Queryable, room: RoomId, leaves: Leaf[]): Promise<void> {
    for (const { device, user, accountKey } of leaves) {
      const found = await inside.rows(
        `select 1 from device d join account a on a.id = d.account join membership m on m.account = a.id and m.room = $1
         where d.id = $2 and a.id = $3 and d.revoked_at is null and d.account_key = $4 and a.account_key = $4 for share of d`,
        [room, device, user, accountKey],
      );
      if (found.length === 0) throw new ConclaveError('bad-commit', 'this adds a device that is not a registered device of a member');
    }
  }

  /** Those who left by themselves are told by the log; a removed device has no session to read it with. */
  async stillThere(inside: Queryable, leaves: Leaf[]): Promise<DeviceId[]> {
    const rows = await inside.rows<{ id: DeviceId }>('select id from device where id = any($1) and revoked_at is null', [
      leaves.map(({ device }) => device),
    ]);
    return rows.map(({ id }) => id);
  }

  #requireRemovals({ caller, before, applied }: Candidate): void {
    const pending = before.removing;
    const removed = new Set(applied.removed.map(({ leaf }) => leaf));
    const complete = applied.external ? applied.resync || pending.length === 0 : pending.every(({ leaf }) => removed.has(leaf));
    if (!complete) throw new ConclaveError('removal-pending', 'devices must be removed first: commit the pending removals');
    const mayGo = (leaf: Leaf) => leaf.user === caller.user || pending.some((row) => row.leaf === leaf.leaf);
    if (!applied.removed.every(mayGo)) throw new ConclaveError('bad-commit', 'this removes a device that nobody asked to remove');
  }

  async #requirePackages(inside: Queryable, { external, added }: AppliedCommit): Promise<void> {
    if (external) return;
    for (const { device, keyPackageRef } of added) {
      const ref = keyPackageRef === null ? null : Buffer.from(keyPackageRef, 'base64url');
      const found = ref ? await inside.rows('select 1 from key_package where ref = $1 and device = $2', [ref, device]) : [];
      if (found.length === 0) throw new ConclaveError('no-key-package', 'this key package was used or withdrawn: claim another');
    }
  }
}

/**
 * Into a room with a password somebody comes only by a commit that mixes in the password that holds now (ROOM3): who added with an older one would
 * let in whoever knew that. That there is one at all the group's id demands already (mls-wire, entry-rules.ts).
 */
async function requirePassword(inside: Queryable, room: RoomId, { psks }: AppliedCommit): Promise<void> {
  if (psks.length === 0) return;
  const [row] = await inside.rows<{ version: number }>('select password_version as version from room where id = $1', [room]);
  const current = pskIdOf(room, row?.version ?? 0);
  if (!psks.every((id) => sameBytes(id, current)))
    throw new ConclaveError('bad-commit', 'the password of this room was changed: enter the new one', undefined, 'room-password');
}
