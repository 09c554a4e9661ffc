import type { DeviceId, RoomId, UserId } from '../../../protocol/src/index.ts';
import type { PrivateView } from '../views/private.ts';
import type { PrivateContext } from './private-context.ts';
import { PrivateRoom } from './private-room.ts';
import { PrivateRows, type PrivateRow } from './private-row.ts';

export type Whereabouts = {
  /** Nothing may reach the server from here on, until `comeBack`. */
  leaveServer: () => void;
  comeBack: () => void;
};

/** What was said in private and has not reached somebody is repaired among those who were there for so long. */
const repairMs = 30 * 86_400_000;

/** The private conversations of this device: one at most goes on, away from the server; those that are over are repaired for a while. */
export class Conversations {
  readonly #rooms = new Map<RoomId, PrivateRoom>();
  readonly #rows: PrivateRows;

  constructor(
    private readonly ctx: PrivateContext,
    private readonly whereabouts: Whereabouts,
  ) {
    this.#rows = new PrivateRows(ctx.session.store);
  }

  /** The one that goes on. */
  get active(): PrivateRoom | null {
    return [...this.#rooms.values()].find(({ row }) => row.talking) ?? null;
  }

  get(id: RoomId): PrivateRoom | undefined {
    return this.#rooms.get(id);
  }

  get view(): PrivateView | null {
    const { active } = this;
    return active && { phase: 'private', room: active.row.room, people: active.row.people.map((user) => this.#person(active, user)) };
  }

  /** Those that are kept. */
  async load(): Promise<void> {
    for (const row of await this.#rows.all()) {
      if (!row.talking && this.ctx.session.clock.now() - row.begunAt > repairMs) await this.#drop(row);
      else this.#open(row);
    }
  }

  /** Its group is there: this device leaves the server. */
  async begin(id: RoomId, room: RoomId, sequencer: DeviceId): Promise<void> {
    const { sealer, clock } = this.ctx.session;
    const roster = await sealer.roster(id);
    const people = [...new Set(roster!.leaves.map(({ user }) => user))];
    const row: PrivateRow = {
      id,
      room,
      generation: 0,
      sequencer,
      people,
      devices: roster!.leaves.map(({ device }) => device),
      begunAt: clock.now(),
      talking: true,
      promised: 0,
      acked: null,
      departed: [],
      mandate: { votes: [], departures: [] },
    };
    await this.#rows.save(row);
    this.#open(row);
    await this.ctx.room(room)?.branchHooks.tell(`private.${id}`, { kind: 'private-begun', names: this.#others(people) });
    this.whereabouts.leaveServer();
    this.ctx.show();
  }

  /** Back to the server, where one goes on. */
  async end(room: PrivateRoom): Promise<void> {
    const { row } = room;
    if (!row.talking) return;
    await room.depart();
    const parent = this.ctx.room(row.room);
    await parent?.branchHooks.tell(`private-end.${row.id}`, { kind: 'private-ended', names: this.#others(row.people) });
    parent?.branch(row.id, room, false, this.#others(row.people));
    this.whereabouts.comeBack();
    this.ctx.show();
  }

  stop(): void {
    this.#rooms.forEach((room) => room.stop());
  }

  #open(row: PrivateRow): void {
    const { session, tell } = this.ctx;
    const parent = this.ctx.room(row.room);
    if (!parent) return;
    const names = this.#others(row.people);
    const room = new PrivateRoom(session, row, this.#rows, names, { ...parent.branchHooks, changed: () => this.#changed(row) }, tell);
    this.#rooms.set(row.id, room);
    parent.branch(row.id, room, row.talking, names);
  }

  #changed(row: PrivateRow): void {
    this.ctx.room(row.room)?.branchChanged();
    const room = this.#rooms.get(row.id);
    // Everybody else has gone back: nobody is left to talk to.
    if (room && row.talking && row.departed.length > 0 && room.roster && room.roster.leaves.length <= 1)
      this.ctx.soon(() => this.end(room));
    this.ctx.show();
  }

  async #drop(row: PrivateRow): Promise<void> {
    await this.ctx.session.sealer.forget(row.id);
    await this.#rows.remove(row.id);
  }

  #others(people: UserId[]): string[] {
    return people.filter((user) => user !== this.ctx.session.me.user).map((user) => this.ctx.session.people.name(user));
  }

  #person({ row, roster }: PrivateRoom, user: UserId): Extract<PrivateView, { phase: 'private' }>['people'][number] {
    const { me, mesh, people } = this.ctx.session;
    const gone = new Set(row.departed.map(({ device }) => device));
    const devices = (roster?.leaves ?? []).filter((leaf) => leaf.user === user && !gone.has(leaf.device));
    const self = user === me.user;
    const here = self || devices.some(({ device }) => mesh.reaches(device));
    return { user, name: people.name(user), self, reach: here ? 'here' : devices.length === 0 ? 'gone' : 'lost' };
  }
}
