import { pskIdOf, type RoomId } from '../../../protocol/src/index.ts';
import type { Store } from '../storage/store.ts';
import { SealError } from './sealer.ts';

/** Versions of a room's password that are kept: commits on their way may rest on one gone by. */
const KEPT = 4;
const LENGTH = 32;

const prefix = (room: RoomId) => `password/${room}/`;
const key = (room: RoomId, version: number) => prefix(room) + version.toString(16).padStart(8, '0');
const versionOf = (row: string) => Number.parseInt(row.slice(-8), 16);

/** A pre-shared key as a commit or a Welcome names it (pskIdOf), with what is in it. */
export type RoomPsk = { id: Uint8Array; psk: Uint8Array };

/** What this device holds of rooms' passwords: the half that no server has. They outlive the group, so that one can come back into it. */
export class RoomPasswords {
  constructor(
    private readonly store: Store,
    private readonly room: RoomId,
  ) {}

  async set(version: number, psk: Uint8Array): Promise<void> {
    if (!Number.isInteger(version) || version < 1 || version > 0xffffffff || psk.length !== LENGTH)
      throw new RangeError('a version from 1, and a key of 32 bytes');
    const old = (await this.#versions()).filter((other) => other !== version);
    const gone = [...old, version].sort((a, b) => b - a).slice(KEPT);
    await this.store.write([
      { table: 'meta', key: key(this.room, version), value: psk.slice() },
      ...gone.map((other) => ({ table: 'meta', key: key(this.room, other), value: undefined }) as const),
    ]);
  }

  /** The highest version held, 0 with none. */
  async newest(): Promise<number> {
    return Math.max(0, ...(await this.#versions()));
  }

  /** Throws SealError `password-needed`. */
  async of(version: number): Promise<RoomPsk> {
    const psk = await this.store.get<Uint8Array>('meta', key(this.room, version));
    if (psk === undefined) throw new SealError('password-needed', 'this device does not hold the room’s password');
    return { id: pskIdOf(this.room, version), psk };
  }

  /**
   * By the id in a commit or Welcome whose form was checked. Throws SealError `password-needed`; `overdue` where a newer one is held: nobody
   * remembers the old one, and this device comes in again by the new one.
   */
  async named(id: Uint8Array, overdue: 'invalid-commit' | 'bad-welcome'): Promise<RoomPsk> {
    const version = new DataView(id.buffer, id.byteOffset).getUint32(16);
    const psk = await this.store.get<Uint8Array>('meta', key(this.room, version));
    if (psk !== undefined) return { id, psk };
    if ((await this.newest()) > version) throw new SealError(overdue, 'it rests on a password of the room that is gone by');
    throw new SealError('password-needed', 'it rests on a password of the room that this device does not hold');
  }

  async forget(): Promise<void> {
    await this.store.write((await this.#versions()).map((version) => ({ table: 'meta', key: key(this.room, version), value: undefined })));
  }

  async #versions(): Promise<number[]> {
    return (await this.store.range('meta', { prefix: prefix(this.room) })).map((row) => versionOf(row.key));
  }
}
