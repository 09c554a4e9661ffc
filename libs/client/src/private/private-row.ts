import type { DeviceId, RoomId, UserId } from '../../../protocol/src/index.ts';
import type { Store } from '../storage/store.ts';
import type { Departure, Mandate } from './messages.ts';

/** What a device keeps of one private conversation, beside its MLS state and its words. */
export type PrivateRow = {
  id: RoomId;
  /** The room it branched from, in whose timeline it is shown. */
  room: RoomId;
  generation: number;
  /** Who orders commits in this generation: the external sender of its MLS group. */
  sequencer: DeviceId;
  /** Accounts that were there at the beginning: its audience, for the timeline. */
  people: UserId[];
  /** Devices that were there at the beginning and have not gone: no other is ever let in. */
  devices: DeviceId[];
  begunAt: number;
  /** This device takes part now, away from the server. */
  talking: boolean;
  /** Nothing of an earlier generation is acknowledged any more. */
  promised: number;
  /** The one commit this device acknowledged for the place after its epoch. The sequencer puts it to the others again after a reload. */
  acked: { generation: number; epoch: number; hash: string; commit?: Uint8Array } | null;
  /** Who has signed that they are gone, in this generation. */
  departed: Departure[];
  /** Why this generation may be: empty for the first. */
  mandate: Mandate;
};

/** A commit with everything that lets another member apply it. */
export type OrderedCommit = { commit: Uint8Array; signature: Uint8Array } & Mandate;

const prefix = 'private/';
const rowKey = (id: RoomId) => `${prefix}${id}`;
const commitKey = (id: RoomId, generation: number, epoch: number) =>
  `commit/${id}/${String(generation).padStart(6, '0')}/${String(epoch).padStart(10, '0')}`;
/** Commits kept for whoever missed some; one that missed more is added anew. */
const commitsKept = 256;

/** Where private conversations are kept: one row each, and the latest commits of each. */
export class PrivateRows {
  constructor(private readonly store: Store) {}

  async all(): Promise<PrivateRow[]> {
    return (await this.store.range<PrivateRow>('meta', { prefix })).map(({ value }) => value);
  }

  save(row: PrivateRow): Promise<void> {
    return this.store.write([{ table: 'meta', key: rowKey(row.id), value: row }]);
  }

  async remove(id: RoomId): Promise<void> {
    const commits = await this.store.range('meta', { prefix: `commit/${id}/` });
    const gone = [rowKey(id), ...commits.map(({ key }) => key)];
    await this.store.write(gone.map((key) => ({ table: 'meta', key, value: undefined })));
  }

  async keep(id: RoomId, generation: number, epoch: number, ordered: OrderedCommit): Promise<void> {
    await this.store.write([
      { table: 'meta', key: commitKey(id, generation, epoch), value: ordered },
      { table: 'meta', key: commitKey(id, generation, Math.max(0, epoch - commitsKept)), value: undefined },
    ]);
  }

  /** What brings a device from `after` on, in order, a handful at a time. */
  async since(id: RoomId, generation: number, after: number): Promise<{ epoch: number; ordered: OrderedCommit }[]> {
    const range = { prefix: `commit/${id}/${String(generation).padStart(6, '0')}/`, after: commitKey(id, generation, after), limit: 16 };
    const rows = await this.store.range<OrderedCommit>('meta', range);
    return rows.map(({ key, value }) => ({ epoch: Number(key.slice(-10)), ordered: value }));
  }
}
