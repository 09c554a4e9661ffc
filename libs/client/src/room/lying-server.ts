import {
  ConclaveError,
  decodeParts,
  encodeParts,
  toBase64url,
  type DeviceId,
  type GroupStatus,
  type RoomKind,
} from '../../../protocol/src/index.ts';
import { WireError } from '../sealing/test-server.ts';
import { Emitter } from '../emitter.ts';
import type { TestServer } from '../sealing/test-server.ts';
import { direct, type Device } from '../sealing/test-world.ts';
import { TestRoom } from './test-room.ts';

export type Member = TestRoom & { place: number };
/** Something on its way to a member: the server may lose it, keep it, or bring it twice. */
export type Mail = { to: Member; kind: 'envelope' | 'commit' | 'status'; bytes: Uint8Array; bring: () => void };

type Told = Emitter<{ told: { from: DeviceId; body: Uint8Array }; changed: null }>;

const kinds: { [by in TestServer['entry']['by']]: RoomKind } = { open: 'open', password: 'password', closed: 'hidden', direct: 'direct' };

/**
 * A delivery service of one room that may lie: it carries every envelope, commit and word on the group by `post`, which the story bends.
 * Behind it are real rooms and sealers; between the members are links that it does not see (MESH).
 */
export class LyingServer {
  readonly members: Member[] = [];
  /** Every ciphertext that was ever sealed. */
  readonly heard: Uint8Array[] = [];
  /** What it hands out as somebody's key package. */
  readonly keyPackages = new Map<DeviceId, Uint8Array>();
  status: Pick<GroupStatus, 'removing' | 'adding' | 'invited'> = { removing: [], adding: [], invited: [] };
  /** The lie: what becomes of the post. */
  post: (mail: Mail[]) => Mail[] = (mail) => mail;
  readonly #waiting: Mail[] = [];
  readonly #links = new Map<DeviceId, Told>();

  constructor(
    readonly truth: TestServer,
    /** Members' links to each other. */
    readonly linked = true,
  ) {}

  /** A member's room over a copy of the device's disk. */
  admit(device: Device): Member {
    const copy: Device = { identity: device.identity, disk: structuredClone(device.disk), sealer: device.sealer };
    const me = device.identity.device;
    const told: Told = new Emitter();
    this.#links.set(me, told);
    const rest = { as: (_method: string, path: string, _schema: unknown, body: Body) => this.#answer(member, path, body) };
    const parts = { rest, mesh: this.#meshOf(me, told), serverKey: this.truth.serverKey };
    const member = Object.assign(new TestRoom(copy, this.truth.room, parts), { place: this.members.length });
    this.members.push(member);
    return member;
  }

  /** Everybody's connection joins the room, and is told the truth. */
  async begin(): Promise<void> {
    for (const member of this.members) await member.people.load();
    for (const member of this.members) member.hears(this.#joined() as never);
    for (const member of this.members) await member.idle();
    for (const link of this.#links.values()) link.emit('changed', null);
  }

  get groupStatus(): GroupStatus {
    return { generation: 0, epoch: this.truth.group.epoch, ...this.status };
  }

  /** The server's word on the group, to everybody. */
  tellStatus(): void {
    const group = this.groupStatus;
    for (const to of this.members)
      this.#waiting.push({
        to,
        kind: 'status',
        bytes: new Uint8Array(),
        bring: () => to.hears({ type: 'group', room: this.truth.room, group }),
      });
  }

  /** A commit that is ordered (by this server, or by what it also tells), to these members. */
  tellCommit(members: Member[], commit: Uint8Array, signature: Uint8Array, epoch: number): void {
    for (const to of members) {
      const bring = () => {
        to.log.set(epoch, encodeParts([commit, signature]));
        to.hears({ type: 'committed', room: this.truth.room, pos: epoch, generation: 0, epoch, as: 'commit' });
      };
      this.#waiting.push({ to, kind: 'commit', bytes: commit, bring });
    }
  }

  /** Until nothing is on its way any more, and `quiet` ms have passed without anything new. */
  async settle(quiet = 15): Promise<void> {
    for (let since = Date.now(); Date.now() - since < quiet; await new Promise((resolve) => setTimeout(resolve, 2))) {
      for (const member of this.members) await member.idle();
      this.#collect();
      const mail = this.post(this.#waiting.splice(0));
      for (const { bring } of mail) bring();
      if (mail.length > 0) since = Date.now();
    }
  }

  stop(): void {
    for (const member of this.members) member.room.stop();
  }

  #collect(): void {
    for (const from of this.members)
      for (const { envelope, recipients } of from.relay.sent.splice(0)) {
        this.heard.push(envelope.ciphertext);
        for (const to of this.members.filter(({ device }) => recipients.includes(device.identity.device)))
          this.#waiting.push({
            to,
            kind: 'envelope',
            bytes: envelope.ciphertext,
            bring: () => {
              const { ciphertext } = envelope;
              const acknowledge = () => undefined;
              to.relay.emit('arrived', {
                room: this.truth.room,
                ciphertext,
                via: 'relay',
                from: from.device.identity.device,
                acknowledge,
              });
            },
          });
      }
  }

  async #answer(by: Member, path: string, { json, bytes }: Body): Promise<unknown> {
    if (path.endsWith('/key-packages')) return { packages: (json?.devices ?? []).flatMap((device) => this.#packageOf(device)) };
    if (!path.includes('/commits')) throw new ConclaveError('forbidden', 'not here');
    const [commit, welcome, groupInfo] = decodeParts(bytes!, 3);
    try {
      const { epoch, signature } = await this.truth.order({ commit: commit!, welcome: welcome!, groupInfo: groupInfo! });
      this.status = { removing: [], adding: [], invited: [] };
      const others = this.members.filter((member) => member !== by);
      this.tellCommit(others, commit!, signature, epoch);
      this.tellStatus();
      return { pos: epoch, generation: 0, epoch, signature: toBase64url(signature) };
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      throw new ConclaveError(error.code === 'wrong-epoch' ? 'stale-epoch' : 'bad-commit', error.message);
    }
  }

  #packageOf(device: DeviceId): { device: DeviceId; keyPackage: string }[] {
    const keyPackage = this.keyPackages.get(device);
    return keyPackage ? [{ device, keyPackage: toBase64url(keyPackage) }] : [];
  }

  #meshOf(me: DeviceId, told: Told): object {
    const reaches = (device: DeviceId) => this.linked && device !== me && this.#links.has(device);
    const tell = (device: DeviceId, body: Uint8Array) => {
      if (reaches(device)) queueMicrotask(() => this.#links.get(device)!.emit('told', { from: me, body }));
      return reaches(device);
    };
    return Object.assign(told, { expect: () => undefined, forget: () => undefined, reach: () => 'direct', reaches, tell });
  }

  #joined(): object {
    const { room, entry } = this.truth;
    const users = this.members.map(({ device: { identity } }) => identity.user);
    const person = (id: string) => ({ id, username: id, displayName: id, accountKey: null, avatar: null, role: 'member' });
    const online = this.members.map(({ device: { identity } }) => ({ device: identity.device, user: identity.user }));
    const summary = {
      id: room,
      kind: kinds[entry.by],
      name: 'r',
      topic: '',
      icon: null,
      for: null,
      slug: null,
      members: users.length,
      online: 1,
    };
    const settings = {
      disappearAfterMs: null,
      newcomersDays: null,
      retentionDays: null,
      welcome: [],
      passwordVersion: entry.by === 'password' ? 1 : 0,
    };
    const about = { summary, settings, members: users.map(person), certificate: null, acts: [] };
    return { type: 'joined', room, ...about, online, group: this.groupStatus, head: 0 };
  }
}

type Body = { json?: { devices?: DeviceId[] }; bytes?: Uint8Array };

/** A real sealer over a copy of a device's disk. */
export function copyOf(device: Device): Device {
  const disk = structuredClone(device.disk);
  return { identity: device.identity, disk, sealer: direct(disk) };
}
