import {
  admissionStatement,
  encodeAdmission,
  orderedStatement,
  uuidToBytes,
  type DeviceId,
  type Entry,
  type RoomId,
} from '../../../protocol/src/index.ts';
import {
  applyCommit,
  foundPublicGroup,
  leavesOf,
  makeRemoveProposal,
  type AppliedCommit,
  type PublicGroup,
} from '../../../mls-wire/src/index.ts';
import { sha256 } from './digest.ts';
import { makeKeyPair, signWith, type KeyPair } from './identity.ts';
import type { Bundle, Identity } from './sealer.ts';

/** For stories of a server that lies, which stand beside the room. */
export { leavesOf, openGroupInfo, WireError } from '../../../mls-wire/src/index.ts';

export type Ordered = { epoch: number; bundle: Bundle; signature: Uint8Array; applied: AppliedCommit };

/** What the server's `groups` does for one room, in memory and for tests: checks by mls-wire, order, signatures. Not a server. */
export class TestServer {
  readonly room: RoomId;
  readonly log: Ordered[] = [];
  #group: PublicGroup | null = null;
  #groupInfo: Uint8Array = new Uint8Array();

  private constructor(
    readonly keys: KeyPair,
    room: RoomId,
    readonly entry: Entry,
  ) {
    this.room = room;
  }

  static async start(room: RoomId = crypto.randomUUID(), entry: Entry = { by: 'open' }): Promise<TestServer> {
    return new TestServer(await makeKeyPair(), room, entry);
  }

  /** Another one with the same keys and the same past: what a server is that tells two stories. */
  fork(): TestServer {
    const other = new TestServer(this.keys, this.room, this.entry);
    other.#group = this.#group;
    other.#groupInfo = this.#groupInfo;
    other.log.push(...this.log);
    return other;
  }

  get serverKey(): Uint8Array {
    return this.keys.publicKey;
  }

  get group(): PublicGroup {
    if (this.#group === null) throw new Error('no group yet');
    return this.#group;
  }

  get groupInfo(): Uint8Array {
    return this.#groupInfo;
  }

  async found(groupInfo: Uint8Array, generation = 0): Promise<void> {
    this.#group = await foundPublicGroup(groupInfo, { room: this.room, generation, serverKey: this.serverKey, entry: this.entry });
    this.#groupInfo = groupInfo;
  }

  /** Checks and orders a bundle. Throws WireError. */
  async order(bundle: Bundle): Promise<Ordered> {
    const applied = await applyCommit(this.group, bundle.commit, bundle.groupInfo);
    const epoch = applied.group.epoch;
    const ordered = { epoch, bundle, signature: await this.signOrder(bundle.commit, epoch), applied };
    this.#group = applied.group;
    this.#groupInfo = bundle.groupInfo;
    this.log.push(ordered);
    return ordered;
  }

  async signOrder(commit: Uint8Array, epoch: number): Promise<Uint8Array> {
    return signWith(this.keys.privateKey, orderedStatement(this.group.internal.groupContext.groupId, epoch, await sha256(commit)));
  }

  async admit({ user, accountKey, deviceKey }: Identity, room: RoomId = this.room): Promise<Uint8Array> {
    const admission = {
      room,
      user,
      accountKey,
      deviceKey,
      groupInfoHash: await sha256(this.#groupInfo),
      expiresAt: Date.now() + 60_000,
      nonce: uuidToBytes(crypto.randomUUID()),
    };
    return encodeAdmission({ ...admission, signature: await signWith(this.keys.privateKey, admissionStatement(admission)) });
  }

  async removal(device: DeviceId): Promise<Uint8Array> {
    const leaf = (await leavesOf(this.group)).find((one) => one.device === device);
    if (leaf === undefined) throw new Error('not in the group');
    return makeRemoveProposal(this.group, leaf.leaf, this.keys);
  }
}
