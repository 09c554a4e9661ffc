import type { DeviceId, Person, ServerFrame, UserId } from '../../../protocol/src/index.ts';
import type { Roster } from '../sealing/sealer.ts';
import type { RosterView } from '../views.ts';
import type { RoomContext } from './context.ts';
import { rosterView } from './roster.ts';

type Frame<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>;

/** Who belongs to the room and who is there: members and presence by the server's word, devices by the tree. */
export class Attendance {
  #members: Person[] = [];
  readonly #online = new Map<DeviceId, UserId>();

  constructor(
    private readonly ctx: RoomContext,
    private readonly roster: () => Roster | null,
    private readonly waitingFor: (devices: DeviceId[]) => number,
  ) {}

  async joined({ members, online }: Frame<'joined'>): Promise<void> {
    this.#members = members;
    this.#online.clear();
    for (const { device, user } of online) this.#online.set(device, user);
    await this.ctx.people.met(members);
    this.expectPeers();
  }

  presence({ online, offline }: Frame<'presence'>): void {
    for (const { device, user } of online) this.#online.set(device, user);
    for (const device of offline) this.#online.delete(device);
    this.expectPeers();
  }

  async members({ joined, left }: Frame<'members'>): Promise<void> {
    const changed = new Set([...left, ...joined.map(({ id }) => id)]);
    this.#members = [...this.#members.filter(({ id }) => !changed.has(id)), ...joined];
    await this.ctx.people.met(joined);
  }

  /** Devices of the group that are connected now, this one included. */
  onlineLeaves(): DeviceId[] {
    const leaves = this.roster()?.leaves ?? [];
    return leaves.map(({ device }) => device).filter((device) => device === this.ctx.me.device || this.#online.has(device));
  }

  /** Links go to leaves that stay: whoever is about to be removed gets none. */
  expectPeers(): void {
    const { mesh, me, room } = this.ctx;
    const roster = this.roster();
    const removing = new Set(roster?.removing);
    const leaves = (roster?.leaves ?? []).filter(({ device }) => device !== me.device && !removing.has(device));
    mesh.expect(
      room,
      leaves.map(({ device, deviceKey }) => ({ device, deviceKey, online: this.#online.has(device) })),
    );
  }

  view(): RosterView {
    const { me, people, mesh } = this.ctx;
    return rosterView({
      me,
      roster: this.roster(),
      members: this.#members,
      name: (user) => people.name(user),
      username: (user) => people.username(user),
      keyChanged: (user) => people.keyChanged(user),
      reach: (device) => mesh.reach(device, this.#online.has(device)),
      waitingFor: this.waitingFor,
    });
  }
}
