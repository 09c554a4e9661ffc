import { ConclaveError, type GroupStatus } from '../../../protocol/src/index.ts';
import { SealError, type Roster } from '../sealing/sealer.ts';
import { bringBack } from './bring-back.ts';
import type { CommitLog } from './commit-log.ts';
import type { Committing } from './committing.ts';
import type { RoomContext } from './context.ts';
import type { Doorkeeper } from './doorkeeper.ts';
import type { AboutRoom, Entering } from './entering.ts';
import type { GroupState } from './group-state.ts';
import { keysAreOld } from './key-age.ts';
import type { Pacing } from './pacing.ts';
import type { Rekeying } from './rekeying.ts';

/** A device that cannot bring back all that the server has lost looks so many times whether another one has. */
const othersFirst = 5;
/** So many times the missing commits are asked for, before this device comes in again. */
const drainsMax = 3;

export type Ways = {
  log: CommitLog;
  committing: Committing;
  entering: Entering;
  doorkeeper: Doorkeeper;
  rekeying: Rekeying;
  /** As the server has told it, before `joined`. */
  about: () => AboutRoom;
  ready: () => Promise<void>;
};

/** Looks at where this device stands in the group, and takes the next step: in, after the others, back, or to what has to be committed. */
export class Advancing {
  constructor(
    private readonly ctx: RoomContext,
    private readonly state: GroupState,
    private readonly pacing: Pacing,
    private readonly ways: Ways,
  ) {}

  /** Errors that pass by themselves are tried again. */
  async advance(): Promise<void> {
    const { status, locked } = this.state;
    if (!status || locked || !this.ctx.socket.online) return;
    if (this.pacing.early) return this.pacing.soon(0); // asked for before the step that failed
    try {
      await this.#step(status);
    } catch (error) {
      if (!(error instanceof ConclaveError) && !(error instanceof SealError)) throw error;
      if (error instanceof SealError && error.code === 'fenced') return this.ctx.broken(error);
      await this.#stepFailed(error);
    }
  }

  async enter(): Promise<void> {
    const { status } = this.state;
    const waiting = status && (await this.ways.entering.enter(status));
    if (waiting && waiting !== 'joining') await this.state.show(waiting);
  }

  async #step(status: GroupStatus): Promise<void> {
    const { roster, drained, setBack, strayed } = this.state;
    // Founded already: only the server's word on it is still on its way.
    if (status.epoch < 0) return roster?.generation === status.generation ? undefined : this.#found(status.generation);
    if (!roster || roster.generation !== status.generation) return drained ? this.#join() : undefined;
    if (strayed) return this.enter();
    if (roster.epoch < status.epoch) return drained ? this.#missed(roster.epoch) : undefined;
    if (roster.epoch > status.epoch) return setBack ? this.#restore(status, roster) : undefined;
    if (status.removing.length > 0 || status.adding.length > 0) await this.#takeTurn(status, roster);
    else await this.#renew(roster);
  }

  async #stepFailed(error: ConclaveError | SealError): Promise<void> {
    // No answer is not a no: the server may have ordered it. What is pending stays until a fresh `joined` tells.
    if (error instanceof ConclaveError && error.shouldRetry()) return this.pacing.askAgain(error.retryAfterMs);
    await this.ctx.sealer.discard(this.ctx.room);
    const wait = this.pacing.pause();
    if (error.code === 'forbidden') return this.state.show('waiting-for-member');
    if (error.code === 'not-member' || error.code === 'not-found') return;
    // A lost race tells the winner's commit by itself; the jitter keeps a crowd from racing again at once.
    this.pacing.soon(wait);
  }

  async #found(generation: number): Promise<void> {
    this.state.founding();
    const waiting = await this.ways.entering.found(generation);
    if (waiting === 'password-needed') await this.state.show(waiting);
  }

  async #join(): Promise<void> {
    this.state.joining();
    await this.ways.ready();
    await this.enter();
  }

  /** The frames of the missing commits may be on the way; when they are not, this device comes in again. */
  async #missed(epoch: number): Promise<void> {
    if (this.pacing.within(drainsMax)) {
      if (this.ctx.socket.send({ type: 'drain', room: this.ctx.room, after: 0 })) this.pacing.soon(1_000);
    } else if (this.state.roster?.epoch === epoch) await this.enter();
  }

  /** The server lacks commits that it had ordered itself: brought back, or this device comes in again where others have gone on. */
  async #restore(status: GroupStatus, roster: Roster): Promise<void> {
    const outcome = await bringBack(this.ctx, this.ways.log, status, roster);
    if (outcome === 'not-here' && this.pacing.within(othersFirst)) return this.pacing.askAgain();
    if (outcome !== 'done') {
      this.state.stray(status.epoch);
      return this.enter();
    }
    this.state.setBack = false;
    this.state.status = { ...status, epoch: roster.epoch };
    await this.ways.committing.commit(roster, []);
  }

  /** Never waits inside the room's queue. */
  async #takeTurn(status: GroupStatus, roster: Roster): Promise<void> {
    const { committing, rekeying, entering, doorkeeper, about } = this.ways;
    if (status.removing.some(({ device }) => device === this.ctx.me.device)) return;
    const wait = committing.turnIn(status);
    if (wait > 0) return this.pacing.soon(wait);
    // Nobody is added between the word on a new password and the commit that rests on it.
    const adds = !rekeying.pending && (await entering.holdsPassword());
    const packages = adds ? await doorkeeper.packagesFor(status, roster) : [];
    const { passwordVersion } = about();
    const options = roster.entry.by === 'password' && packages.length > 0 ? { password: passwordVersion } : {};
    if (status.removing.length > 0 || packages.length > 0) await committing.commit(roster, packages, options);
    else await this.#renew(roster);
  }

  /** Nobody comes or goes: a new password that waits, or this device's own keys once they are old. */
  async #renew(roster: Roster): Promise<void> {
    const { committing, rekeying } = this.ways;
    if (rekeying.pending) await rekeying.goOn(roster);
    else if (keysAreOld(roster, this.ctx.me.device)) await committing.commit(roster, []);
  }
}
