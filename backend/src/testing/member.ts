import {
  Admission,
  decodeParts,
  encodeParts,
  encodeSubmission,
  fromBase64url,
  toBase64url,
  type Entry,
  type GroupStatus,
  type Ordered,
  type ServerFrame,
} from '../../../libs/protocol/src/index.ts';
import { MlsSealer } from '../../../libs/client/src/sealing/mls-sealer.ts';
import type { Bundle } from '../../../libs/client/src/sealing/sealer.ts';
import { openMemoryStore } from '../../../libs/client/src/storage/memory-store.ts';
import type { Client } from './client.ts';
import type { Answer, Person, World } from './world.ts';

type Committed = Extract<ServerFrame, { type: 'committed' }>;

/** A person with real MLS keys, who takes every step by hand. */
export class Member {
  client!: Client;
  n = 0;

  private constructor(
    readonly world: World,
    readonly person: Person,
    readonly sealer: MlsSealer,
    readonly serverKey: Uint8Array,
  ) {}

  static async come(world: World, username: string, isFirst = false): Promise<Member> {
    const sealer = new MlsSealer(openMemoryStore());
    const keysFor = async (user: string) => {
      const { device, deviceKey, accountKey, signature } = await sealer.enroll(user);
      return { device, deviceKey, accountKey, signature };
    };
    const person = isFirst ? await world.first(username, keysFor) : await world.person(username, keysFor);
    const { serverKey } = (await world.call('GET', '/api/config')).body;
    const member = new Member(world, person, sealer, fromBase64url(serverKey));
    await member.connect();
    return member;
  }

  get device(): string {
    return this.person.keys.device;
  }

  async connect(): Promise<void> {
    this.client = await this.world.connect(this.person);
    this.n = 0;
  }

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.world.call(method, path, body, this.person.token);
  }

  /** Member of the room and joined for live delivery. */
  async join(room: string): Promise<GroupStatus> {
    await this.call('POST', `/api/rooms/${room}/join`);
    this.client.say({ type: 'join', room });
    return (await this.client.next('joined', (frame) => frame.room === room)).group;
  }

  async found(room: string, generation = 0, entry: Entry = { by: 'open' }): Promise<Answer> {
    const { groupInfo } = await this.sealer.found(room, generation, this.serverKey, entry);
    return this.#order(room, `/api/rooms/${room}/group`, encodeParts([groupInfo]));
  }

  /** By external commit. */
  async enter(room: string, resync = false): Promise<Answer> {
    const answer = await this.call('POST', `/api/rooms/${room}/admission`, {});
    if (answer.status !== 200) return answer;
    const { generation, epoch, groupInfo, admission } = Admission.parse(answer.body);
    const bundle = await this.sealer.joinByCommit(room, fromBase64url(groupInfo), fromBase64url(admission), this.serverKey, resync);
    return this.submit(room, generation, epoch, bundle);
  }

  async commit(room: string, packages: Uint8Array[] = []): Promise<Answer> {
    const { generation, epoch } = (await this.sealer.roster(room))!;
    return this.submit(room, generation, epoch, await this.sealer.commit(room, packages));
  }

  submit(room: string, generation: number, epoch: number, { commit, welcome, groupInfo }: Bundle): Promise<Answer> {
    return this.#order(
      room,
      `/api/rooms/${room}/commits?generation=${generation}&epoch=${epoch}`,
      encodeParts([commit, welcome, groupInfo]),
    );
  }

  async #order(room: string, path: string, body: Uint8Array): Promise<Answer> {
    const answer = await this.call('POST', path, body);
    const { generation, epoch } = answer.body as Ordered;
    if (answer.status === 200) await this.sealer.confirm(room, generation, epoch);
    else await this.sealer.discard(room);
    return answer;
  }

  /** Takes the next commit frame of this kind and applies it. */
  async follow(room: string, as: Committed['as'] = 'commit'): Promise<Committed> {
    const frame = await this.client.next('committed', (candidate) => candidate.room === room && candidate.as === as);
    const item = await this.call('GET', `/api/rooms/${room}/log/${frame.pos}`);
    if (item.status !== 200) throw new Error(JSON.stringify(item.body));
    if (as === 'welcome') {
      const [welcome, groupInfo] = decodeParts(item.body, 3) as [Uint8Array, Uint8Array];
      await this.sealer.joinByWelcome(room, welcome, groupInfo, this.serverKey);
    } else {
      const [commit, signature] = decodeParts(item.body, 2) as [Uint8Array, Uint8Array];
      await this.sealer.apply(room, commit, signature);
    }
    return frame;
  }

  async propose(room: string, { removing }: GroupStatus): Promise<void> {
    await this.sealer.propose(
      room,
      removing.map(({ proposal }) => fromBase64url(proposal)),
    );
  }

  async sealed(room: string, text: string): Promise<Uint8Array> {
    return (await this.sealer.seal(room, new TextEncoder().encode(text), new Uint8Array())).ciphertext;
  }

  async send(room: string, text: string, recipients: Member[]): Promise<Uint8Array> {
    const ciphertext = await this.sealed(room, text);
    this.hand(room, ciphertext, recipients);
    return ciphertext;
  }

  hand(room: string, ciphertext: Uint8Array, recipients: Member[], n = ++this.n): void {
    this.client.raw(encodeSubmission({ n, room, recipients: recipients.map(({ device }) => device), ciphertext }), true);
  }

  /** Opens the next envelope that came. */
  async read(): Promise<{ text: string; eid: string }> {
    const envelope = await this.client.until('an envelope', () => this.client.envelopes.shift());
    const { content, eid } = await this.sealer.open(envelope.room, envelope.ciphertext);
    return { text: new TextDecoder().decode(content), eid };
  }

  async publish(count = 3): Promise<void> {
    const { packages } = await this.sealer.keyPackages(count, false);
    const answer = await this.call('POST', `/api/me/devices/${this.device}/key-packages`, { packages: packages.map(toBase64url) });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  }
}
