import type { DeviceId } from '../../../protocol/src/index.ts';
import { sha256 } from '../room/statement.ts';
import { SealError, type EpochChange } from '../sealing/sealer.ts';
import { ackStatement, hasMajority } from './mandate.ts';
import type { Mandate, Told } from './messages.ts';
import type { OrderedCommit } from './private-row.ts';
import type { PrivateState } from './private-state.ts';

export type FollowingHooks = {
  /** The group moved on. */
  moved: (change: EpochChange) => Promise<void>;
  /** Somebody is there to hear of what waits: look what has to be done. */
  look: () => void;
};

/** Staying with the others: compare where each stands on contact, and take what a majority has, in order of epochs, and pass it on. */
export class Following {
  constructor(
    private readonly state: PrivateState,
    private readonly hooks: FollowingHooks,
  ) {}

  /** A link to this member has opened: compare where we stand. */
  greet(device: DeviceId): void {
    const { ctx, row, roster } = this.state;
    const { id, generation, talking } = row;
    if (!talking) return;
    if (roster) this.state.tell(device, { type: 'head', id, generation, epoch: roster.epoch, now: ctx.clock.now() });
    for (const gone of row.departed) this.state.tell(device, { type: 'leaving', id, generation, ...gone });
    this.hooks.look();
  }

  /** Who is behind is brought up to date; who is of an earlier generation is told why there is a later one. */
  async compare(from: DeviceId, { id, generation, epoch, now }: Told<'head'>): Promise<void> {
    const { ctx, row, rows } = this.state;
    ctx.clock.compare(from, now);
    if (!this.state.roster || generation > row.generation) return;
    for (const { epoch: made, ordered } of await rows.since(id, generation, epoch))
      this.state.tell(from, { type: 'commit', id, generation, epoch: made, ...ordered });
    if (generation < row.generation) this.state.tell(from, { type: 'moved', id, generation: row.generation, ...row.mandate });
  }

  async committed(from: DeviceId, message: Told<'commit'>): Promise<void> {
    const { generation, epoch, commit, signature, votes, departures } = message;
    const { row, roster } = this.state;
    if (!roster || generation !== row.generation || epoch <= roster.epoch) return;
    if (epoch > roster.epoch + 1) return this.greet(from); // it answers with what is missing
    const mandate = { votes, departures };
    if (await this.agreed(epoch, await sha256(commit), mandate)) await this.take(epoch, { commit, signature, ...mandate });
  }

  /** A majority has this commit for that epoch. */
  agreed(epoch: number, hash: Uint8Array, mandate: Mandate): Promise<boolean> {
    const { id, generation } = this.state.row;
    return hasMajority(this.state.roster?.leaves ?? [], mandate, {
      id,
      generation,
      said: ackStatement(id, generation, epoch, hash),
      neutral: ({ acked }) => acked < epoch,
    });
  }

  /** Only what is `agreed`. False when it could not be applied, and so was not passed on. */
  async take(epoch: number, ordered: OrderedCommit): Promise<boolean> {
    if (!(await this.#apply(epoch, ordered))) return false;
    const { id, generation } = this.state.row;
    this.state.tellAll({ type: 'commit', id, generation, epoch, ...ordered });
    return true;
  }

  async #apply(epoch: number, { commit, signature, ...mandate }: OrderedCommit): Promise<boolean> {
    const { ctx, row, rows } = this.state;
    const { id, generation } = row;
    let change;
    try {
      change = await ctx.sealer.apply(id, commit, signature);
    } catch (error) {
      if (!(error instanceof SealError) || error.code === 'fenced') throw error;
      await ctx.sealer.discard(id);
      return false; // it breaks the rules that all members keep: nobody else applies it either
    }
    if (!change) return false;
    await rows.keep(id, generation, epoch, { commit, signature, ...mandate });
    await this.hooks.moved(change);
    return true;
  }
}
