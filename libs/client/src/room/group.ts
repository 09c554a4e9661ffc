import {
  Admission,
  ConclaveError,
  decodeParts,
  encodeParts,
  fromBase64url,
  KeyPackageLease,
  Ordered,
  type DeviceId,
  type GroupStatus,
  type ServerFrame,
} from '../../../protocol/src/index.ts';
import { backoff } from '../backoff.ts';
import { SealError, type Bundle, type EpochChange, type Roster } from '../sealing/sealer.ts';
import { CommitLog } from './commit-log.ts';
import type { RoomContext } from './context.ts';
import { keysAreOld } from './key-age.ts';

type Committed = Extract<ServerFrame, { type: 'committed' }>;

export type GroupHooks = {
  /** The group moved on: who came, who went. */
  changed: (change: EpochChange) => Promise<void>;
  /** What may be done now has changed: words may leave, or have to wait. */
  ready: () => Promise<void>;
  /** Devices in the group that are connected now, oneself included. */
  online: () => DeviceId[];
  /** Words wait for a Remove to be committed: no time for politeness. */
  urgent: () => boolean;
};

export type GroupPhase = 'loading' | 'joining' | 'waiting-for-member' | 'ready';

const retry = { baseMs: 300, capMs: 10_000, floorMs: 50 };
/** Members take turns at commits: the first by rank at once, the last after this. */
const turnsMs = 500;
/** A device that cannot bring back all that the server has lost looks so many times whether another one has. */
const othersFirst = 5;
/** A commit frame that runs ahead of what is known: kept until the ones before it came. */
const aheadMax = 64;

/**
 * This device's place in the room's MLS group: found it, join it, follow its commits in their order, and commit what has to be
 * committed (Removes at once, Adds of those who cannot join by themselves). Every step is a compare-and-swap at the server: who loses
 * forgets its commit, follows the winner's, and tries again.
 */
export class Group {
  #status: GroupStatus | null = null;
  #roster: Roster | null = null;
  #phase: GroupPhase = 'loading';
  #drained = false;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #rejoin: ReturnType<typeof setTimeout> | null = null;
  /** After a step that failed, no earlier than this: whoever wants to send may look again, but not at once. */
  #notBefore = 0;
  #stopped = false;
  /** The server has gone back to an older backup: it lacks commits that it had ordered itself. */
  #setBack = false;
  #turn: { status: GroupStatus; at: number } | null = null;
  readonly #ahead = new Map<number, Committed>();
  readonly #log: CommitLog;

  constructor(
    private readonly ctx: RoomContext,
    private readonly hooks: GroupHooks,
  ) {
    this.#log = new CommitLog(ctx.store, ctx.room);
  }

  get phase(): GroupPhase {
    return this.#roster ? 'ready' : this.#phase;
  }
  get roster(): Roster | null {
    return this.#roster;
  }

  async load(): Promise<void> {
    this.#roster = await this.ctx.sealer.roster(this.ctx.room);
    this.#phase = 'loading';
  }

  /** Not a member any more: keys go, and nothing is tried until a connection has joined the room again. */
  async leave(): Promise<void> {
    this.#cancelTimers();
    this.#status = null;
    this.#ahead.clear();
    await this.ctx.sealer.forget(this.ctx.room);
    await this.#log.forget();
    await this.load();
  }

  /** A connection has (re)joined the room. */
  async joined(status: GroupStatus): Promise<void> {
    this.#drained = false;
    this.#ahead.clear();
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

  stop(): void {
    this.#stopped = true;
    this.#cancelTimers();
  }

  #cancelTimers(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#rejoin) clearTimeout(this.#rejoin);
    this.#timer = this.#rejoin = null;
  }

  /** An item of the room's log, in order of positions; earlier ones may still be on their way. */
  async committed(frame: Committed): Promise<void> {
    try {
      await this.#take(frame);
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      // Its bytes could not be fetched: it is not acknowledged, and the log is read again from where this device stands.
      this.#ahead.clear();
      if (error.shouldRetry()) this.#askAgain(error.retryAfterMs);
      else this.#soon(backoff(this.#attempt++, retry));
    }
  }

  async #take(frame: Committed): Promise<void> {
    if (frame.as === 'founded' || frame.as === 'own') await this.#confirm(frame);
    else if (frame.as === 'welcome') await this.#welcomed(frame);
    else await this.#follow(frame);
    const next = this.#roster && this.#ahead.get(this.#roster.epoch + 1);
    if (next) {
      this.#ahead.delete(next.epoch);
      await this.#take(next);
    }
  }

  async #confirm(frame: Committed): Promise<void> {
    const change = await this.ctx.sealer.confirm(this.ctx.room, frame.generation, frame.epoch);
    if (change) await this.#moved(change);
    const roster = this.#roster;
    // Made by this device, but no longer known to it: only a new leaf helps.
    const lost = !roster || roster.generation < frame.generation || (roster.generation === frame.generation && roster.epoch < frame.epoch);
    this.ctx.relay.acknowledgeCommit(this.ctx.room, frame.pos);
    if (lost) await this.#resync();
  }

  async #welcomed(frame: Committed): Promise<void> {
    const { rest, room, sealer, relay, serverKey } = this.ctx;
    if (this.#roster && this.#roster.generation === frame.generation && this.#roster.epoch >= frame.epoch)
      return relay.acknowledgeCommit(room, frame.pos);
    const [welcome, groupInfo] = decodeParts(await rest.bytes(`/api/rooms/${room}/log/${frame.pos}`), 3);
    try {
      await this.#moved(await sealer.joinByWelcome(room, welcome!, groupInfo!, serverKey()));
    } catch (error) {
      // A Welcome that cannot be opened is no dead end: this device joins again by itself (e2ee.md, key packages).
      if (!(error instanceof SealError) || error.code !== 'bad-welcome') throw error;
      this.#soon(0);
    }
    relay.acknowledgeCommit(room, frame.pos);
  }

  async #follow(frame: Committed): Promise<void> {
    const { rest, room, sealer, relay } = this.ctx;
    const roster = this.#roster;
    if (!roster || roster.generation !== frame.generation || frame.epoch <= roster.epoch) return relay.acknowledgeCommit(room, frame.pos);
    if (frame.epoch > roster.epoch + 1) {
      if (this.#ahead.size < aheadMax) this.#ahead.set(frame.epoch, frame);
      return;
    }
    const [commit, signature] = decodeParts(await rest.bytes(`/api/rooms/${room}/log/${frame.pos}`), 2);
    try {
      const change = await sealer.apply(room, commit!, signature!);
      if (change) await this.#log.keep(change.generation, change.epoch, commit!, signature!);
      if (change) await this.#moved(change);
      relay.acknowledgeCommit(room, frame.pos);
    } catch (error) {
      if (!(error instanceof SealError) || error.code === 'fenced') throw error;
      await this.#resync(); // a commit this device cannot open: come in again rather than stay behind
      relay.acknowledgeCommit(room, frame.pos);
    }
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
    if (!status || !this.ctx.socket.online) return;
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
    if (roster.epoch < status.epoch) return this.#drained && !this.#ahead.size ? this.#missed(roster.epoch) : undefined;
    if (roster.epoch > status.epoch) return this.#setBack ? this.#restore(status, roster) : undefined;
    const duty = status.removing.length > 0 || status.adding.length > 0;
    if (duty) return this.#takeTurn(status);
    if (keysAreOld(roster, this.ctx.me.device)) await this.#commit([]);
  }

  async #stepFailed(error: ConclaveError | SealError): Promise<void> {
    // No answer is not a no: the server may have ordered it. What is pending stays until a fresh `joined` tells.
    if (error instanceof ConclaveError && error.shouldRetry()) return this.#askAgain(error.retryAfterMs);
    await this.ctx.sealer.discard(this.ctx.room);
    const wait = backoff(this.#attempt++, retry);
    this.#notBefore = Date.now() + wait;
    if (error.code === 'forbidden') {
      this.#phase = 'waiting-for-member';
      return this.hooks.ready();
    }
    if (error.code === 'not-member' || error.code === 'not-found') return;
    // A lost race tells the winner's commit by itself; the jitter keeps a crowd from racing again at once.
    this.#soon(wait);
  }

  #askAgain(retryAfterMs = 0): void {
    this.#status = null;
    if (this.#stopped || this.#rejoin) return;
    this.#rejoin = setTimeout(
      () => {
        this.#rejoin = null;
        this.ctx.socket.send({ type: 'join', room: this.ctx.room });
      },
      Math.max(retryAfterMs, backoff(this.#attempt++, retry)),
    );
  }

  /** The frames of the missing commits may be on the way; when they are not, this device comes in again. */
  async #missed(epoch: number): Promise<void> {
    if (this.#attempt++ < 3) return this.ctx.socket.send({ type: 'drain', room: this.ctx.room, after: 0 }) ? this.#soon(1_000) : undefined;
    if (this.#roster?.epoch === epoch) await this.#resync();
  }

  /**
   * Brings back what the server has lost, under its own signatures; a fresh commit then gives it the group info that newcomers need. Where
   * that fails, others have gone on from the older state, and this device comes in again.
   */
  async #restore(status: GroupStatus, roster: Roster): Promise<void> {
    const { rest, room } = this.ctx;
    const lost = await this.#log.between(roster.generation, status.epoch, roster.epoch);
    if (!lost) return this.#attempt++ < othersFirst ? this.#askAgain() : this.#resync();
    const query = { generation: String(status.generation), epoch: String(status.epoch), count: String(lost.count) };
    try {
      await rest.as('POST', `/api/rooms/${room}/restored?${new URLSearchParams(query)}`, Ordered, { bytes: lost.body });
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== 'bad-commit') throw error;
      return this.#resync();
    }
    this.#setBack = false;
    this.#status = { ...status, epoch: roster.epoch };
    await this.#commit([]);
  }

  async #found(generation: number): Promise<void> {
    const { sealer, room, serverKey } = this.ctx;
    this.#phase = 'joining';
    const { groupInfo } = await sealer.found(room, generation, serverKey());
    await this.#order(`/api/rooms/${room}/group`, encodeParts([groupInfo]));
  }

  async #join(): Promise<void> {
    if (this.#phase !== 'waiting-for-member') this.#phase = 'joining';
    await this.hooks.ready();
    await this.#resync();
  }

  async #resync(): Promise<void> {
    const { sealer, room, rest, serverKey } = this.ctx;
    const answer = await rest.as('POST', `/api/rooms/${room}/admission`, Admission, { json: {} });
    const bundle = await sealer.joinByCommit(
      room,
      fromBase64url(answer.groupInfo),
      fromBase64url(answer.admission),
      serverKey(),
      true, // a leaf of one's own may be in the tree although its state is lost
    );
    await this.#submit(bundle, answer.generation, answer.epoch);
  }

  /** By rank among the devices that are there; whoever has something to say does not wait. Never waits inside the room's queue. */
  async #takeTurn(status: GroupStatus): Promise<void> {
    const leaving = new Set(status.removing.map((entry) => entry.device));
    if (leaving.has(this.ctx.me.device)) return;
    if (this.#turn?.status !== status) this.#turn = { status, at: Date.now() + this.#wait(status, leaving) };
    const wait = this.hooks.urgent() ? 0 : this.#turn.at - Date.now();
    if (wait > 0) return this.#soon(wait);
    await this.#commit(status.adding);
  }

  #wait(status: GroupStatus, leaving: ReadonlySet<DeviceId>): number {
    const order = this.hooks.online().filter((other) => !leaving.has(other));
    const rank = Math.max(0, order.sort().indexOf(this.ctx.me.device));
    return (((rank + status.epoch) % Math.max(1, order.length)) / Math.max(1, order.length)) * turnsMs;
  }

  async #commit(adding: DeviceId[]): Promise<void> {
    const { sealer, room, rest } = this.ctx;
    const { generation, epoch } = this.#roster!;
    let packages: Uint8Array[] = [];
    if (adding.length) {
      const lease = await rest.as('POST', `/api/rooms/${room}/key-packages`, KeyPackageLease, { json: { devices: adding.slice(0, 64) } });
      packages = lease.packages.map(({ keyPackage }) => fromBase64url(keyPackage));
    }
    await this.#submit(await sealer.commit(room, packages), generation, epoch);
  }

  #submit({ commit, welcome, groupInfo }: Bundle, generation: number, epoch: number): Promise<void> {
    const path = `/api/rooms/${this.ctx.room}/commits?${new URLSearchParams({ generation: String(generation), epoch: String(epoch) })}`;
    return this.#order(path, encodeParts([commit, welcome, groupInfo]), commit);
  }

  async #order(path: string, bytes: Uint8Array, commit: Uint8Array | null = null): Promise<void> {
    const { rest, sealer, room } = this.ctx;
    const ordered = await rest.as('POST', path, Ordered, { bytes });
    const change = await sealer.confirm(room, ordered.generation, ordered.epoch);
    if (change && commit) await this.#log.keep(change.generation, change.epoch, commit, fromBase64url(ordered.signature));
    if (change) await this.#moved(change);
  }
}
