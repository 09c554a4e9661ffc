import { decodeMlsMessage } from 'ts-mls/message.js';
import { zeroOutUint8Array } from 'ts-mls/util/byteArray.js';
import type { RoomId } from '../../../protocol/src/index.ts';
import { contextHashOf, leavesOf, readRemoveProposal, WireError, type PublicGroup } from '../../../mls-wire/src/index.ts';
import type { Store, Write } from '../storage/store.ts';
import { advance, forgetWrites, sealedSinceUpdate, type Step } from './advance.ts';
import { sha256 } from './digest.ts';
import { sameBytes } from '../same-bytes.ts';
import { checkOrdered, derive, follow, goneBy, plainLeaf } from './follow.ts';
import { groupWrite, loadGroup, type Group } from './group-state.ts';
import type { OwnKeys } from './identity.ts';
import { publicOf } from './mls/member.ts';
import { loadPending, noPending, pendingWrite, type Pending } from './pending.ts';
import { RoomPasswords, type RoomPsk } from './room-passwords.ts';
import { openFrom, sealIn } from './room-messages.ts';
import { SealError, type EpochChange, type Leaf, type Opened, type Roster, type Sealed } from './sealer.ts';
import { meaning } from './seal-errors.ts';

/**
 * One room's group on this device. Its methods must be called one after the other (MlsSealer sees to it): each stores before it answers,
 * and holds the new state only once it is stored.
 */
export class RoomGroup {
  readonly passwords: RoomPasswords;
  #group: Group | null | undefined;

  constructor(
    private readonly store: Store,
    private readonly room: RoomId,
    private readonly own: OwnKeys,
  ) {
    this.passwords = new RoomPasswords(store, room);
  }

  async group(): Promise<Group | null> {
    this.#group ??= await loadGroup(this.store, this.room);
    return this.#group;
  }

  async mustHave(): Promise<Group> {
    const group = await this.group();
    if (group === null) throw new SealError('no-group', 'this device is not in the room’s group');
    return group;
  }

  async publicGroup(): Promise<PublicGroup> {
    const { member, serverKey } = await this.mustHave();
    return publicOf(member, serverKey);
  }

  pending(): Promise<Pending | null> {
    return loadPending(this.store, this.room);
  }

  /** What a commit rests on, in a room with a password: always with Adds, by itself where `version` says so. Throws SealError `password-needed`. */
  async pskFor(adds: boolean, version?: number): Promise<RoomPsk | null> {
    const { entry } = await this.publicGroup();
    if (entry.by !== 'password' || (!adds && version === undefined)) return null;
    return this.passwords.of(version ?? (await this.passwords.newest()));
  }

  /** Keeps what was made until the server has spoken; replaces what was pending before. */
  keep(pending: Pending): Promise<void> {
    return this.#write([pendingWrite(this.room, pending)]);
  }

  async discard(): Promise<void> {
    await this.#write([noPending(this.room)]);
  }

  async confirm(generation: number, epoch: number): Promise<EpochChange | null> {
    const pending = await this.pending();
    if (pending === null || pending.step.generation !== generation || pending.step.epoch !== epoch) return null;
    return this.#confirm(pending);
  }

  async #confirm({ step, added, removed }: Pending): Promise<EpochChange> {
    const { generation, epoch } = step;
    await this.take(step);
    return { generation, epoch, added, removed, removedSelf: false };
  }

  /** The step becomes the current state; whatever was pending is void. `also` is written with it. */
  async take(step: Step, also: Write[] = []): Promise<void> {
    const before = await this.group();
    const { group, writes } = await advance(this.store, this.room, before, step);
    await this.#write([...writes, noPending(this.room), ...also], group);
    if (before !== null) zeroOutUint8Array(before.member.schedule.initSecret);
    step.next.consumed.forEach(zeroOutUint8Array);
  }

  async apply(commit: Uint8Array, serverSignature: Uint8Array): Promise<EpochChange | null> {
    const hash = await sha256(commit);
    const pending = await this.pending();
    const group = await this.mustHave();
    const epoch = commitEpoch(group, commit);
    if (epoch < group.epoch) return null;
    if (epoch > group.epoch) throw new SealError('future-epoch', 'commits are applied in order');
    await checkOrdered(group, hash, serverSignature);
    if (pending !== null && sameBytes(pending.hash, hash)) return this.#confirm(pending);
    const applied = await follow(group, commit);
    const change = { added: applied.added.map(plainLeaf), removed: applied.removed.map(plainLeaf) };
    const made = { generation: group.generation, epoch: group.epoch + 1, ...change };
    if (change.removed.some(({ leaf }) => leaf === group.member.path.leafIndex)) {
      await this.forget();
      return { ...made, removedSelf: true };
    }
    const psks = await Promise.all(applied.psks.map((id) => this.passwords.named(id, 'invalid-commit')));
    const next = await derive(group, commit, applied, this.own.devicePrivate, psks);
    await this.take({ ...made, next, serverKey: group.serverKey, gone: goneBy(change), ownUpdate: false });
    return { ...made, removedSelf: false };
  }

  async preview(commit: Uint8Array): Promise<Pick<EpochChange, 'added' | 'removed'>> {
    const { added, removed } = await follow(await this.mustHave(), commit);
    return { added: added.map(plainLeaf), removed: removed.map(plainLeaf) };
  }

  async propose(proposals: Uint8Array[]): Promise<void> {
    const group = await this.mustHave();
    const known = await this.publicGroup();
    const removing = new Map(group.removing.map((one) => [one.leaf, one]));
    for (const proposal of proposals) {
      const leaf = await removedBy(known, proposal);
      if (leaf !== null && !removing.has(leaf)) removing.set(leaf, { leaf, proposal: proposal.slice() });
    }
    if (removing.size === group.removing.length) return;
    const next = { ...group, removing: [...removing.values()] };
    await this.#write([groupWrite(this.room, next)], next);
  }

  async seal(content: Uint8Array, authenticated: Uint8Array): Promise<Sealed> {
    const { sealed, group } = await this.#guarded(async () =>
      sealIn(this.store, this.room, await this.mustHave(), this.own, content, authenticated),
    );
    this.#group = group;
    return sealed;
  }

  async open(ciphertext: Uint8Array): Promise<Opened> {
    const { opened, group } = await this.#guarded(async () => openFrom(this.store, this.room, await this.mustHave(), this.own, ciphertext));
    this.#group = group;
    return opened;
  }

  async roster(): Promise<Roster | null> {
    const group = await this.group();
    if (group === null) return null;
    const known = await this.publicGroup();
    const leaves: Leaf[] = (await leavesOf(known)).map(plainLeaf);
    const gone = new Set(group.removing.map(({ leaf }) => leaf));
    return {
      generation: group.generation,
      epoch: group.epoch,
      entry: known.entry,
      leaves,
      removing: leaves.filter(({ leaf }) => gone.has(leaf)).map(({ device }) => device),
      authenticator: group.member.schedule.epochAuthenticator.slice(),
      context: await contextHashOf(known),
      sealedSinceUpdate: sealedSinceUpdate(group),
      updatedAt: group.updatedAt,
    };
  }

  async forget(): Promise<void> {
    await this.#write([...forgetWrites(this.room, await this.group()), noPending(this.room)], null);
  }

  async #write(writes: Write[], then: Group | null | undefined = this.#group): Promise<void> {
    await this.#guarded(() => this.store.write(writes));
    this.#group = then;
  }

  /** A write that failed may mean that another owner moved the keys: nothing in memory counts any more. */
  async #guarded<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof SealError)) this.#group = undefined;
      throw error;
    }
  }
}

/** The leaf that the server wants removed; null when the proposal is of an epoch gone by. */
async function removedBy(group: PublicGroup, proposal: Uint8Array): Promise<number | null> {
  try {
    return (await readRemoveProposal(group, proposal)).removed;
  } catch (error) {
    if (error instanceof WireError && error.code === 'wrong-epoch') return null;
    return meaning('invalid-commit', 'not a Remove of the server', () => Promise.reject(error as Error));
  }
}

function commitEpoch(group: Group, commit: Uint8Array): number {
  const decoded = readPublic(commit);
  if (!sameBytes(decoded.groupId, group.member.context.groupId)) throw new SealError('wrong-group', 'a commit of another group');
  return Number(decoded.epoch);
}

function readPublic(commit: Uint8Array): { groupId: Uint8Array; epoch: bigint } {
  try {
    const message = decodeMlsMessage(commit.slice(), 0)?.[0];
    if (message?.wireformat === 'mls_public_message') return message.publicMessage.content;
  } catch (error) {
    throw new SealError('invalid-commit', 'not a commit', { cause: error });
  }
  throw new SealError('invalid-commit', 'not a commit');
}
