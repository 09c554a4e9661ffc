import type { DeviceId } from '../../../protocol/src/index.ts';
import { SealError, type EpochChange } from '../sealing/sealer.ts';
import type { Ballots } from './ballots.ts';
import { foundPrivate, isOf } from './founding.ts';
import { hasMajority, voteStatement } from './mandate.ts';
import type { Mandate, Signed, Told } from './messages.ts';
import type { PrivateState } from './private-state.ts';

type Standing = { generation: number; votes: Signed[]; packages: Map<DeviceId, Uint8Array> };

/**
 * Another sequencer, once the one there was has gone: a majority promises itself to the next generation, whose group the one they vote for
 * founds with them; whoever was cut off meanwhile is told, and asks to be added.
 */
export class Election {
  #standing: Standing | null = null;
  #waited = 0;

  constructor(
    private readonly state: PrivateState,
    private readonly ballots: Ballots,
    /** The group moved on. */
    private readonly moved: (change: EpochChange) => Promise<void>,
  ) {}

  /** This device does not stand any more. */
  forget(): void {
    this.#standing = null;
  }

  /** The group goes on: who stands next waits for their turn from the start. */
  wentOn(): void {
    this.#waited = 0;
  }

  /** In turns, so that not everybody stands at once: the first by device id that is there. */
  async stand(): Promise<void> {
    const { ctx, row } = this.state;
    const { device } = ctx.me;
    const gone = new Set(row.departed.map((departure) => departure.device));
    const there = [...this.state.open(), device].filter((each) => !gone.has(each)).sort();
    if (this.#waited++ < 2 * there.indexOf(device)) return;
    const { id } = row;
    const generation = this.#standing?.generation ?? Math.max(row.generation, row.promised) + 1;
    if (!this.#standing) {
      row.promised = generation;
      await this.state.save();
      const signature = await ctx.sealer.sign(voteStatement(id, generation, device));
      this.#standing = { generation, votes: [{ device, signature }], packages: new Map() };
    }
    this.state.tellAll({ type: 'stand', id, generation });
    await this.#win();
  }

  /** A vote is a promise: it is given once for each generation, and never while the sequencer is at hand. */
  async asked(from: DeviceId, { id, generation }: Told<'stand'>): Promise<void> {
    const { ctx, row, sequencing } = this.state;
    const atHand = !row.departed.some(({ device }) => device === row.sequencer) && this.state.open().includes(row.sequencer);
    if (!this.state.leaf(from) || generation <= row.promised || generation <= row.generation || atHand || sequencing || !row.talking)
      return;
    row.promised = generation;
    this.#standing = null;
    await this.state.save();
    const signature = await ctx.sealer.sign(voteStatement(id, generation, from));
    const [keyPackage] = (await ctx.sealer.keyPackages(1, false)).packages;
    this.state.tell(from, { type: 'vote', id, generation, signature, keyPackage: keyPackage! });
  }

  async elected(from: DeviceId, { generation, signature, keyPackage }: Told<'vote'>): Promise<void> {
    const standing = this.#standing;
    if (generation === this.state.row.generation) return this.ballots.rejoin(from, { generation, keyPackage }); // a vote after the poll
    if (standing?.generation !== generation || !this.state.leaf(from) || standing.packages.has(from)) return;
    if (!(await isOf(this.state.ctx.sealer, from, keyPackage))) return;
    standing.votes.push({ device: from, signature });
    standing.packages.set(from, keyPackage);
    await this.#win();
  }

  /** The others have gone on under a later generation. */
  async overtaken(from: DeviceId, { id, generation }: Told<'moved'>): Promise<void> {
    const { ctx, row } = this.state;
    if (generation <= row.generation) return;
    const [keyPackage] = (await ctx.sealer.keyPackages(1, false)).packages;
    this.state.tell(from, { type: 'rejoin', id, generation, keyPackage: keyPackage! });
  }

  async welcomed(from: DeviceId, { id, generation, welcome, groupInfo, votes, departures }: Told<'welcome'>): Promise<void> {
    const { ctx, row } = this.state;
    const leaf = this.state.leaf(from);
    if (!leaf || generation <= row.generation || !(await this.#holds(generation, from, { votes, departures }))) return;
    try {
      await ctx.sealer.joinByWelcome(id, welcome, groupInfo, leaf.deviceKey);
    } catch (error) {
      if (!(error instanceof SealError) || error.code === 'fenced') throw error;
      return; // it was for another device, or is damaged: whoever is ahead says “moved” again on the next contact
    }
    await this.#begin(generation, from, { votes, departures });
  }

  async #win(): Promise<void> {
    const { generation, votes, packages } = this.#standing!;
    const { ctx, row } = this.state;
    const { id, room } = row;
    const mandate = { votes, departures: row.departed };
    if (!(await this.#holds(generation, ctx.me.device, mandate))) return;
    this.#standing = null;
    const { welcome, groupInfo } = await foundPrivate(ctx.sealer, id, generation, [...packages.values()]);
    await this.#begin(generation, ctx.me.device, mandate);
    for (const device of packages.keys())
      this.state.tell(device, { type: 'welcome', id, room, generation, welcome, groupInfo, ...mandate });
  }

  /** A majority wants this sequencer for that generation. */
  #holds(generation: number, candidate: DeviceId, mandate: Mandate): Promise<boolean> {
    const { id, generation: now } = this.state.row;
    return hasMajority(this.state.roster?.leaves ?? [], mandate, {
      id,
      generation: now,
      said: voteStatement(id, generation, candidate),
      neutral: ({ promised }) => promised < generation,
    });
  }

  async #begin(generation: number, sequencer: DeviceId, mandate: Mandate): Promise<void> {
    const { row, roster } = this.state;
    const before = roster?.leaves ?? [];
    this.ballots.forget(); // of a generation that is over: nobody would ever agree to it
    Object.assign(row, { generation, sequencer, mandate, departed: [], promised: Math.max(generation, row.promised) });
    await this.state.load();
    const { leaves: now, epoch } = this.state.roster!;
    const has = (list: typeof now, device: DeviceId) => list.some((leaf) => leaf.device === device);
    await this.moved({
      generation,
      epoch,
      added: now.filter(({ device }) => !has(before, device)),
      removed: before.filter(({ device }) => !has(now, device)),
      removedSelf: false,
    });
  }
}
