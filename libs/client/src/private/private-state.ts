import type { DeviceId } from '../../../protocol/src/index.ts';
import type { RoomContext } from '../room/context.ts';
import type { Leaf, Roster } from '../sealing/sealer.ts';
import type { PrivateMessage } from './messages.ts';
import type { PrivateRow, PrivateRows } from './private-row.ts';

/** The others of the conversation, as far as this device reaches them. */
export type Reach = {
  tell: (device: DeviceId, message: PrivateMessage) => boolean;
  /** Devices of the conversation with an open direct link. */
  open: () => DeviceId[];
};

/** Where this device stands in a private conversation, and how it reaches the others: what all parts of its group work on. */
export class PrivateState {
  #roster: Roster | null = null;

  constructor(
    readonly ctx: RoomContext,
    readonly row: PrivateRow,
    readonly rows: PrivateRows,
    private readonly reach: Reach,
  ) {}

  /** As the group has it, with those who have gone but are not removed yet. */
  get roster(): Roster | null {
    return this.#roster;
  }

  /** Without those who have gone: nothing is sealed for them any more, even before the keys change. */
  get present(): Roster | null {
    const gone = new Set(this.row.departed.map(({ device }) => device));
    return this.#roster && { ...this.#roster, leaves: this.#roster.leaves.filter(({ device }) => !gone.has(device)) };
  }

  /** This device orders the commits. */
  get sequencing(): boolean {
    return this.row.sequencer === this.ctx.me.device;
  }

  /** Leaves that have gone, but are in the group still. */
  get toRemove(): DeviceId[] {
    return this.row.departed.map(({ device }) => device).filter((device) => this.leaf(device));
  }

  async load(): Promise<void> {
    this.#roster = await this.ctx.sealer.roster(this.row.id);
  }

  /** Whatever is promised or acknowledged is saved before anybody hears of it. */
  save(): Promise<void> {
    return this.rows.save(this.row);
  }

  leaf(device: DeviceId): Leaf | undefined {
    return this.#roster?.leaves.find((leaf) => leaf.device === device);
  }

  open(): DeviceId[] {
    return this.reach.open();
  }

  tell(device: DeviceId, message: PrivateMessage): void {
    this.reach.tell(device, message);
  }

  tellAll(message: PrivateMessage): void {
    for (const device of this.open()) this.tell(device, message);
  }
}
