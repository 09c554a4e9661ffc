import { deviceIdOf, type DeviceId, type HistoryEntry, type UserId } from '../../../protocol/src/index.ts';
import { sameBytes } from '../same-bytes.ts';
import type { Write } from '../storage/store.ts';
import type { RoomContext } from './context.ts';
import { keys, placeOf, type EntryRow } from './rows.ts';
import { checkMessage, RejectedMessage } from './statement.ts';

/** What became of one entry of an archive. `unproved`: stored, but nothing here says that the person it names holds that key. */
export type Taken = 'added' | 'known' | 'unproved' | 'refused';

/**
 * Entries of an archive that somebody chose to import (FIND4). A signature holds or it does not; whose key it is, only this device's own rooms can
 * say. Where they cannot, the entry is stored with a mark, and changes nothing that was said here: it moves no author's sequence, and what it does
 * to a message counts only on one that was imported from the same device.
 */
export class Imported {
  constructor(
    private readonly ctx: RoomContext,
    private readonly knownKey: (device: DeviceId) => { user: UserId; deviceKey: Uint8Array } | undefined,
    private readonly placed: (key: string, row: EntryRow, historic: true) => Promise<void>,
  ) {}

  /** True when this device knows the author's key, and the person it belongs to. Another key or person than it knows is a lie: null. */
  proves({ author, user, deviceKey }: HistoryEntry): boolean | null {
    const known = this.knownKey(author);
    if (!known) return false;
    return known.user === user && sameBytes(known.deviceKey, deviceKey) ? true : null;
  }

  async isKnown(mid: string): Promise<boolean> {
    return (await this.ctx.store.get('mids', keys.mid(this.ctx.room, mid))) !== undefined;
  }

  async take(entry: HistoryEntry): Promise<Taken> {
    const row = await this.#checked(entry);
    if (!row) return 'refused';
    if (await this.isKnown(row.mid)) return 'known';
    if ('target' in row.body && !(await this.#sameImport(row.body.target, row.device))) return 'refused';
    await this.#store(row);
    return 'unproved';
  }

  /**
   * What a member shows to who came later (E2E9): taken only when this device knows whose key it is. It moves no author's sequence either: what was
   * not said for who comes later is missing on purpose.
   */
  async shown(entry: HistoryEntry): Promise<void> {
    if (this.proves(entry) !== true) return;
    const row = await this.#checked(entry);
    if (!row || (await this.isKnown(row.mid))) return;
    const { importedKey, ...proved } = row;
    if (importedKey) await this.#store(proved);
  }

  async #store(row: EntryRow): Promise<void> {
    const place = placeOf(this.ctx, row);
    const writes: Write[] = [
      { ...place, value: row },
      { table: 'mids', key: keys.mid(this.ctx.room, row.mid), value: place },
    ];
    await this.ctx.store.write(writes);
    await this.placed(place.key, row, true);
  }

  async #checked({ author, user, deviceKey, message, generation, epoch }: HistoryEntry): Promise<EntryRow | null> {
    const { room, clock } = this.ctx;
    try {
      if ((await deviceIdOf(deviceKey)) !== author) return null;
      const { mid, statement } = await checkMessage(room, { device: author, deviceKey }, message, null);
      const { aseq, at, body, ttl } = statement;
      const { order, statement: bytes, signature } = message;
      return {
        mid, user, device: author, aseq, order, at, arrived: clock.now(), body, statement: bytes, signature, generation, epoch,
        ahead: false, to: null, importedKey: deviceKey, ...(ttl === undefined ? {} : { ttl }),
      }; // prettier-ignore
    } catch (error) {
      if (error instanceof RejectedMessage || error instanceof RangeError) return null;
      throw error;
    }
  }

  async #sameImport(target: string, device: DeviceId): Promise<boolean> {
    const place = await this.ctx.store.get<{ table: string; key: string }>('mids', keys.mid(this.ctx.room, target));
    const row = place?.table === 'messages' ? await this.ctx.store.get<EntryRow>('messages', place.key) : undefined;
    return row?.importedKey !== undefined && row.device === device;
  }
}
