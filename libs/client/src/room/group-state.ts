import { fromBase64url, type GroupStatus } from '../../../protocol/src/index.ts';
import type { EpochChange, Roster } from '../sealing/sealer.ts';
import type { RoomContext } from './context.ts';
import type { Waiting } from './entering.ts';

export type GroupPhase = 'loading' | Waiting | 'ready';

/** Where this device stands in the room's group, and where the server says that the group is: what all parts of `Group` work on. */
export class GroupState {
  /** The server's latest word; null until it is told anew. */
  status: GroupStatus | null = null;
  /** Something of the log rests on a password that is not held: it stays there, unacknowledged, until somebody types it. */
  locked = false;
  /** Everything that waited has been handed over. */
  drained = false;
  /** The server has gone back to an older backup: it lacks commits that it had ordered itself. */
  setBack = false;
  /** It has gone on from there: of which epoch of its group this device noticed that it is another one. Null while it is not. */
  strayedAt: number | null = null;
  #roster: Roster | null = null;
  /** While there is no roster. */
  #waiting: 'loading' | Waiting = 'loading';

  constructor(
    private readonly ctx: RoomContext,
    /** What may be done now has changed. */
    private readonly ready: () => Promise<void>,
  ) {}

  get phase(): GroupPhase {
    if (this.locked) return 'password-needed';
    return this.#roster && !this.strayed ? 'ready' : this.#waiting;
  }
  get roster(): Roster | null {
    return this.#roster;
  }
  get strayed(): boolean {
    return this.strayedAt !== null;
  }
  /** The server's group of this epoch is not the one that this device has. */
  stray(at: number): void {
    this.strayedAt ??= at;
    this.joining();
  }
  /** In the group, and where the server says that it is. */
  get current(): boolean {
    return this.#roster !== null && this.status?.generation === this.#roster.generation && this.status.epoch === this.#roster.epoch;
  }

  async load(): Promise<void> {
    this.#roster = await this.ctx.sealer.roster(this.ctx.room);
    this.#waiting = 'loading';
    this.strayedAt = null;
  }

  async moved(change: EpochChange): Promise<void> {
    if (change.removedSelf) {
      await this.ctx.sealer.forget(this.ctx.room);
      this.#roster = null;
    } else this.#roster = await this.ctx.sealer.roster(this.ctx.room);
    this.setBack = false;
    this.strayedAt = null;
    this.#waiting = 'joining'; // should the group be lost again
  }

  /** The server's Remove proposals of this epoch, where this device is `current`: nothing new is sealed until they are committed. */
  async takeProposals(): Promise<void> {
    const known = new Set(this.#roster?.removing);
    const fresh = (this.status?.removing ?? []).filter(({ device }) => !known.has(device));
    if (fresh.length === 0) return;
    await this.ctx.sealer.propose(
      this.ctx.room,
      fresh.map(({ proposal }) => fromBase64url(proposal)),
    );
    this.#roster = await this.ctx.sealer.roster(this.ctx.room);
  }

  /** On the way in; whoever calls says so to others. */
  founding(): void {
    if (!this.#roster) this.#waiting = 'joining';
  }
  joining(): void {
    if (this.#waiting === 'loading') this.#waiting = 'joining';
  }

  async show(waiting: Waiting): Promise<void> {
    if (this.#waiting === waiting) return;
    this.#waiting = waiting;
    await this.ready();
  }
}
