import { ConclaveError, toBase64url, type DeviceId, type GroupStatus, type UserId } from '../../../protocol/src/index.ts';
import { SealError, type EpochChange, type Roster } from '../sealing/sealer.ts';
import { Advancing } from './advancing.ts';
import { CommitLog } from './commit-log.ts';
import { Committing } from './committing.ts';
import type { RoomContext } from './context.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { Entering, type AboutRoom } from './entering.ts';
import { Following, type Committed } from './following.ts';
import { GroupState, type GroupPhase } from './group-state.ts';
import { Pacing } from './pacing.ts';
import { Rekeying, type RekeyingHooks } from './rekeying.ts';

export type GroupHooks = RekeyingHooks & {
  /** The group moved on: who came, who went. */
  changed: (change: EpochChange) => Promise<void>;
  /** What may be done now has changed: words may leave, or have to wait; others knock. */
  ready: () => Promise<void>;
  /** Devices in the group that are connected now, oneself included. */
  online: () => DeviceId[];
  /** Words wait for a Remove to be committed: no time for politeness. */
  urgent: () => boolean;
  /** As the server has told it, before `joined`. */
  about: () => AboutRoom;
  /** A moderator has put them out. */
  shunned: (user: UserId) => boolean;
};

/**
 * This device's place in the room's MLS group: enter it, follow its commits in their order, and commit what has to be committed (Removes at
 * once, Adds of those who cannot join by themselves). Every step is a compare-and-swap at the server: who loses forgets its commit,
 * follows the winner's, and tries again.
 */
export class Group {
  readonly #state: GroupState;
  readonly #pacing: Pacing;
  readonly #log: CommitLog;
  readonly #following: Following;
  readonly #entering: Entering;
  readonly #doorkeeper: Doorkeeper;
  readonly #rekeying: Rekeying;

  constructor(
    private readonly ctx: RoomContext,
    private readonly hooks: GroupHooks,
  ) {
    const { online, urgent, about, shunned } = hooks;
    const ready = () => hooks.ready();
    const moved = (change: EpochChange) => this.#moved(change);
    this.#state = new GroupState(ctx, ready);
    this.#pacing = new Pacing(ctx, this.#state, () => advancing.advance());
    this.#log = new CommitLog(ctx.store, ctx.room);
    const committing = new Committing(ctx, this.#log, { online, urgent, moved });
    this.#following = new Following(ctx, this.#log, {
      roster: () => this.roster,
      strayedAt: () => this.#state.strayedAt,
      moved,
      stray: (at) => this.#state.stray(at),
      enter: () => advancing.enter(),
      look: () => this.#pacing.soon(0),
    });
    this.#entering = new Entering(ctx, committing, about);
    this.#doorkeeper = new Doorkeeper(ctx, { shunned, knocked: () => ctx.soon(ready) });
    this.#rekeying = new Rekeying(ctx, committing, hooks);
    const advancing = new Advancing(ctx, this.#state, this.#pacing, {
      ...{ log: this.#log, committing, entering: this.#entering },
      ...{ doorkeeper: this.#doorkeeper, rekeying: this.#rekeying, about, ready },
    });
  }

  get phase(): GroupPhase {
    return this.#state.phase;
  }
  get roster(): Roster | null {
    return this.#state.roster;
  }
  /** The server has another group than this device, which comes in again (delivery.md D11). */
  get strayed(): boolean {
    return this.#state.strayed;
  }
  /** The group to seal to: none while nobody else may have the one of this device. */
  get sealing(): Roster | null {
    return this.strayed ? null : this.roster;
  }
  /** People who ask to come in, and wait for a person's word. */
  get knocking(): UserId[] {
    return this.#doorkeeper.knocking;
  }

  /** Whoever went is let in anew, if at all. */
  forgetLetIn(users: UserId[]): Promise<void> {
    return this.#doorkeeper.gone(users);
  }
  /** Whom this person has let in: they know them. */
  get welcomed(): UserId[] {
    return this.#doorkeeper.welcomed;
  }

  async load(): Promise<void> {
    await this.#state.load();
    await this.#doorkeeper.load();
    await this.#rekeying.load();
  }

  /** Not a member any more: keys go, and nothing is tried until a connection has joined the room again. */
  async leave(): Promise<void> {
    this.#pacing.cancel();
    this.#state.status = null;
    this.#state.locked = false;
    this.#following.clear();
    this.#entering.forget();
    await this.#doorkeeper.forget();
    await this.#rekeying.forget();
    await this.ctx.sealer.forget(this.ctx.room);
    await this.ctx.sealer.forgetPasswords(this.ctx.room);
    await this.#log.forget();
    await this.load();
  }

  /** A connection has (re)joined the room. */
  async joined(status: GroupStatus): Promise<void> {
    const { roster } = this;
    this.#state.drained = false;
    this.#state.setBack = roster?.generation === status.generation && status.epoch >= 0 && status.epoch < roster.epoch;
    if (roster?.generation !== status.generation || roster.epoch === status.epoch) this.#state.strayedAt = null; // told anew
    if (this.#isElsewhere(status)) this.#state.stray(status.epoch);
    this.#following.clear();
    this.#entering.forget();
    await this.told(status);
  }

  /** The server's word on the group. */
  async told(status: GroupStatus): Promise<void> {
    this.#state.status = status;
    if (this.#state.setBack && this.#isElsewhere(status)) this.#state.stray(status.epoch); // others have gone on meanwhile
    this.#pacing.resume();
    if (this.#state.current) await this.#state.takeProposals();
    this.#pacing.soon(0);
  }

  /** Everything that waited has been handed over: what is missing now will not come by itself. */
  drained(): void {
    this.#state.drained = true;
    this.#pacing.soon(0);
  }

  /** Somebody wants to send, or an envelope of a later epoch came: look again. */
  nudge(): void {
    this.#pacing.soon(0);
  }

  /** Lets somebody in who asks (`knocking`). */
  async letIn(user: UserId): Promise<void> {
    await this.#doorkeeper.letIn(user);
    await this.hooks.ready();
    this.#pacing.soon(0);
  }

  /** The room's password is held now, or another one: what rests on it is read again. */
  passwordGiven(): void {
    const waits = this.phase === 'password-needed';
    this.#state.locked = false;
    if (waits) this.#pacing.askAgain();
    this.#pacing.soon(0);
  }

  /** This device has changed the room's password at the server: members are told, and the keys rest on it from now on. */
  async rekey(version: number, psk: Uint8Array): Promise<void> {
    await this.#rekeying.begin(version, psk);
    this.#pacing.soon(0);
  }

  /** A member's word on the room's password, from inside the seal. */
  async passwordTold(by: UserId, version: number, psk: Uint8Array): Promise<void> {
    if (await this.#rekeying.told(by, this.roster, version, psk)) this.passwordGiven();
  }

  stop(): void {
    this.#pacing.stop();
  }

  /** An item of the room's log, in order of positions; earlier ones may still be on their way. */
  async committed(frame: Committed): Promise<void> {
    try {
      if (!this.#state.locked) await this.#following.take(frame);
    } catch (error) {
      if (error instanceof SealError && error.code === 'password-needed') return this.#lock();
      if (!(error instanceof ConclaveError)) throw error;
      // Its bytes could not be fetched: it is not acknowledged, and the log is read again from where this device stands.
      this.#following.clear();
      if (error.shouldRetry()) this.#pacing.askAgain(error.retryAfterMs);
      else this.#pacing.soon(this.#pacing.backOff());
    }
  }

  /** What waits in the log stays there, and is handed over again once somebody has typed the password. */
  #lock(): Promise<void> {
    this.#state.locked = true;
    this.#following.clear();
    return this.hooks.ready();
  }

  /** The server has another group than this device's under the same epoch. */
  #isElsewhere({ generation, epoch, context }: GroupStatus): boolean {
    const { roster } = this;
    if (context === undefined || roster?.generation !== generation || roster.epoch !== epoch) return false;
    return context !== toBase64url(roster.context);
  }

  async #moved(change: EpochChange): Promise<void> {
    this.#pacing.succeeded();
    await this.#state.moved(change);
    await this.hooks.changed(change);
    if (this.#state.current) await this.#state.takeProposals();
    await this.hooks.ready();
    this.#pacing.soon(0);
  }
}
