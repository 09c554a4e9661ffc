import { encodeParts, fromBase64url, Ordered, type DeviceId, type GroupStatus } from '../../../protocol/src/index.ts';
import type { Bundle, CommitOptions, EpochChange, Roster } from '../sealing/sealer.ts';
import type { CommitLog } from './commit-log.ts';
import type { RoomContext } from './context.ts';

/** Members take turns at commits: the first by rank at once, the last after this. */
const turnsMs = 500;

export type CommittingHooks = {
  /** The server ordered a step of this device. */
  moved: (change: EpochChange) => Promise<void>;
  /** Devices in the group that are connected now, oneself included. */
  online: () => DeviceId[];
  /** Words wait for a Remove to be committed: no time for politeness. */
  urgent: () => boolean;
};

/** This device's own steps: made by the sealer, ordered by the server, kept for others; and whose turn it is to make one. */
export class Committing {
  #turn: { status: GroupStatus; at: number } | null = null;

  constructor(
    private readonly ctx: RoomContext,
    private readonly log: CommitLog,
    private readonly hooks: CommittingHooks,
  ) {}

  /** By rank among the devices that are there, ms from now; whoever has something to say does not wait. */
  turnIn(status: GroupStatus): number {
    if (this.#turn?.status !== status) this.#turn = { status, at: Date.now() + this.#wait(status) };
    return this.hooks.urgent() ? 0 : this.#turn.at - Date.now();
  }

  async commit({ generation, epoch }: Roster, packages: Uint8Array[], options: CommitOptions = {}): Promise<void> {
    await this.submit(await this.ctx.sealer.commit(this.ctx.room, packages, options), generation, epoch);
  }

  submit({ commit, welcome, groupInfo }: Bundle, generation: number, epoch: number): Promise<void> {
    const path = `/api/rooms/${this.ctx.room}/commits?${new URLSearchParams({ generation: String(generation), epoch: String(epoch) })}`;
    return this.order(path, encodeParts([commit, welcome, groupInfo]), commit);
  }

  async order(path: string, bytes: Uint8Array, commit: Uint8Array | null = null): Promise<void> {
    const { rest, sealer, room } = this.ctx;
    const ordered = await rest.as('POST', path, Ordered, { bytes });
    const change = await sealer.confirm(room, ordered.generation, ordered.epoch);
    if (change && commit) await this.log.keep(change.generation, change.epoch, commit, fromBase64url(ordered.signature));
    if (change) await this.hooks.moved(change);
  }

  #wait({ removing, epoch }: GroupStatus): number {
    const leaving = new Set(removing.map(({ device }) => device));
    const order = this.hooks.online().filter((other) => !leaving.has(other));
    const rank = Math.max(0, order.sort().indexOf(this.ctx.me.device));
    return (((rank + epoch) % Math.max(1, order.length)) / Math.max(1, order.length)) * turnsMs;
  }
}
