import type { Entry, RoomId, UserId } from '../../../protocol/src/index.ts';
import { readKeyPackage, readPrivateHeader, WireError } from '../../../mls-wire/src/index.ts';
import { Serial } from '../serial.ts';
import { StoreError, type Store, type Table, type Write } from '../storage/store.ts';
import { identityOf, loadOwnKeys, makeOwnKeys, OWN, signWith, type OwnKeys } from './identity.ts';
import { makeKeyPackages } from './key-package-store.ts';
import { makeAnswer, makeRequest, readAnswer, type LinkRequest } from './linking.ts';
import { makeExternalJoin, makeFounding, makeMemberCommit, withOwnRemoves } from './making.ts';
import { keysFromBackup, sealAccountKeys } from './recovery.ts';
import { RoomGroup } from './room-group.ts';
import {
  SealError,
  type Bundle,
  type CommitOptions,
  type EpochChange,
  type Identity,
  type Opened,
  type Owner,
  type Roster,
  type Sealed,
  type Sealer,
} from './sealer.ts';
import { meaning } from './seal-errors.ts';
import { readWelcome } from './welcome.ts';

/** Groups held in memory; the least recently used one is read from the store again. */
const HELD = 64;
const LINKING = 'linking';

type Room = { serial: Serial; group: RoomGroup | null; busy: number };

/** Sealer over ts-mls. One per store: it holds key state in memory and relies on being the only one that moves it (delivery.md D10). */
export class MlsSealer implements Sealer {
  readonly #store: Store;
  readonly #rooms = new Map<RoomId, Room>();
  readonly #device = new Serial();
  #own: OwnKeys | null | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  identity(): Promise<Identity | null> {
    return this.#ofDevice(async () => {
      const own = await this.#keys();
      return own && identityOf(own);
    });
  }

  enroll(user: UserId): Promise<Identity> {
    return this.#ofDevice(async () => this.#become(await makeOwnKeys(user)));
  }

  async sign(bytes: Uint8Array): Promise<Uint8Array> {
    const { devicePrivate } = await this.#mustBe();
    return signWith(devicePrivate, bytes);
  }

  answerLink(code: string, request: Uint8Array): Promise<Uint8Array> {
    return this.#ofDevice(async () => makeAnswer(code, request, await this.#mustBe()));
  }

  requestLink(code: string, user: UserId): Promise<Uint8Array> {
    return this.#ofDevice(async () => {
      const { bytes, request } = await makeRequest(code, user);
      await this.#store.write([{ table: 'identity', key: LINKING, value: request }]);
      return bytes;
    });
  }

  acceptLink(code: string, answer: Uint8Array): Promise<Identity> {
    return this.#ofDevice(async () => {
      const request = await this.#store.get<LinkRequest>('identity', LINKING);
      if (request === undefined) throw new SealError('bad-link', 'this device has not asked to be linked');
      return this.#become(await readAnswer(code, answer, request));
    });
  }

  async backUp(key: Uint8Array): Promise<Uint8Array> {
    return sealAccountKeys(await this.#mustBe(), key);
  }

  recover(user: UserId, key: Uint8Array, sealed: Uint8Array): Promise<Identity> {
    return this.#ofDevice(async () => this.#become(await keysFromBackup(user, key, sealed)));
  }

  keyPackages(count: number, lastResort: boolean): Promise<{ packages: Uint8Array[]; lastResort?: Uint8Array }> {
    return this.#ofDevice(async () => makeKeyPackages(this.#store, await this.#mustBe(), count, lastResort));
  }

  async ownerOf(keyPackage: Uint8Array): Promise<Owner> {
    const read = await meaning('invalid-commit', 'a key package is not valid', () => readKeyPackage(keyPackage));
    return { user: read.user, device: read.device, deviceKey: read.deviceKey.slice(), accountKey: read.accountKey.slice() };
  }

  found(room: RoomId, generation: number, serverKey: Uint8Array, entry: Entry): Promise<{ groupInfo: Uint8Array }> {
    return this.#inRoom(room, async (group, own) => {
      const pending = await makeFounding(own, room, generation, serverKey, entry);
      await group.keep(pending);
      return { groupInfo: pending.bundle.groupInfo };
    });
  }

  joinByCommit(room: RoomId, groupInfo: Uint8Array, admission: Uint8Array, serverKey: Uint8Array, resync: boolean): Promise<Bundle> {
    return this.#inRoom(room, async (group, own) => {
      const pending = await makeExternalJoin(own, room, groupInfo, admission, serverKey, resync);
      await group.keep(pending);
      return pending.bundle;
    });
  }

  joinByWelcome(room: RoomId, welcome: Uint8Array, groupInfo: Uint8Array, serverKey: Uint8Array, after?: number): Promise<EpochChange> {
    return this.#inRoom(room, async (group, own) => {
      const joining = await readWelcome(
        { store: this.#store, own, room, before: await group.group(), after, passwords: group.passwords },
        welcome,
        groupInfo,
        serverKey,
      );
      if (joining.step !== null) await group.take(joining.step, joining.used);
      return joining.change;
    });
  }

  /** What is pending already is given again, byte for byte: it may have been ordered, and only its maker can follow it. */
  commit(room: RoomId, keyPackages: Uint8Array[], { removing = [], password }: CommitOptions = {}): Promise<Bundle> {
    return this.#inRoom(room, async (group, own) => {
      const current = await withOwnRemoves(await group.mustHave(), own, removing);
      const before = await group.pending();
      if (before?.kind === 'commit') return before.bundle;
      const pending = await makeMemberCommit(own, current, keyPackages, await group.pskFor(keyPackages.length > 0, password));
      await group.keep(pending);
      return pending.bundle;
    });
  }

  confirm(room: RoomId, generation: number, epoch: number): Promise<EpochChange | null> {
    return this.#inRoom(room, (group) => group.confirm(generation, epoch));
  }

  discard(room: RoomId): Promise<void> {
    return this.#inRoom(room, (group) => group.discard());
  }

  apply(room: RoomId, commit: Uint8Array, serverSignature: Uint8Array): Promise<EpochChange | null> {
    return this.#inRoom(room, (group) => group.apply(commit, serverSignature));
  }

  preview(room: RoomId, commit: Uint8Array): Promise<Pick<EpochChange, 'added' | 'removed'>> {
    return this.#inRoom(room, (group) => group.preview(commit));
  }

  propose(room: RoomId, proposals: Uint8Array[]): Promise<void> {
    return this.#inRoom(room, (group) => group.propose(proposals));
  }

  seal(room: RoomId, content: Uint8Array, authenticated: Uint8Array): Promise<Sealed> {
    return this.#inRoom(room, (group) => group.seal(content, authenticated));
  }

  open(room: RoomId, ciphertext: Uint8Array): Promise<Opened> {
    return this.#inRoom(room, (group) => group.open(ciphertext));
  }

  async authenticatedIn(ciphertext: Uint8Array): Promise<Uint8Array | null> {
    try {
      return readPrivateHeader(ciphertext).authenticated.slice();
    } catch (error) {
      if (error instanceof WireError) return null;
      throw error;
    }
  }

  setPassword(room: RoomId, version: number, psk: Uint8Array): Promise<void> {
    return this.#inRoom(room, ({ passwords }) => passwords.set(version, psk));
  }

  passwordVersion(room: RoomId): Promise<number> {
    return this.#inRoom(room, ({ passwords }) => passwords.newest());
  }

  forgetPasswords(room: RoomId): Promise<void> {
    return this.#inRoom(room, ({ passwords }) => passwords.forget());
  }

  roster(room: RoomId): Promise<Roster | null> {
    return this.#inRoom(room, (group) => group.roster());
  }

  forget(room: RoomId): Promise<void> {
    return this.#inRoom(room, (group) => group.forget());
  }

  /** One call of a room after the other; a room that fails does not hold up the next call, nor another room. */
  #inRoom<T>(room: RoomId, task: (group: RoomGroup, own: OwnKeys) => Promise<T>): Promise<T> {
    const held = this.#hold(room);
    held.busy++;
    return held.serial.run(async () => {
      try {
        const own = await this.#mustBe();
        held.group ??= new RoomGroup(this.#store, room, own);
        return await task(held.group, own);
      } catch (error) {
        throw asFenced(error);
      } finally {
        held.busy--;
      }
    });
  }

  #hold(room: RoomId): Room {
    const held = this.#rooms.get(room) ?? { serial: new Serial(), group: null, busy: 0 };
    this.#rooms.delete(room);
    this.#rooms.set(room, held);
    for (const [other, { busy }] of this.#rooms) {
      if (this.#rooms.size <= HELD) break;
      if (busy === 0 && other !== room) this.#rooms.delete(other);
    }
    return held;
  }

  #ofDevice<T>(task: () => Promise<T>): Promise<T> {
    return this.#device.run(async () => {
      try {
        return await task();
      } catch (error) {
        throw asFenced(error);
      }
    });
  }

  async #keys(): Promise<OwnKeys | null> {
    return (this.#own ??= await loadOwnKeys(this.#store));
  }

  async #mustBe(): Promise<OwnKeys> {
    const own = await this.#keys();
    if (own === null) throw new SealError('no-group', 'this device has no keys yet');
    return own;
  }

  /** New keys: groups of the old ones are of no use any more. */
  async #become(own: OwnKeys): Promise<Identity> {
    await Promise.all([...this.#rooms.values()].map(({ serial }) => serial.idle()));
    const forgotten: Table[] = ['groups', 'epochs', 'keyPackages'];
    const writes: Write[] = [{ table: 'identity', key: LINKING, value: undefined }];
    for (const table of forgotten)
      for (const { key } of await this.#store.range(table, { prefix: '' })) writes.push({ table, key, value: undefined });
    await this.#store.write([...writes, { table: 'identity', key: OWN, value: own }]);
    this.#rooms.clear();
    this.#own = own;
    return identityOf(own);
  }
}

function asFenced(error: unknown): unknown {
  if (error instanceof StoreError && error.code === 'fenced') return new SealError('fenced', error.message, { cause: error });
  return error;
}
