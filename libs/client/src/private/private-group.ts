import { verifyEd25519, type DeviceId } from '../../../protocol/src/index.ts';
import type { RoomContext } from '../room/context.ts';
import { keysAreOld } from '../room/key-age.ts';
import type { EpochChange, Roster } from '../sealing/sealer.ts';
import { Acknowledging } from './acknowledging.ts';
import { Ballots } from './ballots.ts';
import { Election } from './election.ts';
import { Following } from './following.ts';
import { departureStatement } from './mandate.ts';
import type { PrivateMessage, Told } from './messages.ts';
import type { PrivateRow, PrivateRows } from './private-row.ts';
import { PrivateState, type Reach } from './private-state.ts';

export type PrivateGroupHooks = Reach & {
  changed: (change: EpochChange) => Promise<void>;
  /** Who is there, or what may be sealed, is different now. */
  ready: () => Promise<void>;
};

const stepMs = 1_500;

/**
 * The MLS group of a private conversation (e2ee.md, private mode): no server, so one member, the sequencer, orders its commits. A commit
 * counts only with signed acknowledgements of more than half of the last epoch's leaves; so does another sequencer, under the next
 * generation. Whoever is cut off with a minority goes on talking at its epoch, and catches up on contact.
 */
export class PrivateGroup {
  readonly #state: PrivateState;
  readonly #acknowledging: Acknowledging;
  readonly #following: Following;
  readonly #ballots: Ballots;
  readonly #election: Election;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #stopped = false;

  constructor(
    private readonly ctx: RoomContext,
    private readonly row: PrivateRow,
    rows: PrivateRows,
    private readonly hooks: PrivateGroupHooks,
  ) {
    const look = () => this.#soon();
    const moved = (change: EpochChange) => this.#moved(change);
    this.#state = new PrivateState(ctx, row, rows, hooks);
    this.#acknowledging = new Acknowledging(this.#state);
    this.#following = new Following(this.#state, { moved, look });
    this.#ballots = new Ballots(this.#state, this.#acknowledging, this.#following, look);
    this.#election = new Election(this.#state, this.#ballots, moved);
  }

  /** Without those who have gone: nothing is sealed for them any more, even before the keys change. */
  get roster(): Roster | null {
    return this.#state.present;
  }

  load(): Promise<void> {
    return this.#state.load();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }

  /** A link to this member has opened: compare where we stand. */
  greet(device: DeviceId): void {
    this.#following.greet(device);
  }

  /** This device goes: signed, so that the others may count on it and change the keys. */
  async depart(): Promise<void> {
    const { id, generation, promised } = this.row;
    const { device } = this.ctx.me;
    const acked = this.row.acked?.generation === generation ? this.row.acked.epoch : 0;
    const signature = await this.ctx.sealer.sign(departureStatement(id, generation, { promised, acked }));
    this.row.talking = false;
    await this.#state.save(); // before it is said: from here on nothing is acknowledged or promised any more
    this.#state.tellAll({ type: 'leaving', id, generation, device, promised, acked, signature });
    this.#ballots.forget();
    this.#election.forget();
    this.#cancelTimer();
  }

  async handle(from: DeviceId, message: PrivateMessage): Promise<void> {
    if (!this.row.talking || !this.row.devices.includes(from)) return; // of the room, but not of this conversation any more
    switch (message.type) {
      case 'leaving':
        return this.#left(message);
      case 'head':
        return this.#following.compare(from, message);
      case 'commit':
        return this.#following.committed(from, message);
      case 'ballot':
        return this.#acknowledging.voteOn(from, message);
      case 'submit':
        return this.#ballots.submitted(from, message);
      case 'ack':
        return this.#ballots.acknowledged(from, message);
      case 'rejoin':
        return this.#ballots.rejoin(from, message);
      case 'stand':
        return this.#election.asked(from, message);
      case 'vote':
        return this.#election.elected(from, message);
      case 'moved':
        return this.#election.overtaken(from, message);
      case 'welcome':
        return this.#election.welcomed(from, message);
      default: // invite, answer and off are for whoever arranges conversations
    }
  }

  async #left(message: Told<'leaving'>): Promise<void> {
    const { id, generation, device, promised, acked, signature } = message;
    const { row } = this;
    const leaf = this.#state.leaf(device);
    if (!leaf || generation !== row.generation || row.departed.some((gone) => gone.device === device)) return;
    if (!(await verifyEd25519(leaf.deviceKey, signature, departureStatement(id, generation, message)))) return;
    row.departed.push({ device, promised, acked, signature });
    row.devices = row.devices.filter((each) => each !== device);
    await this.#state.save();
    this.#state.tellAll(message);
    await this.hooks.ready();
    this.#soon();
  }

  async #moved(change: EpochChange): Promise<void> {
    this.#election.wentOn();
    await this.#state.load();
    const leaves = new Set(this.#state.roster?.leaves.map(({ device }) => device));
    this.row.departed = this.row.departed.filter(({ device }) => leaves.has(device));
    if (change.removedSelf) this.row.talking = false;
    await this.#state.save();
    await this.hooks.changed(change);
    await this.hooks.ready();
    this.#soon();
  }

  #soon(): void {
    this.#stepIn(stepMs / 10);
  }

  #stepIn(ms: number): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.ctx.soon(() => this.#step());
    }, ms);
  }

  #cancelTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** What has to be done now. What did not get an answer is said again, as long as there is somebody to say it to. */
  async #step(): Promise<void> {
    const { roster, sequencing, toRemove } = this.#state;
    if (!roster || !this.row.talking || this.#state.open().length === 0) return;
    const duty = toRemove.length > 0 || this.#ballots.awaited;
    const old = keysAreOld(roster, this.ctx.me.device);
    if (sequencing) {
      if (this.#ballots.open) await this.#ballots.poll();
      else if (duty || old) await this.#ballots.order(toRemove);
    } else if (duty && !this.#state.open().includes(this.row.sequencer)) await this.#election.stand();
    else if (old) await this.#acknowledging.submit();
    if (duty || this.#ballots.open) this.#stepIn(stepMs);
  }
}
