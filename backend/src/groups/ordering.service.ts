import { Inject, Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import {
  ConclaveError,
  groupIdOf,
  limits,
  orderedStatement,
  verifyEd25519,
  type DeviceId,
  type Ordered,
  type RoomId,
} from '../../../libs/protocol/src/index.ts';
import {
  applyCommit,
  contextHashOf,
  encodePublicGroup,
  followCommit,
  foundPublicGroup,
  leavesOf,
  WireError,
  type AppliedCommit,
  type Leaf,
  type PublicGroup,
} from '../../../libs/mls-wire/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import type { Caller } from '../users/caller.ts';
import { CommitRules } from './commit-rules.ts';
import { entryOf } from './entry.ts';
import { mustBeFoundedAnew, nextGeneration } from './group-status.service.ts';
import { GroupStore } from './group-store.ts';
import { KeyPackages } from './key-packages.service.ts';
import type { RoomGroup } from './room-group.ts';

export type Bundle = { commit: Uint8Array; welcome: Uint8Array; groupInfo: Uint8Array };
/** A commit that was ordered, and whom to tell what. */
export type OrderedCommit = Omit<Ordered, 'signature'> & {
  signature: Uint8Array;
  room: RoomId;
  author: DeviceId;
  added: DeviceId[];
  removed: DeviceId[];
  targets: DeviceId[];
};
export type Restored = { commit: Uint8Array; signature: Uint8Array };
type Caretaker = Caller & { device: DeviceId };

/** Gives every commit its place: a compare-and-swap on the room's epoch, in one transaction with the bundle (e2ee.md "Ordering"). */
@Injectable()
export class Ordering {
  constructor(
    private readonly database: Database,
    private readonly store: GroupStore,
    private readonly rules: CommitRules,
    private readonly packages: KeyPackages,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  async found(caller: Caretaker, room: RoomId, groupInfo: Uint8Array): Promise<OrderedCommit> {
    const before = await this.store.read(this.database, room);
    const [generation, entry] = [nextGeneration(before), await entryOf(this.database, room)];
    if (!mustBeFoundedAnew(before)) throw new ConclaveError('stale-epoch', 'this room has a group already: join it');
    const group = await wired(() => foundPublicGroup(groupInfo, { room, generation, entry, serverKey: this.secrets.server.publicKey }));
    const leaves = await leavesOf(group);
    if (leaves.length !== 1 || leaves[0]!.device !== caller.device)
      throw new ConclaveError('bad-commit', 'a group begins with its founder alone');
    return this.database.transaction(async (inside) => {
      const now = await this.store.lock(inside, room);
      if (!mustBeFoundedAnew(now) || nextGeneration(now) !== generation)
        throw new ConclaveError('stale-epoch', 'somebody else was faster: join their group');
      await this.rules.requireAddable(inside, room, leaves);
      await endClaims(
        inside,
        room,
        now.current.map(({ device }) => device).filter((device) => device !== caller.device),
      );
      await this.#write(inside, room, group, groupInfo, { acceptFrom: 0, added: leaves, removed: [] });
      return this.#log(inside, room, group, { author: caller.device, bundle: null, groupInfo, added: [], removed: [] });
    });
  }

  async commit(caller: Caretaker, room: RoomId, expected: { generation: number; epoch: number }, bundle: Bundle): Promise<OrderedCommit> {
    const state = await this.store.state(this.database, room);
    if (!state) throw new ConclaveError('no-group', 'this room has no group yet: found it');
    requireCurrent(state.group, expected);
    const applied = await wired(() => applyCommit(state.group, bundle.commit, bundle.groupInfo));
    return this.database.transaction(async (inside) => {
      const before = await this.store.lock(inside, room);
      requireCurrent(before, expected);
      await this.rules.require(inside, { caller, room, before, applied, groupInfo: state.groupInfo });
      return this.#order(inside, caller, room, before, applied, bundle);
    });
  }

  /**
   * Commits that this server ordered and signed before it was set back to an older backup (delivery.md D11): any member may bring them.
   * They were judged when they were ordered; what is judged now is the server's own signature, and that they follow on what it knows.
   */
  async restore(room: RoomId, expected: { generation: number; epoch: number }, commits: Restored[]): Promise<OrderedCommit[]> {
    const state = await this.store.state(this.database, room);
    if (!state) throw new ConclaveError('no-group', 'this room has no group to continue');
    requireCurrent(state.group, expected);
    const steps: { applied: AppliedCommit; commit: Uint8Array }[] = [];
    let group = state.group;
    for (const { commit, signature } of commits) {
      const said = orderedStatement(
        groupIdOf(room, group.generation, group.entry),
        group.epoch + 1,
        createHash('sha256').update(commit).digest(),
      );
      if (!(await verifyEd25519(this.secrets.server.publicKey, signature, said)))
        throw new ConclaveError('bad-commit', 'this server has never ordered this commit');
      const from = group;
      const applied = await wired(() => followCommit(from, commit));
      group = applied.group;
      steps.push({ applied, commit });
    }
    return this.database.transaction(async (inside) => {
      let before = await this.store.lock(inside, room);
      requireCurrent(before, expected);
      const ordered: OrderedCommit[] = [];
      for (const { applied, commit } of steps) {
        const bundle = { commit, welcome: new Uint8Array(), groupInfo: state.groupInfo };
        ordered.push(await this.#order(inside, applied.committer, room, before, applied, bundle));
        before = await this.store.read(inside, room);
      }
      return ordered;
    });
  }

  async #order(
    inside: Queryable,
    caller: Pick<Caretaker, 'device'>,
    room: RoomId,
    before: RoomGroup,
    applied: AppliedCommit,
    bundle: Bundle,
  ): Promise<OrderedCommit> {
    const { group, added, removed } = applied;
    // A device that comes in anew is the same device: what was sent to it stays its own.
    const gone = removed.filter(({ device }) => !added.some((leaf) => leaf.device === device));
    await this.packages.consume(
      inside,
      room,
      added.flatMap(({ keyPackageRef }) => (keyPackageRef === null ? [] : [Buffer.from(keyPackageRef, 'base64url')])),
    );
    await endClaims(
      inside,
      room,
      gone.map(({ device }) => device),
    );
    await this.#write(inside, room, group, bundle.groupInfo, {
      acceptFrom: gone.length > 0 ? group.epoch : before.acceptFrom,
      added,
      removed,
    });
    return this.#log(inside, room, group, {
      author: caller.device,
      bundle,
      groupInfo: bundle.groupInfo,
      added: applied.external ? [] : added,
      removed: gone,
    });
  }

  async #write(
    inside: Queryable,
    room: RoomId,
    group: PublicGroup,
    groupInfo: Uint8Array,
    { acceptFrom, added, removed }: { acceptFrom: number; added: Leaf[]; removed: Leaf[] },
  ): Promise<void> {
    const { generation, epoch } = group;
    await inside.run(
      'update room_group set generation = $2, epoch = $3, accept_from = $4, state = $5, group_info = $6, context = $7 where room = $1',
      [room, generation, epoch, acceptFrom, encodePublicGroup(group), groupInfo, await contextHashOf(group)],
    );
    await inside.run('update room_leaf set to_epoch = $3 where room = $1 and generation = $2 and to_epoch is null and leaf = any($4)', [
      room,
      generation,
      epoch,
      removed.map(({ leaf }) => leaf),
    ]);
    // Nothing is accepted any more from the epochs in which these were leaves.
    await inside.run('delete from room_leaf where room = $1 and (generation < $2 or to_epoch <= $3)', [
      room,
      generation - 1,
      epoch - limits.relayEpochsBehind - 1,
    ]);
    // An older generation's leaves are of no group any more.
    await inside.run('update room_leaf set to_epoch = from_epoch where room = $1 and generation < $2 and to_epoch is null', [
      room,
      generation,
    ]);
    // Nor is anything accepted from a removed leaf: of a deleted account nothing is left with it (ACC13).
    await inside.run(
      'delete from room_leaf l where l.room = $1 and l.to_epoch is not null and not exists (select 1 from device d where d.id = l.device)',
      [room],
    );
    for (const { leaf, device, user, accountKey } of added) {
      await inside.run(
        'insert into room_leaf (room, generation, leaf, device, account, account_key, from_epoch) values ($1, $2, $3, $4, $5, $6, $7)',
        [room, generation, leaf, device, user, accountKey, epoch],
      );
    }
  }

  async #log(
    inside: Queryable,
    room: RoomId,
    group: PublicGroup,
    what: { author: DeviceId; bundle: Bundle | null; groupInfo: Uint8Array; added: Leaf[]; removed: Leaf[] },
  ): Promise<OrderedCommit> {
    const { generation, epoch } = group;
    const commit = what.bundle?.commit ?? new Uint8Array();
    const hash = createHash('sha256').update(commit).digest();
    const signature = this.secrets.server.sign(orderedStatement(groupIdOf(room, generation, group.entry), epoch, hash));
    const pos = await this.store.nextPos(inside, room);
    const added = what.added.map(({ device }) => device);
    const removed = await this.rules.stillThere(inside, what.removed);
    const targets = [...new Set([...(await leavesOf(group)).map(({ device }) => device), ...removed])];
    await inside.run(
      `insert into room_log (room, pos, kind, generation, epoch, eid, author, body, welcome, group_info, server_signature, added, removed, targets, created_at)
       values ($1, $2, 'commit', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
      [
        room,
        pos,
        generation,
        epoch,
        hash,
        what.author,
        commit,
        what.bundle?.welcome ?? null,
        added.length > 0 ? what.groupInfo : null,
        signature,
        added,
        removed,
        targets,
        Date.now(),
      ],
    );
    return { room, pos, generation, epoch, signature, author: what.author, added, removed, targets };
  }
}

/** What still waited for a device that goes is dropped in the same transaction, and so is what nobody else waits for any more (delivery.md D3). */
export async function endClaims(inside: Queryable, room: RoomId, devices: DeviceId[]): Promise<void> {
  if (devices.length === 0) return;
  await inside.run('delete from relay_cursor where room = $1 and device = any($2::uuid[])', [room, devices]);
  const touched = await inside.rows<{ pos: number }>(
    `with freed as (update room_log set targets = array(select t from unnest(targets) t where t <> all($2::uuid[]))
       where room = $1 and targets && $2::uuid[] returning pos) select pos from freed`,
    [room, devices],
  );
  await dropAcknowledged(
    inside,
    touched.map(({ pos }) => ({ room, pos })),
  );
}

/** A row goes when none of its devices still waits for it. */
export async function dropAcknowledged(inside: Queryable, items: { room: RoomId; pos: number }[]): Promise<void> {
  await inside.run(
    `delete from room_log l using (select distinct room, pos from unnest($1::uuid[], $2::bigint[]) as d(room, pos)) d
     where l.room = d.room and l.pos = d.pos and not exists (select 1 from unnest(l.targets) as t(device)
       where not exists (select 1 from relay_cursor c where c.room = l.room and c.device = t.device and (c.pos >= l.pos or l.pos = any(c.beyond))))`,
    [items.map(({ room }) => room), items.map(({ pos }) => pos)],
  );
}

function requireCurrent(group: { generation: number; epoch: number }, expected: { generation: number; epoch: number }): void {
  if (group.generation === expected.generation && group.epoch === expected.epoch) return;
  throw new ConclaveError('stale-epoch', `the group is at epoch ${group.epoch} now: follow it and try again`);
}

/** Public MLS data that does not hold together is the sender's mistake. */
async function wired<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    if (error.code === 'wrong-epoch')
      throw new ConclaveError('stale-epoch', 'this was made at another epoch: follow the group and try again');
    throw new ConclaveError('bad-commit', `${error.code}: ${error.message}`);
  }
}
