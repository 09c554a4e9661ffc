import type { DeviceId, UserId } from '../../../libs/protocol/src/index.ts';

/** A leaf as the database remembers it: in the group from `fromEpoch` until before `toEpoch`. */
export type LeafRow = {
  leaf: number;
  device: DeviceId;
  account: UserId;
  accountKey: Uint8Array;
  fromEpoch: number;
  toEpoch: number | null;
  removing: boolean;
};

/** What is known of a room's group without a key. */
export class RoomGroup {
  constructor(
    readonly generation: number,
    /** -1 before the first group. */
    readonly epoch: number,
    /** Older envelopes are refused: they were sealed before a removal. */
    readonly acceptFrom: number,
    /** SHA-256 of the GroupContext; null before the first group, and for one of an older version's. */
    readonly context: Uint8Array | null,
    readonly leaves: readonly LeafRow[],
  ) {}

  get current(): LeafRow[] {
    return this.leaves.filter(({ toEpoch }) => toEpoch === null);
  }

  get removing(): LeafRow[] {
    return this.current.filter(({ removing }) => removing);
  }

  leafOf(device: DeviceId): LeafRow | undefined {
    return this.current.find((leaf) => leaf.device === device);
  }

  isLeafAt(device: DeviceId, epoch: number): boolean {
    return this.leaves.some((leaf) => leaf.device === device && leaf.fromEpoch <= epoch && (leaf.toEpoch === null || leaf.toEpoch > epoch));
  }
}
