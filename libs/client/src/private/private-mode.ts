import { ConclaveError, encodeParts, type DeviceId, type RoomId, type UserId } from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import { Delivery } from '../delivery/delivery.ts';
import type { Link, LinkEvents } from '../delivery/link.ts';
import { Emitter } from '../emitter.ts';
import type { Session } from '../room/context.ts';
import type { Room } from '../room/room.ts';
import { SealError, type Leaf } from '../sealing/sealer.ts';
import { Serial } from '../serial.ts';
import type { PrivatePerson, PrivateView } from '../views/private.ts';
import { decodePrivate, encodePrivate, type PrivateMessage, type Told } from './messages.ts';
import { foundPrivate, isOf } from './founding.ts';
import { PrivateRoom } from './private-room.ts';
import { PrivateRows, type PrivateRow } from './private-row.ts';

export type PrivateModeHooks = {
  room: (id: RoomId) => Room | undefined;
  /** Nothing may reach the server from here on, until `comeBack`. */
  leaveServer: () => void;
  comeBack: () => void;
};

/** Everybody consents for themselves within this. */
const consentMs = 30_000;
const joinMs = 10_000;
/** What was said in private and has not reached somebody is repaired among those who were there for so long. */
const repairMs = 30 * 86_400_000;

type Answer = { yes: boolean; keyPackage?: Uint8Array | undefined };
type Proposal = { id: RoomId; room: RoomId; until: number; asked: Map<DeviceId, Leaf>; answers: Map<DeviceId, Answer> };
type Request = { id: RoomId; room: RoomId; from: DeviceId; until: number; consented: boolean };

/** A relay that is not there: in private nothing goes by the server. */
class NoRelay extends Emitter<LinkEvents> implements Link {
  reaches(): boolean {
    return false;
  }
  carry(): void {}
  release(): void {}
}

/**
 * Private mode (MESH6): one member proposes, each consents on their own device within 30 s, those who do and are directly connected branch
 * off into a group of their own, leave the server, and come back when they like. Nobody else gets what is said there.
 */
export class PrivateMode {
  readonly view = new MutableCell<PrivateView | null>(null);
  readonly #rooms = new Map<RoomId, PrivateRoom>();
  readonly #rows: PrivateRows;
  readonly #session: Session;
  readonly #queue = new Serial();
  readonly #stops: (() => void)[];
  #proposal: Proposal | null = null;
  #request: Request | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #stopped = false;

  constructor(
    session: Session,
    private readonly hooks: PrivateModeHooks,
  ) {
    this.#session = { ...session, delivery: new Delivery(session.mesh, new NoRelay(), () => false) };
    this.#rows = new PrivateRows(session.store);
    this.#stops = [
      session.mesh.on('told', ({ from, body }) => {
        const message = decodePrivate(body);
        if (message) this.#soon(() => this.#told(from, message));
      }),
      session.mesh.on('changed', () => this.#show()),
    ];
  }

  /** Conversations that are kept; true when one of them goes on, away from the server. */
  async load(): Promise<boolean> {
    for (const row of await this.#rows.all()) {
      if (!row.talking && this.#session.clock.now() - row.begunAt > repairMs) await this.#drop(row);
      else this.#open(row);
    }
    this.#show();
    return this.#active !== null;
  }

  /** Asks everybody in the room who is directly connected. Throws ConclaveError when there is nobody to ask. */
  propose(room: RoomId): Promise<void> {
    return this.#queue.run(async () => {
      if (this.#active || this.#proposal || this.#request)
        throw new ConclaveError('conflict', 'One private conversation at a time: finish the one that is going on first.');
      const { mesh, me } = this.#session;
      const leaves = this.hooks.room(room)?.leaves ?? [];
      const asked = new Map(leaves.filter(({ device }) => device !== me.device && mesh.reaches(device)).map((leaf) => [leaf.device, leaf]));
      if (asked.size === 0)
        throw new ConclaveError('conflict', 'Nobody here is directly connected to you now, so nobody could come along. Try again later.');
      const until = Date.now() + consentMs;
      this.#proposal = { id: crypto.randomUUID(), room, until, asked, answers: new Map() };
      for (const device of asked.keys())
        this.#tell(device, { type: 'invite', id: this.#proposal.id, room, until: this.#session.clock.now() + consentMs });
      this.#after(consentMs, () => this.#decide());
      this.#show();
    });
  }

  /** This person's own word on what somebody proposed. */
  answer(yes: boolean): Promise<void> {
    return this.#queue.run(async () => {
      const request = this.#request;
      if (!request || request.consented) return;
      const { id, from } = request;
      if (yes) {
        const [keyPackage] = (await this.#session.sealer.keyPackages(1, false)).packages;
        if (!this.#tell(from, { type: 'answer', id, yes, keyPackage: keyPackage! })) {
          this.#forgetRequest();
          throw new ConclaveError(
            'conflict',
            'The direct connection to whoever asked was lost, so you stay here. Try again when it is back.',
          );
        }
        request.consented = true;
        this.#after(request.until - Date.now() + joinMs, () => this.#requestOff());
      } else {
        this.#tell(from, { type: 'answer', id, yes });
        this.#forgetRequest();
      }
      this.#show();
    });
  }

  /** Back to the server; or, before it has begun, not at all: neither proposed nor consented to. */
  leave(): Promise<void> {
    return this.#queue.run(async () => {
      const proposal = this.#proposal;
      if (proposal) this.#callOff(proposal);
      const request = this.#request;
      if (request?.consented) {
        this.#tell(request.from, { type: 'answer', id: request.id, yes: false });
        this.#forgetRequest();
      }
      const active = this.#active;
      if (active) await this.#end(active);
      this.#show();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#stops.forEach((stop) => stop());
    if (this.#timer) clearTimeout(this.#timer);
    this.#rooms.forEach((room) => room.stop());
    this.#session.delivery.stop();
  }

  get #active(): PrivateRoom | null {
    return [...this.#rooms.values()].find(({ row }) => row.talking) ?? null;
  }

  #soon(step: () => Promise<void>): void {
    this.#queue
      .run(async () => (this.#stopped ? undefined : step()))
      .catch((error: unknown) => {
        if (!this.#stopped) this.#session.broken(error);
      });
  }

  #after(ms: number, step: () => Promise<void>): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#soon(step), Math.max(0, ms));
  }

  #tell(device: DeviceId, message: PrivateMessage): boolean {
    return this.#session.mesh.tell(device, encodePrivate(message));
  }

  async #told(from: DeviceId, message: PrivateMessage): Promise<void> {
    const known = this.#rooms.get(message.id);
    if (known) return known.handle(from, message);
    if (message.type === 'invite') this.#invited(from, message);
    else if (message.type === 'answer') await this.#answered(from, message);
    else if (message.type === 'welcome') await this.#welcomed(from, message);
    else if (message.type === 'off' && this.#request?.id === message.id && this.#request.from === from) await this.#requestOff();
    this.#show();
  }

  /* Proposing */

  async #answered(from: DeviceId, { id, yes, keyPackage }: Told<'answer'>): Promise<void> {
    const proposal = this.#proposal;
    if (proposal?.id !== id || !proposal.asked.has(from)) return;
    if (yes && !(keyPackage && (await isOf(this.#session.sealer, from, keyPackage)))) return;
    proposal.answers.set(from, { yes, keyPackage });
    if (proposal.answers.size === proposal.asked.size) await this.#decide();
  }

  /** Everybody has spoken, or the time is over. */
  async #decide(): Promise<void> {
    const proposal = this.#proposal;
    if (!proposal) return;
    const coming = [...proposal.answers].filter(([device, { yes }]) => yes && this.#session.mesh.reaches(device));
    if (coming.length === 0) {
      this.#callOff(proposal);
      await this.hooks.room(proposal.room)?.branchHooks.tell(`private.${proposal.id}`, { kind: 'private-declined' });
      return this.#show();
    }
    const { id, room } = proposal;
    const packages = coming.map(([, { keyPackage }]) => keyPackage!);
    const bundle = await foundPrivate(this.#session.sealer, id, 0, packages);
    this.#proposal = null;
    const { welcome, groupInfo } = bundle;
    const none = { votes: [], departures: [] };
    for (const [device] of coming) this.#tell(device, { type: 'welcome', id, room, generation: 0, welcome, groupInfo, ...none });
    for (const device of proposal.asked.keys()) if (!coming.some(([each]) => each === device)) this.#tell(device, { type: 'off', id });
    await this.hooks.room(room)?.tellAbsent(coming.map(([device]) => device));
    await this.#begin(id, room, this.#session.me.device);
  }

  #callOff(proposal: Proposal): void {
    for (const device of proposal.asked.keys()) this.#tell(device, { type: 'off', id: proposal.id });
    this.#proposal = null;
  }

  /* Being asked */

  #invited(from: DeviceId, { id, room }: Told<'invite'>): void {
    const leaf = this.hooks.room(room)?.leaves.find(({ device }) => device === from);
    if (!leaf || this.#active || this.#proposal || this.#request) return; // unanswered is no
    this.#request = { id, room, from, until: Date.now() + consentMs, consented: false };
    this.#after(consentMs, async () => this.#forgetRequest());
  }

  /** Nothing came of it. Whoever had said yes is told that they are still here. */
  async #requestOff(): Promise<void> {
    const request = this.#request;
    this.#forgetRequest();
    if (request?.consented) await this.hooks.room(request.room)?.branchHooks.tell(`private.${request.id}`, { kind: 'private-off' });
  }

  #forgetRequest(): void {
    this.#request = null;
    this.#show();
  }

  /** Only what this person consented to, from the device that asked, and with nobody in it who is not in the room. */
  async #welcomed(from: DeviceId, { id, room, generation, welcome, groupInfo }: Told<'welcome'>): Promise<void> {
    const request = this.#request;
    const parent = this.hooks.room(room);
    const inviter = parent?.leaves.find(({ device }) => device === from);
    if (!request?.consented || request.id !== id || request.from !== from || request.room !== room || generation !== 0 || !inviter) return;
    const { sealer } = this.#session;
    try {
      await sealer.joinByWelcome(id, welcome, groupInfo, inviter.deviceKey);
    } catch (error) {
      if (!(error instanceof SealError) || error.code === 'fenced') throw error;
      return this.#requestOff(); // not a group that can be joined: this person stays where they are
    }
    const keys = (leaf: Leaf) => encodeParts([leaf.deviceKey, leaf.accountKey]).join();
    const known = new Set(parent!.leaves.map(keys));
    const roster = await sealer.roster(id);
    if (!roster?.leaves.every((leaf) => known.has(keys(leaf)))) {
      await sealer.forget(id);
      return this.#requestOff();
    }
    this.#request = null;
    await this.#begin(id, room, from);
  }

  /* While it lasts */

  async #begin(id: RoomId, room: RoomId, sequencer: DeviceId): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    const roster = await this.#session.sealer.roster(id);
    const people = [...new Set(roster!.leaves.map(({ user }) => user))];
    const row: PrivateRow = {
      id,
      room,
      generation: 0,
      sequencer,
      people,
      devices: roster!.leaves.map(({ device }) => device),
      begunAt: this.#session.clock.now(),
      talking: true,
      promised: 0,
      acked: null,
      departed: [],
      mandate: { votes: [], departures: [] },
    };
    await this.#rows.save(row);
    this.#open(row);
    await this.hooks.room(room)?.branchHooks.tell(`private.${id}`, { kind: 'private-begun', names: this.#others(people) });
    this.hooks.leaveServer();
    this.#show();
  }

  #open(row: PrivateRow): void {
    const parent = this.hooks.room(row.room);
    if (!parent) return;
    const hooks = { ...parent.branchHooks, changed: () => this.#changed(row) };
    const room = new PrivateRoom(this.#session, row, this.#rows, this.#others(row.people), hooks, (device, message) =>
      this.#tell(device, message),
    );
    this.#rooms.set(row.id, room);
    parent.branch(row.id, room, row.talking, this.#others(row.people));
  }

  #changed(row: PrivateRow): void {
    this.hooks.room(row.room)?.branchChanged();
    const room = this.#rooms.get(row.id);
    // Everybody else has gone back: nobody is left to talk to.
    if (room && row.talking && row.departed.length > 0 && room.roster && room.roster.leaves.length <= 1) this.#soon(() => this.#end(room));
    this.#show();
  }

  async #end(room: PrivateRoom): Promise<void> {
    const { row } = room;
    if (!row.talking) return;
    await room.depart();
    const parent = this.hooks.room(row.room);
    await parent?.branchHooks.tell(`private-end.${row.id}`, { kind: 'private-ended', names: this.#others(row.people) });
    parent?.branch(row.id, room, false, this.#others(row.people));
    this.hooks.comeBack();
    this.#show();
  }

  async #drop(row: PrivateRow): Promise<void> {
    await this.#session.sealer.forget(row.id);
    await this.#rows.remove(row.id);
  }

  #others(people: UserId[]): string[] {
    return people.filter((user) => user !== this.#session.me.user).map((user) => this.#session.people.name(user));
  }

  #show(): void {
    const view = this.#view();
    if (JSON.stringify(view) !== JSON.stringify(this.view.value)) this.view.set(view);
  }

  #view(): PrivateView | null {
    const active = this.#active;
    if (active) {
      const gone = new Set(active.row.departed.map(({ device }) => device));
      const leaves = active.roster?.leaves ?? [];
      const people = active.row.people.map((user) => {
        const devices = leaves.filter((leaf) => leaf.user === user && !gone.has(leaf.device));
        const self = user === this.#session.me.user;
        const reach = self
          ? 'here'
          : devices.length === 0
            ? 'gone'
            : devices.some(({ device }) => this.#session.mesh.reaches(device))
              ? 'here'
              : 'lost';
        return { user, name: this.#session.people.name(user), self, reach } as const;
      });
      return { phase: 'private', room: active.row.room, people };
    }
    if (this.#proposal) {
      const { room, until } = this.#proposal;
      return { phase: 'proposed', room, until, people: this.#asked(this.#proposal) };
    }
    if (!this.#request) return null;
    const { room, from, until, consented } = this.#request;
    const user = this.hooks.room(room)?.leaves.find(({ device }) => device === from)?.user;
    return { phase: consented ? 'consented' : 'asked', room, until, by: user ? this.#session.people.name(user) : '' };
  }

  /** Everybody of the room, with their answer; those who cannot come are named as well. */
  #asked({ room, asked, answers }: Proposal): PrivatePerson[] {
    const { me, people } = this.#session;
    const byUser = new Map<UserId, DeviceId[]>();
    for (const { user, device } of this.hooks.room(room)?.leaves ?? [])
      if (user !== me.user) byUser.set(user, [...(byUser.get(user) ?? []), device]);
    return [...byUser].map(([user, devices]) => {
      const said = devices.map((device) => answers.get(device)?.yes);
      const reachable = devices.some((device) => asked.has(device));
      const answer = !reachable ? 'cannot' : said.includes(true) ? 'yes' : said.includes(false) ? 'no' : 'asked';
      return { user, name: people.name(user), answer };
    });
  }
}
