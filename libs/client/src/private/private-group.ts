import { groupIdOf, orderedStatement, toBase64url, verifyEd25519, type DeviceId } from '../../../protocol/src/index.ts';
import type { RoomContext } from '../room/context.ts';
import { keysAreOld } from '../room/key-age.ts';
import { sha256 } from '../room/statement.ts';
import { SealError, type Bundle, type EpochChange, type Roster } from '../sealing/sealer.ts';
import { foundPrivate, isOf } from './founding.ts';
import { ackStatement, departureStatement, hasMajority, voteStatement } from './mandate.ts';
import type { Mandate, PrivateMessage, Signed, Told } from './messages.ts';
import type { OrderedCommit, PrivateRow, PrivateRows } from './private-row.ts';

export type PrivateGroupHooks = {
  changed: (change: EpochChange) => Promise<void>;
  /** Who is there, or what may be sealed, is different now. */
  ready: () => Promise<void>;
  tell: (device: DeviceId, message: PrivateMessage) => boolean;
  /** Devices of the conversation with an open direct link. */
  open: () => DeviceId[];
};

/** A commit on its way to a majority, at the sequencer. */
type Ballot = { bundle: Bundle; epoch: number; hash: Uint8Array; votes: Signed[]; welcome: DeviceId[] };
type Standing = { generation: number; votes: Signed[]; packages: Map<DeviceId, Uint8Array> };

const stepMs = 1_500;

/**
 * The MLS group of a private conversation (e2ee.md, private mode): no server, so one member, the sequencer, orders its commits. A commit
 * counts only with signed acknowledgements of more than half of the last epoch's leaves; so does another sequencer, under the next
 * generation. Whoever is cut off with a minority goes on talking at its epoch, and catches up on contact.
 */
export class PrivateGroup {
  #roster: Roster | null = null;
  #ballot: Ballot | null = null;
  #standing: Standing | null = null;
  readonly #rejoining = new Map<DeviceId, Uint8Array>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #waited = 0;
  #stopped = false;

  constructor(
    private readonly ctx: RoomContext,
    readonly row: PrivateRow,
    private readonly rows: PrivateRows,
    private readonly hooks: PrivateGroupHooks,
  ) {}

  /** Without those who have gone: nothing is sealed for them any more, even before the keys change. */
  get roster(): Roster | null {
    const gone = new Set(this.row.departed.map(({ device }) => device));
    return this.#roster && { ...this.#roster, leaves: this.#roster.leaves.filter(({ device }) => !gone.has(device)) };
  }

  async load(): Promise<void> {
    this.#roster = await this.ctx.sealer.roster(this.row.id);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** A link to this member has opened: compare where we stand. */
  greet(device: DeviceId): void {
    const { id, generation, talking } = this.row;
    if (!talking) return;
    if (this.#roster) this.hooks.tell(device, { type: 'head', id, generation, epoch: this.#roster.epoch, now: this.ctx.clock.now() });
    for (const gone of this.row.departed) this.hooks.tell(device, { type: 'leaving', id, generation, ...gone });
    this.#soon();
  }

  /** This device goes: signed, so that the others may count on it and change the keys. */
  async depart(): Promise<void> {
    const { id, generation } = this.row;
    const { device } = this.ctx.me;
    const { promised } = this.row;
    const acked = this.row.acked?.generation === generation ? this.row.acked.epoch : 0;
    const signature = await this.ctx.sealer.sign(departureStatement(id, generation, { promised, acked }));
    this.row.talking = false;
    await this.#save(); // before it is said: from here on nothing is acknowledged or promised any more
    this.#tellAll({ type: 'leaving', id, generation, device, promised, acked, signature });
    this.#stop();
  }

  async handle(from: DeviceId, message: PrivateMessage): Promise<void> {
    if (!this.row.talking || !this.row.devices.includes(from)) return; // of the room, but not of this conversation any more
    switch (message.type) {
      case 'leaving':
        return this.#left(message);
      case 'head':
        return this.#compare(from, message);
      case 'submit':
        return this.#submitted(from, message);
      case 'ballot':
        return this.#voteOn(from, message);
      case 'ack':
        return this.#acknowledged(from, message);
      case 'commit':
        return this.#committed(from, message);
      case 'stand':
        return this.#asked(from, message);
      case 'vote':
        return this.#elected(from, message);
      case 'moved':
        return this.#moved(from, message);
      case 'rejoin':
        return this.#rejoin(from, message);
      case 'welcome':
        return this.#welcomed(from, message);
      default: // invite, answer and off are for whoever arranges conversations
    }
  }

  get #sequencing(): boolean {
    return this.row.sequencer === this.ctx.me.device;
  }

  #stop(): void {
    this.#ballot = this.#standing = null;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #leaf(device: DeviceId) {
    return this.#roster?.leaves.find((leaf) => leaf.device === device);
  }

  /** Leaves that have gone, but are in the group still. */
  #toRemove(): DeviceId[] {
    return this.row.departed.map(({ device }) => device).filter((device) => this.#leaf(device));
  }

  #tellAll(message: PrivateMessage): void {
    for (const device of this.hooks.open()) this.hooks.tell(device, message);
  }

  #save(): Promise<void> {
    return this.rows.save(this.row);
  }

  #soon(): void {
    if (this.#stopped || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.ctx.soon(() => this.#step());
    }, stepMs / 10);
  }

  #again(): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.ctx.soon(() => this.#step());
    }, stepMs);
  }

  /** What has to be done now. What did not get an answer is said again, as long as there is somebody to say it to. */
  async #step(): Promise<void> {
    const roster = this.#roster;
    if (!roster || !this.row.talking || this.hooks.open().length === 0) return;
    const removing = this.#toRemove();
    const duty = removing.length > 0 || this.#rejoining.size > 0;
    if (this.#sequencing) {
      if (this.#ballot) await this.#poll();
      else if (duty || keysAreOld(roster, this.ctx.me.device)) await this.#order(removing);
    } else if (duty && !this.hooks.open().includes(this.row.sequencer)) await this.#stand();
    else if (keysAreOld(roster, this.ctx.me.device)) await this.#submit();
    if (duty || this.#ballot) this.#again();
  }

  /* The sequencer */

  async #order(removing: DeviceId[]): Promise<void> {
    const { sealer } = this.ctx;
    const welcome = [...this.#rejoining.keys()].filter((device) => !this.#leaf(device));
    const packages = welcome.map((device) => this.#rejoining.get(device)!);
    this.#rejoining.clear();
    let bundle;
    try {
      bundle = await sealer.commit(this.row.id, packages, { removing });
    } catch (error) {
      if (!(error instanceof SealError) || error.code === 'fenced') throw error;
      return; // a key package that does not fit: whoever sent it asks again
    }
    await this.#open(bundle, welcome);
  }

  async #submitted(from: DeviceId, { generation, epoch, commit }: Told<'submit'>): Promise<void> {
    const next = this.#roster && this.#roster.epoch + 1;
    if (!this.#sequencing || this.#ballot || generation !== this.row.generation || epoch !== next || !this.#leaf(from)) return;
    await this.#open({ commit, welcome: new Uint8Array(), groupInfo: new Uint8Array() }, []);
  }

  async #open(bundle: Bundle, welcome: DeviceId[]): Promise<void> {
    const epoch = this.#roster!.epoch + 1;
    const hash = await sha256(bundle.commit);
    const own = (await this.#allowed(bundle.commit)) && (await this.#ack(epoch, hash));
    if (!own) return;
    this.#ballot = { bundle, epoch, hash, votes: [own], welcome };
    await this.#poll();
  }

  /** Asks everybody (again), and counts: somebody may have gone since, who is not counted any more. */
  async #poll(): Promise<void> {
    const { bundle, epoch } = this.#ballot!;
    const { id, generation } = this.row;
    this.#tellAll({ type: 'ballot', id, generation, epoch, commit: bundle.commit });
    await this.#count();
  }

  async #acknowledged(from: DeviceId, { generation, epoch, hash, signature }: Told<'ack'>): Promise<void> {
    const ballot = this.#ballot;
    if (!ballot || generation !== this.row.generation || epoch !== ballot.epoch || toBase64url(hash) !== toBase64url(ballot.hash)) return;
    if (ballot.votes.some(({ device }) => device === from)) return;
    ballot.votes.push({ device: from, signature });
    await this.#count();
  }

  async #count(): Promise<void> {
    const ballot = this.#ballot!;
    const { id, generation, departed } = this.row;
    const mandate: Mandate = { votes: ballot.votes, departures: departed };
    if (!(await this.#agreed(ballot.epoch, ballot.hash, mandate))) return;
    this.#ballot = null;
    const signature = await this.ctx.sealer.sign(orderedStatement(groupIdOf(id, generation, { by: 'closed' }), ballot.epoch, ballot.hash));
    const ordered: OrderedCommit = { commit: ballot.bundle.commit, signature, ...mandate };
    if (!(await this.#apply(ballot.epoch, ordered))) return;
    this.#pass(ballot.epoch, ordered);
    const { welcome, groupInfo } = ballot.bundle;
    for (const device of ballot.welcome)
      this.hooks.tell(device, { type: 'welcome', id, room: this.row.room, generation, welcome, groupInfo, ...this.row.mandate });
  }

  /** A majority has this commit for that epoch. */
  #agreed(epoch: number, hash: Uint8Array, mandate: Mandate): Promise<boolean> {
    const { id, generation } = this.row;
    return hasMajority(this.#roster?.leaves ?? [], mandate, {
      id,
      generation,
      said: ackStatement(id, generation, epoch, hash),
      neutral: ({ acked }) => acked < epoch,
    });
  }

  async #rejoin(from: DeviceId, { generation, keyPackage }: Pick<Told<'rejoin'>, 'generation' | 'keyPackage'>): Promise<void> {
    if (!this.#sequencing || generation !== this.row.generation || this.#leaf(from) || this.#rejoining.size >= 64) return;
    if (!(await isOf(this.ctx.sealer, from, keyPackage))) return;
    this.#rejoining.set(from, keyPackage);
    this.#soon();
  }

  /* Everybody */

  async #submit(): Promise<void> {
    const { commit } = await this.ctx.sealer.commit(this.row.id, []);
    const { id, generation, sequencer } = this.row;
    this.hooks.tell(sequencer, { type: 'submit', id, generation, epoch: this.#roster!.epoch + 1, commit });
  }

  /** One signature for one place, remembered before it leaves. Null when another commit has it, or this generation is over. */
  async #ack(epoch: number, hash: Uint8Array): Promise<Signed | null> {
    const { id, generation, promised, acked, talking } = this.row;
    const name = toBase64url(hash);
    if (promised > generation || !talking) return null;
    if (acked && acked.generation === generation && acked.epoch === epoch && acked.hash !== name) return null;
    this.row.acked = { generation, epoch, hash: name };
    await this.#save();
    return { device: this.ctx.me.device, signature: await this.ctx.sealer.sign(ackStatement(id, generation, epoch, hash)) };
  }

  async #voteOn(from: DeviceId, { id, generation, epoch, commit }: Told<'ballot'>): Promise<void> {
    if (from !== this.row.sequencer || generation !== this.row.generation || !this.#roster || epoch !== this.#roster.epoch + 1) return;
    const hash = await sha256(commit);
    const own = (await this.#allowed(commit)) && (await this.#ack(epoch, hash));
    if (own) this.hooks.tell(from, { type: 'ack', id, generation, epoch, hash, signature: own.signature });
  }

  /** Nobody comes in who was not there at the beginning, and nobody is put out who has not gone: not even by the sequencer. */
  async #allowed(commit: Uint8Array): Promise<boolean> {
    try {
      const { added, removed } = await this.ctx.sealer.preview(this.row.id, commit);
      const left = new Set(this.row.departed.map(({ device }) => device));
      const back = new Set(added.map(({ device }) => device));
      return (
        added.every(({ device }) => this.row.devices.includes(device)) &&
        removed.every(({ device }) => left.has(device) || back.has(device))
      );
    } catch (error) {
      if (!(error instanceof SealError) || error.code === 'fenced') throw error;
      return false;
    }
  }

  async #committed(from: DeviceId, message: Told<'commit'>): Promise<void> {
    const { generation, epoch, commit, signature, votes, departures } = message;
    const roster = this.#roster;
    if (!roster || generation !== this.row.generation || epoch <= roster.epoch) return;
    if (epoch > roster.epoch + 1) return this.greet(from); // it answers with what is missing
    const mandate = { votes, departures };
    if (!(await this.#agreed(epoch, await sha256(commit), mandate))) return;
    const ordered = { commit, signature, ...mandate };
    if (await this.#apply(epoch, ordered)) this.#pass(epoch, ordered);
  }

  #pass(epoch: number, ordered: OrderedCommit): void {
    const { id, generation } = this.row;
    this.#tellAll({ type: 'commit', id, generation, epoch, ...ordered });
  }

  async #apply(epoch: number, { commit, signature, ...mandate }: OrderedCommit): Promise<boolean> {
    const { id, generation } = this.row;
    let change;
    try {
      change = await this.ctx.sealer.apply(id, commit, signature);
    } catch (error) {
      if (!(error instanceof SealError) || error.code === 'fenced') throw error;
      await this.ctx.sealer.discard(id);
      return false; // it breaks the rules that all members keep: nobody else applies it either
    }
    if (!change) return false;
    await this.rows.keep(id, generation, epoch, { commit, signature, ...mandate });
    await this.#changed(change);
    return true;
  }

  async #changed(change: EpochChange): Promise<void> {
    this.#waited = 0;
    await this.load();
    const leaves = new Set(this.#roster?.leaves.map(({ device }) => device));
    this.row.departed = this.row.departed.filter(({ device }) => leaves.has(device));
    if (change.removedSelf) this.row.talking = false;
    await this.#save();
    await this.hooks.changed(change);
    await this.hooks.ready();
    this.#soon();
  }

  async #left(message: Told<'leaving'>): Promise<void> {
    const { id, generation, device, promised, acked, signature } = message;
    const leaf = this.#leaf(device);
    if (!leaf || generation !== this.row.generation || this.row.departed.some((gone) => gone.device === device)) return;
    if (!(await verifyEd25519(leaf.deviceKey, signature, departureStatement(id, generation, message)))) return;
    this.row.departed.push({ device, promised, acked, signature });
    this.row.devices = this.row.devices.filter((each) => each !== device);
    await this.#save();
    this.#tellAll(message);
    await this.hooks.ready();
    this.#soon();
  }

  /** Who is behind is brought up to date; who is of an earlier generation is told why there is a later one. */
  async #compare(from: DeviceId, { id, generation, epoch, now }: Told<'head'>): Promise<void> {
    this.ctx.clock.compare(from, now);
    const mine = this.#roster;
    if (!mine || generation > this.row.generation) return;
    for (const { epoch: made, ordered } of await this.rows.since(id, generation, epoch))
      this.hooks.tell(from, { type: 'commit', id, generation, epoch: made, ...ordered });
    if (generation < this.row.generation)
      this.hooks.tell(from, { type: 'moved', id, generation: this.row.generation, ...this.row.mandate });
  }

  /* Another sequencer */

  /** In turns, so that not everybody stands at once: the first by device id that is there. */
  async #stand(): Promise<void> {
    const gone = new Set(this.row.departed.map(({ device }) => device));
    const there = [...this.hooks.open(), this.ctx.me.device].filter((device) => !gone.has(device)).sort();
    if (this.#waited++ < 2 * there.indexOf(this.ctx.me.device)) return;
    const { id } = this.row;
    const generation = this.#standing?.generation ?? Math.max(this.row.generation, this.row.promised) + 1;
    if (!this.#standing) {
      this.row.promised = generation;
      await this.#save();
      const signature = await this.ctx.sealer.sign(voteStatement(id, generation, this.ctx.me.device));
      this.#standing = { generation, votes: [{ device: this.ctx.me.device, signature }], packages: new Map() };
    }
    this.#tellAll({ type: 'stand', id, generation });
    await this.#win();
  }

  /** A vote is a promise: it is given once for each generation, and never while the sequencer is at hand. */
  async #asked(from: DeviceId, { id, generation }: Told<'stand'>): Promise<void> {
    const { row } = this;
    const atHand = !row.departed.some(({ device }) => device === row.sequencer) && this.hooks.open().includes(row.sequencer);
    if (!this.#leaf(from) || generation <= row.promised || generation <= row.generation || atHand || this.#sequencing || !row.talking)
      return;
    row.promised = generation;
    this.#standing = null;
    await this.#save();
    const signature = await this.ctx.sealer.sign(voteStatement(id, generation, from));
    const [keyPackage] = (await this.ctx.sealer.keyPackages(1, false)).packages;
    this.hooks.tell(from, { type: 'vote', id, generation, signature, keyPackage: keyPackage! });
  }

  async #elected(from: DeviceId, { generation, signature, keyPackage }: Told<'vote'>): Promise<void> {
    const standing = this.#standing;
    if (generation === this.row.generation) return this.#rejoin(from, { generation, keyPackage }); // a vote after the poll
    if (standing?.generation !== generation || !this.#leaf(from) || standing.packages.has(from)) return;
    if (!(await isOf(this.ctx.sealer, from, keyPackage))) return;
    standing.votes.push({ device: from, signature });
    standing.packages.set(from, keyPackage);
    await this.#win();
  }

  async #win(): Promise<void> {
    const { generation, votes, packages } = this.#standing!;
    const { id } = this.row;
    const mandate = { votes, departures: this.row.departed };
    if (!(await this.#holds(generation, this.ctx.me.device, mandate))) return;
    this.#standing = null;
    const { welcome, groupInfo } = await foundPrivate(this.ctx.sealer, id, generation, [...packages.values()]);
    await this.#begin(generation, this.ctx.me.device, mandate);
    for (const device of packages.keys())
      this.hooks.tell(device, { type: 'welcome', id, room: this.row.room, generation, welcome, groupInfo, ...mandate });
  }

  /** A majority wants this sequencer for that generation. */
  #holds(generation: number, candidate: DeviceId, mandate: Mandate): Promise<boolean> {
    const { id } = this.row;
    return hasMajority(this.#roster?.leaves ?? [], mandate, {
      id,
      generation: this.row.generation,
      said: voteStatement(id, generation, candidate),
      neutral: ({ promised }) => promised < generation,
    });
  }

  async #moved(from: DeviceId, { id, generation }: Told<'moved'>): Promise<void> {
    if (generation <= this.row.generation) return;
    const [keyPackage] = (await this.ctx.sealer.keyPackages(1, false)).packages;
    this.hooks.tell(from, { type: 'rejoin', id, generation, keyPackage: keyPackage! });
  }

  async #welcomed(from: DeviceId, { id, generation, welcome, groupInfo, votes, departures }: Told<'welcome'>): Promise<void> {
    const leaf = this.#leaf(from);
    if (!leaf || generation <= this.row.generation || !(await this.#holds(generation, from, { votes, departures }))) return;
    try {
      await this.ctx.sealer.joinByWelcome(id, welcome, groupInfo, leaf.deviceKey);
    } catch (error) {
      if (!(error instanceof SealError) || error.code === 'fenced') throw error;
      return; // it was for another device, or is damaged: whoever is ahead says “moved” again on the next contact
    }
    await this.#begin(generation, from, { votes, departures });
  }

  async #begin(generation: number, sequencer: DeviceId, mandate: Mandate): Promise<void> {
    const before = this.#roster?.leaves ?? [];
    Object.assign(this.row, { generation, sequencer, mandate, departed: [], promised: Math.max(generation, this.row.promised) });
    await this.load();
    const now = this.#roster!.leaves;
    const has = (list: typeof now, device: DeviceId) => list.some((leaf) => leaf.device === device);
    await this.#changed({
      generation,
      epoch: this.#roster!.epoch,
      added: now.filter(({ device }) => !has(before, device)),
      removed: before.filter(({ device }) => !has(now, device)),
      removedSelf: false,
    });
  }
}
