import { ConclaveError, fromBase64url, type DeviceId, type GroupStatus, type UserId } from '../../../protocol/src/index.ts';
import { backoff } from '../backoff.ts';
import { SealError, type EpochChange, type Roster } from '../sealing/sealer.ts';
import { CommitLog } from './commit-log.ts';
import { Committing } from './committing.ts';
import type { RoomContext } from './context.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { Entering, type AboutRoom, type Waiting } from './entering.ts';
import { Following, type Committed } from './following.ts';
import { keysAreOld } from './key-age.ts';
import { bringBack } from './bring-back.ts';
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

export type GroupPhase = 'loading' | Waiting | 'ready';

const retry = { baseMs: 300, capMs: 10_000, floorMs: 50 };
/** A device that cannot bring back all that the server has lost looks so many times whether another one has. */
const othersFirst = 5;
/**
 * This device's place in the room's MLS group: enter it, follow its commits in their order, and commit what has to be committed (Removes at
 * once, Adds of those who cannot join by themselves). Every step is a compare-and-swap at the server: who loses forgets its commit,
 * follows the winner's, and tries again.
 */
export class Group {
  #status: GroupStatus | null = null;
  #roster: Roster | null = null;
  #phase: GroupPhase = 'loading';
  /** Something of the log rests on a password that is not held: it stays there, unacknowledged, until somebody types it. */
  #locked = false;
  #drained = false;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #again: ReturnType<typeof setTimeout> | null = null;
  /** After a step that failed, no earlier than this: whoever wants to send may look again, but not at once. */
  #notBefore = 0;
  #stopped = false;
  /** The server has gone back to an older backup: it lacks commits that it had ordered itself. */
  #setBack = false;
  readonly #log: CommitLog;
  readonly #committing: Committing;
  readonly #following: Following;
  readonly #entering: Entering;
  readonly #doorkeeper: Doorkeeper;
  readonly #rekeying: Rekeying;

  constructor(
    private readonly ctx: RoomContext,
    private readonly hooks: GroupHooks,
  ) {
    this.#log = new CommitLog(ctx.store, ctx.room);
    const { online, urgent, about, shunned } = hooks;
    this.#committing = new Committing(ctx, this.#log, { online, urgent, moved: (change) => this.#moved(change) });
    this.#following = new Following(ctx, this.#log, {
      roster: () => this.#roster,
      moved: (change) => this.#moved(change),
      enter: () => this.#enter(),
      look: () => this.#soon(0),
    });
    this.#entering = new Entering(ctx, this.#committing, about);
    this.#doorkeeper = new Doorkeeper(ctx, { shunned, knocked: () => ctx.soon(() => hooks.ready()) });
    this.#rekeying = new Rekeying(ctx, this.#committing, hooks);
  }

  get phase(): GroupPhase {
    if (this.#locked) return 'password-needed';
    return this.#roster ? 'ready' : this.#phase;
  }
  get roster(): Roster | null {
    return this.#roster;
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
    this.#roster = await this.ctx.sealer.roster(this.ctx.room);
    this.#phase = 'loading';
    await this.#doorkeeper.load();
    await this.#rekeying.load();
  }

  /** Not a member any more: keys go, and nothing is tried until a connection has joined the room again. */
  async leave(): Promise<void> {
    this.#cancelTimers();
    this.#status = null;
    this.#locked = false;
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
    this.#drained = false;
    this.#following.clear();
    this.#entering.forget();
    await this.told(status);
    const roster = this.#roster;
    this.#setBack = roster !== null && status.generation === roster.generation && status.epoch >= 0 && status.epoch < roster.epoch;
  }

  /** The server's word on the group. */
  async told(status: GroupStatus): Promise<void> {
    this.#status = status;
    this.#notBefore = 0;
    if (this.#current()) await this.#takeProposals(status);
    this.#soon(0);
  }

  /** Everything that waited has been handed over: what is missing now will not come by itself. */
  drained(): void {
    this.#drained = true;
    this.#soon(0);
  }

  /** Somebody wants to send, or an envelope of a later epoch came: look again. */
  nudge(): void {
    this.#soon(0);
  }

  /** Lets somebody in who asks (`knocking`). */
  async letIn(user: UserId): Promise<void> {
    await this.#doorkeeper.letIn(user);
    await this.hooks.ready();
    this.#soon(0);
  }

  /** The room's password is held now, or another one: what rests on it is read again. */
  passwordGiven(): void {
    const waits = this.#locked || this.phase === 'password-needed';
    this.#locked = false;
    if (waits) this.#askAgain();
    this.#soon(0);
  }

  /** This device has changed the room's password at the server: members are told, and the keys rest on it from now on. */
  async rekey(version: number, psk: Uint8Array): Promise<void> {
    await this.#rekeying.begin(version, psk);
    this.#soon(0);
  }

  /** A member's word on the room's password, from inside the seal. */
  async passwordTold(by: UserId, version: number, psk: Uint8Array): Promise<void> {
    if (await this.#rekeying.told(by, this.#roster, version, psk)) this.passwordGiven();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimers();
  }

  #cancelTimers(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#again) clearTimeout(this.#again);
    this.#timer = this.#again = null;
  }

  /** An item of the room's log, in order of positions; earlier ones may still be on their way. */
  async committed(frame: Committed): Promise<void> {
    try {
      if (!this.#locked) await this.#following.take(frame);
    } catch (error) {
      if (error instanceof SealError && error.code === 'password-needed') return this.#lock();
      if (!(error instanceof ConclaveError)) throw error;
      // Its bytes could not be fetched: it is not acknowledged, and the log is read again from where this device stands.
      this.#following.clear();
      if (error.shouldRetry()) this.#askAgain(error.retryAfterMs);
      else this.#soon(backoff(this.#attempt++, retry));
    }
  }

  /** What waits in the log stays there, and is handed over again once somebody has typed the password. */
  #lock(): Promise<void> {
    this.#locked = true;
    this.#following.clear();
    return this.hooks.ready();
  }

  async #moved(change: EpochChange): Promise<void> {
    this.#attempt = 0;
    if (change.removedSelf) {
      await this.ctx.sealer.forget(this.ctx.room);
      this.#roster = null;
    } else this.#roster = await this.ctx.sealer.roster(this.ctx.room);
    this.#phase = 'joining'; // should the group be lost again
    await this.hooks.changed(change);
    if (this.#status && this.#current()) await this.#takeProposals(this.#status);
    await this.hooks.ready();
    this.#soon(0);
  }

  #current(): boolean {
    return this.#roster !== null && this.#status?.generation === this.#roster.generation && this.#status.epoch === this.#roster.epoch;
  }

  /** The server's Remove proposals of this epoch: nothing new is sealed until they are committed. */
  async #takeProposals(status: GroupStatus): Promise<void> {
    const known = new Set(this.#roster?.removing);
    const fresh = status.removing.filter(({ device }) => !known.has(device));
    if (fresh.length === 0) return;
    await this.ctx.sealer.propose(
      this.ctx.room,
      fresh.map(({ proposal }) => fromBase64url(proposal)),
    );
    this.#roster = await this.ctx.sealer.roster(this.ctx.room);
  }

  #soon(ms: number): void {
    if (this.#stopped || (this.#timer && ms > 0)) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.ctx.soon(() => this.#sync());
      },
      Math.max(ms, this.#notBefore - Date.now()),
    );
  }

  /** Looks at where this device stands and takes the next step. Errors that pass by themselves are tried again. */
  async #sync(): Promise<void> {
    const status = this.#status;
    if (!status || this.#locked || !this.ctx.socket.online) return;
    if (Date.now() < this.#notBefore) return this.#soon(0); // asked for before the step that failed
    try {
      await this.#step(status);
    } catch (error) {
      if (!(error instanceof ConclaveError) && !(error instanceof SealError)) throw error;
      if (error instanceof SealError && error.code === 'fenced') return this.ctx.broken(error);
      await this.#stepFailed(error);
    }
  }

  async #step(status: GroupStatus): Promise<void> {
    const roster = this.#roster;
    // Founded already: only the server's word on it is still on its way.
    if (status.epoch < 0) return roster?.generation === status.generation ? undefined : this.#found(status.generation);
    if (!roster || roster.generation !== status.generation) return this.#drained ? this.#join() : undefined;
    if (roster.epoch < status.epoch) return this.#drained && !this.#following.waits ? this.#missed(roster.epoch) : undefined;
    if (roster.epoch > status.epoch) return this.#setBack ? this.#restore(status, roster) : undefined;
    if (status.removing.length > 0 || status.adding.length > 0) await this.#takeTurn(status, roster);
    else if (this.#rekeying.pending) await this.#rekeying.goOn(roster);
    else if (keysAreOld(roster, this.ctx.me.device)) await this.#committing.commit(roster, []);
  }

  async #stepFailed(error: ConclaveError | SealError): Promise<void> {
    // No answer is not a no: the server may have ordered it. What is pending stays until a fresh `joined` tells.
    if (error instanceof ConclaveError && error.shouldRetry()) return this.#askAgain(error.retryAfterMs);
    await this.ctx.sealer.discard(this.ctx.room);
    const wait = backoff(this.#attempt++, retry);
    this.#notBefore = Date.now() + wait;
    if (error.code === 'forbidden') return this.#show('waiting-for-member');
    if (error.code === 'not-member' || error.code === 'not-found') return;
    // A lost race tells the winner's commit by itself; the jitter keeps a crowd from racing again at once.
    this.#soon(wait);
  }

  #askAgain(retryAfterMs = 0): void {
    this.#status = null;
    if (this.#stopped || this.#again) return;
    this.#again = setTimeout(
      () => {
        this.#again = null;
        this.ctx.socket.send({ type: 'join', room: this.ctx.room });
      },
      Math.max(retryAfterMs, backoff(this.#attempt++, retry)),
    );
  }

  /** The frames of the missing commits may be on the way; when they are not, this device comes in again. */
  async #missed(epoch: number): Promise<void> {
    if (this.#attempt++ < 3) return this.ctx.socket.send({ type: 'drain', room: this.ctx.room, after: 0 }) ? this.#soon(1_000) : undefined;
    if (this.#roster?.epoch === epoch) await this.#enter();
  }

  /** The server lacks commits that it had ordered itself: brought back, or this device comes in again where others have gone on. */
  async #restore(status: GroupStatus, roster: Roster): Promise<void> {
    const outcome = await bringBack(this.ctx, this.#log, status, roster);
    if (outcome === 'another-way') return this.#enter();
    if (outcome === 'not-here') return this.#attempt++ < othersFirst ? this.#askAgain() : this.#enter();
    this.#setBack = false;
    this.#status = { ...status, epoch: roster.epoch };
    await this.#committing.commit(roster, []);
  }

  async #found(generation: number): Promise<void> {
    if (!this.#roster) this.#phase = 'joining';
    const waiting = await this.#entering.found(generation);
    if (waiting === 'password-needed') await this.#show(waiting);
  }

  async #join(): Promise<void> {
    if (this.#phase === 'loading' || this.#phase === 'ready') this.#phase = 'joining';
    await this.hooks.ready();
    await this.#enter();
  }

  async #enter(): Promise<void> {
    const waiting = this.#status && (await this.#entering.enter(this.#status));
    if (waiting && waiting !== 'joining') await this.#show(waiting);
  }

  async #show(phase: Waiting): Promise<void> {
    if (this.#phase === phase) return;
    this.#phase = phase;
    await this.hooks.ready();
  }

  /** Never waits inside the room's queue. */
  async #takeTurn(status: GroupStatus, roster: Roster): Promise<void> {
    if (status.removing.some(({ device }) => device === this.ctx.me.device)) return;
    const wait = this.#committing.turnIn(status);
    if (wait > 0) return this.#soon(wait);
    // Nobody is added between the word on a new password and the commit that rests on it.
    const adds = !this.#rekeying.pending && (await this.#entering.holdsPassword());
    const packages = adds ? await this.#doorkeeper.packagesFor(status, roster) : [];
    const { passwordVersion } = this.hooks.about();
    const options = roster.entry.by === 'password' && packages.length > 0 ? { password: passwordVersion } : {};
    if (status.removing.length > 0 || packages.length > 0) await this.#committing.commit(roster, packages, options);
    else if (this.#rekeying.pending) await this.#rekeying.goOn(roster);
    else if (keysAreOld(roster, this.ctx.me.device)) await this.#committing.commit(roster, []);
  }
}
