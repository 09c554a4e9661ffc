import type { DeviceId, OnlineDevice, RoomMember, RoomRole, ServerFrame, UserId } from '../../../protocol/src/index.ts';
import type { Roster } from '../sealing/sealer.ts';
import type { MemberView, RosterView } from '../views/members.ts';
import type { RoomContext } from './context.ts';
import { rosterView } from './roster.ts';

type Frame<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>;

export type AttendanceHooks = {
  roster: () => Roster | null;
  waitingFor: (devices: DeviceId[]) => number;
  muted: (user: UserId) => MemberView['muted'];
  rules: (user: UserId) => MemberView['rules'];
  /** Put out by a moderator: no link, whatever the group still says. */
  shunned: (user: UserId) => boolean;
};

/** Who belongs to the room and who is there: members and presence by the server's word, devices by the tree. */
export class Attendance {
  #members: RoomMember[] = [];
  #roles = new Map<UserId, RoomRole>();
  readonly #online = new Map<DeviceId, OnlineDevice>();

  constructor(
    private readonly ctx: RoomContext,
    private readonly hooks: AttendanceHooks,
  ) {}

  /** Roles as they were when the server was last heard. */
  load(roles: { [user: UserId]: RoomRole }): void {
    this.#roles = new Map(Object.entries(roles));
  }

  roleOf(user: UserId): RoomRole {
    return this.#roles.get(user) ?? 'member';
  }

  /** All but plain members. */
  get roles(): { [user: UserId]: RoomRole } {
    return Object.fromEntries(this.#roles);
  }

  /** The other person of a direct conversation. */
  get other(): UserId | null {
    return this.#members.find(({ id }) => id !== this.ctx.me.user)?.id ?? null;
  }

  async joined({ members, online }: Frame<'joined'>): Promise<void> {
    this.#members = members;
    this.#readRoles();
    this.#online.clear();
    for (const each of online) this.#online.set(each.device, each);
    await this.ctx.people.met(members);
    this.expectPeers();
  }

  presence({ online, offline }: Frame<'presence'>): void {
    for (const each of online) this.#online.set(each.device, each);
    for (const device of offline) this.#online.delete(device);
    this.expectPeers();
  }

  async members({ joined, left }: Frame<'members'>): Promise<void> {
    const changed = new Set([...left, ...joined.map(({ id }) => id)]);
    this.#members = [...this.#members.filter(({ id }) => !changed.has(id)), ...joined];
    this.#readRoles();
    await this.ctx.people.met(joined);
  }

  #readRoles(): void {
    this.#roles = new Map(this.#members.flatMap(({ id, role }) => (role === 'member' ? [] : [[id, role] as const])));
  }

  /** Devices of the group that are connected now, this one included. */
  onlineLeaves(): DeviceId[] {
    const leaves = this.hooks.roster()?.leaves ?? [];
    return leaves.map(({ device }) => device).filter((device) => device === this.ctx.me.device || this.#online.has(device));
  }

  /** Links go to leaves that stay: whoever is about to be removed gets none. */
  expectPeers(): void {
    const { mesh, delivery, me, room } = this.ctx;
    const roster = this.hooks.roster();
    const removing = new Set(roster?.removing);
    const stays = (user: UserId, device: DeviceId) => device !== me.device && !removing.has(device) && !this.hooks.shunned(user);
    const leaves = (roster?.leaves ?? []).filter(({ user, device }) => stays(user, device));
    mesh.expect(
      room,
      leaves.map(({ device, deviceKey }) => ({ device, deviceKey, online: this.#online.has(device) })),
      delivery.relays,
    );
  }

  view(): RosterView {
    const { me, people, mesh, blocks } = this.ctx;
    return rosterView({
      me,
      roster: this.hooks.roster(),
      members: this.#members,
      name: (user) => people.name(user),
      username: (user) => people.username(user),
      avatar: (user) => people.avatar(user),
      keyChanged: (user) => people.keyChanged(user),
      verified: (user) => people.verified(user),
      roleOf: (user) => this.roleOf(user),
      muted: this.hooks.muted,
      rules: this.hooks.rules,
      blocked: blocks,
      appearance: (device) => this.#online.get(device),
      reach: (device) => mesh.reach(device, this.#online.has(device)),
      waitingFor: this.hooks.waitingFor,
    });
  }
}
