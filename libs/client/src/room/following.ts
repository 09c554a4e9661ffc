import { decodeParts, type ServerFrame } from '../../../protocol/src/index.ts';
import { SealError, type EpochChange, type Roster } from '../sealing/sealer.ts';
import type { CommitLog } from './commit-log.ts';
import type { RoomContext } from './context.ts';

export type Committed = Extract<ServerFrame, { type: 'committed' }>;

export type FollowingHooks = {
  roster: () => Roster | null;
  /** Of which epoch of the server's group this device noticed that it has another one; null while it has not. */
  strayedAt: () => number | null;
  /** The group moved on. */
  moved: (change: EpochChange) => Promise<void>;
  /** The server's group of this epoch is not the one that this device has. */
  stray: (at: number) => void;
  /** This device cannot follow: it comes in again. */
  enter: () => Promise<void>;
  /** Something in the log was of no use: look where this device stands. */
  look: () => void;
};

/** A commit frame that runs ahead of what is known: kept until the ones before it came. */
const aheadMax = 64;

/** The group's part of the room's log, taken in order of epochs. What throws is not acknowledged: it is handed over again. */
export class Following {
  readonly #ahead = new Map<number, Committed>();

  constructor(
    private readonly ctx: RoomContext,
    private readonly log: CommitLog,
    private readonly hooks: FollowingHooks,
  ) {}

  clear(): void {
    this.#ahead.clear();
  }

  /** Throws ConclaveError when bytes cannot be fetched, SealError `fenced` and `password-needed`. */
  async take(frame: Committed): Promise<void> {
    if (frame.as === 'founded' || frame.as === 'own') await this.#confirm(frame);
    else if (frame.as === 'welcome') await this.#welcomed(frame);
    else await this.#follow(frame);
    const roster = this.hooks.roster();
    const next = roster && this.#ahead.get(roster.epoch + 1);
    if (!next) return;
    this.#ahead.delete(next.epoch);
    await this.take(next);
  }

  async #confirm(frame: Committed): Promise<void> {
    const { sealer, room } = this.ctx;
    const change = await sealer.confirm(room, frame.generation, frame.epoch);
    if (change) await this.hooks.moved(change);
    const roster = this.hooks.roster();
    // Made by this device, but no longer known to it: only a new leaf helps.
    const lost = !roster || roster.generation < frame.generation || (roster.generation === frame.generation && roster.epoch < frame.epoch);
    this.#acknowledge(frame);
    if (lost) await this.hooks.enter();
  }

  async #welcomed(frame: Committed): Promise<void> {
    const { sealer, room, serverKey } = this.ctx;
    const roster = this.hooks.roster();
    const astray = this.hooks.strayedAt();
    const reached = astray ?? roster?.epoch ?? -1; // epochs of another group say nothing about this one
    if (roster?.generation === frame.generation && reached >= frame.epoch) return this.#acknowledge(frame);
    const [welcome, groupInfo] = await this.#bytes(frame, 3);
    try {
      await this.hooks.moved(await sealer.joinByWelcome(room, welcome!, groupInfo!, serverKey(), astray ?? undefined));
    } catch (error) {
      // A Welcome that cannot be opened is no dead end: this device comes in again (e2ee.md, key packages).
      if (!(error instanceof SealError) || error.code !== 'bad-welcome') throw error;
      this.hooks.look();
    }
    this.#acknowledge(frame);
  }

  async #follow(frame: Committed): Promise<void> {
    const { sealer, room } = this.ctx;
    const roster = this.hooks.roster();
    if (!roster || roster.generation !== frame.generation || frame.epoch <= roster.epoch) return this.#acknowledge(frame);
    if (this.hooks.strayedAt() !== null) return this.#acknowledge(frame); // of no use to a group that is another one
    if (frame.epoch > roster.epoch + 1) {
      if (this.#ahead.size < aheadMax) this.#ahead.set(frame.epoch, frame);
      return;
    }
    const [commit, signature] = await this.#bytes(frame, 2);
    try {
      const change = await sealer.apply(room, commit!, signature!);
      if (change) await this.log.keep(change.generation, change.epoch, commit!, signature!);
      if (change) await this.hooks.moved(change);
    } catch (error) {
      if (!(error instanceof SealError) || error.code === 'fenced' || error.code === 'password-needed') throw error;
      this.hooks.stray(frame.epoch);
      await this.hooks.enter(); // a commit this device cannot open: come in again rather than stay behind
    }
    this.#acknowledge(frame);
  }

  async #bytes({ pos }: Committed, parts: number): Promise<Uint8Array[]> {
    return decodeParts(await this.ctx.rest.bytes(`/api/rooms/${this.ctx.room}/log/${pos}`), parts);
  }

  #acknowledge({ pos }: Committed): void {
    this.ctx.relay.acknowledgeCommit(this.ctx.room, pos);
  }
}
