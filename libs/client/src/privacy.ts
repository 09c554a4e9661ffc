import type { RoomId } from '../../protocol/src/index.ts';
import { MutableCell } from './cell.ts';
import { relayedOnly } from './mesh/hidden-address.ts';
import type { Store } from './storage/store.ts';
import type { PrivacyView } from './views/privacy.ts';

type PrivacyRow = { everywhere: boolean; rooms: RoomId[]; tellsRead?: boolean };

/** To whom this device shows its address (MESH10), and whether it says what was read: kept on this device, since it is about this device. */
export class Privacy {
  readonly view = new MutableCell<PrivacyView>({ everywhere: false, rooms: new Set(), tellsRead: true });

  constructor(private readonly store: Store) {}

  async load(): Promise<void> {
    const row = await this.store.get<PrivacyRow>('meta', 'privacy');
    if (row) this.view.set({ everywhere: row.everywhere, rooms: new Set(row.rooms), tellsRead: row.tellsRead ?? true });
  }

  /** `room`: null for everywhere. Resolves when it is kept. */
  async hide(room: RoomId | null, on: boolean): Promise<void> {
    const { everywhere, rooms } = this.view.value;
    const others = [...rooms].filter((id) => id !== room);
    const next = room === null ? { everywhere: on, rooms: [...rooms] } : { everywhere, rooms: on ? [...others, room] : others };
    await this.#keep({ ...next, tellsRead: this.view.value.tellsRead });
  }

  /** Whether others are told what was read here (MSG2). Resolves when it is kept. */
  async tellRead(tellsRead: boolean): Promise<void> {
    const { everywhere, rooms } = this.view.value;
    await this.#keep({ everywhere, rooms: [...rooms], tellsRead });
  }

  async #keep({ everywhere, rooms, tellsRead }: Required<PrivacyRow>): Promise<void> {
    await this.store.write([{ table: 'meta', key: 'privacy', value: { everywhere, rooms, tellsRead } }]);
    this.view.set({ everywhere, rooms: new Set(rooms), tellsRead });
  }

  /**
   * How to connect to somebody with whom these rooms are shared: hidden when all of them hide, since any other has shown the address
   * already. With nobody in particular (empty), one room that hides is enough. Null: not at all.
   */
  configure(shared: readonly RoomId[], configuration: RTCConfiguration): RTCConfiguration | null {
    const { everywhere, rooms } = this.view.value;
    const hidden = everywhere || (shared.length > 0 ? shared.every((room) => rooms.has(room)) : rooms.size > 0);
    return hidden ? relayedOnly(configuration) : configuration;
  }
}
