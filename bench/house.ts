import { encodeParts, encodeSubmission, fromBase64url, toBase64url, type DeviceId, type RoomId } from '../libs/protocol/src/index.ts';
import { MlsSealer } from '../libs/client/src/sealing/mls-sealer.ts';
import { openMemoryStore } from '../libs/client/src/storage/memory-store.ts';
import type { TestServer } from '../e2e/server.ts';
import { Wire, type Deliveries } from './wire.ts';

const PASSWORD = 'violet kettles over the marsh';
const AT_ONCE = 8;
/** Where passwords cost what they really do, a server refuses some of many that register at once: seconds to go on trying. */
const PATIENCE = 60;
const FRESH_MS = 3 * 60_000;
/** Two Adds in a commit cost about 1.5 KB of bundle, which may have 1 MiB. */
const ADDS = 250;

export type Member = {
  name: string;
  device: DeviceId;
  sealer: MlsSealer;
  cookie: string;
  token: string;
  tokenAt: number;
  /** The next submission of the open connection. */
  n: number;
  wire: Wire | null;
};
export type Room = { id: RoomId; members: Member[]; /** One real ciphertext of the group; others are made from it. */ sample: Uint8Array };

/** People with real accounts, devices and key packages in rooms with real MLS groups: nothing in the database that the server did not put there. */
export class House {
  readonly rooms: Room[] = [];
  #admin!: Member;
  #named = 0;
  #serverKey!: Uint8Array;

  private constructor(private readonly server: TestServer) {}

  static async open(server: TestServer): Promise<House> {
    const house = new House(server);
    const { serverKey } = (await house.#ask('GET', '/api/config')) as { serverKey: string };
    house.#serverKey = fromBase64url(serverKey);
    house.#admin = await house.#come('/api/setup', { token: server.setupToken, rooms: ['Lobby'] });
    return house;
  }

  get members(): Member[] {
    return this.rooms.flatMap(({ members }) => members);
  }

  /** Adds a room with so many members. With `group` they are all leaves of its MLS group, and can send. */
  async settle(size: number, group = true): Promise<Room> {
    const { id } = (await this.#ask('POST', '/api/rooms', { name: `Room ${this.rooms.length + 1}` }, await this.#fresh(this.#admin))) as {
      id: RoomId;
    };
    // By invitation: an open door lets only so many in from one network in an hour.
    const { secret: invite } = (await this.#ask('POST', '/api/invites', { uses: size }, await this.#fresh(this.#admin))) as {
      secret: string;
    };
    const members = await inTurns(size, async () => {
      const member = await this.#come('/api/auth/register', { invite });
      await this.#ask('POST', `/api/rooms/${id}/join`, {}, member);
      return member;
    });
    const room: Room = { id, members, sample: new Uint8Array() };
    if (group) room.sample = await this.#group(room);
    this.rooms.push(room);
    return room;
  }

  /** Signed in, connected and welcomed; not joined to any room yet. */
  async connect(member: Member, counted?: Deliveries): Promise<Wire> {
    const { ticket } = (await this.#ask('POST', '/api/auth/ticket', undefined, await this.#fresh(member))) as { ticket: string };
    const wire = await Wire.open(this.server.port, '/socket', counted);
    const welcomed = wire.heard((text) => text.includes('"welcome"'));
    wire.sendText(JSON.stringify({ type: 'hello', version: 1, ticket, device: member.device }));
    await welcomed;
    member.wire = wire;
    member.n = 0;
    return wire;
  }

  join(member: Member, room: RoomId): Promise<string> {
    const joined = member.wire!.heard((text) => text.startsWith('{"type":"joined"'));
    member.wire!.sendText(JSON.stringify({ type: 'join', room }));
    return joined;
  }

  async everybodyIn(rooms: Room[], counted?: Deliveries): Promise<void> {
    for (const { id, members } of rooms)
      await inTurns(members.length, async (i) => {
        await this.connect(members[i]!, counted);
        await this.join(members[i]!, id);
      });
  }

  everybodyOut(): void {
    for (const member of this.members) member.wire?.close();
    for (const member of this.members) member.wire = null;
  }

  /** Everybody's access token is fresh for some minutes from now. */
  async freshen(members: Member[]): Promise<void> {
    await inTurns(members.length, (i) => this.#fresh(members[i]!, 0));
  }

  /** One more session by the password; the status of the answer. */
  async signIn({ name, cookie }: Member): Promise<number> {
    const headers = { origin: this.server.origin, 'content-type': 'application/json', cookie };
    const body = JSON.stringify({ username: name, password: PASSWORD });
    const response = await fetch(`${this.server.origin}/api/auth/login`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    return response.status;
  }

  async #fresh(member: Member, olderThanMs = FRESH_MS): Promise<Member> {
    if (Date.now() - member.tokenAt > olderThanMs) await this.#signedIn(member, '/api/auth/refresh', {});
    return member;
  }

  async #come(path: string, more: object): Promise<Member> {
    const name = `person${++this.#named}`;
    const sealer = new MlsSealer(openMemoryStore());
    const member: Member = { name, device: '', sealer, cookie: '', token: '', tokenAt: 0, n: 0, wire: null };
    const user = await this.#signedIn(member, path, { ...more, username: name, displayName: name, password: PASSWORD });
    const { device, deviceKey, accountKey, signature } = await sealer.enroll(user);
    const certificate = { deviceKey: toBase64url(deviceKey), accountKey: toBase64url(accountKey), signature: toBase64url(signature) };
    await this.#ask('PUT', `/api/me/devices/${device}`, { ...certificate, name: 'Bench' }, member);
    member.device = device;
    return member;
  }

  async #signedIn(member: Member, path: string, body: object): Promise<string> {
    const response = await this.#fetch('POST', path, body, member);
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0]);
    const { accessToken, user } = (await response.json()) as { accessToken: string; user: { id: string } };
    Object.assign(member, { token: accessToken, tokenAt: Date.now() }, cookies.length > 0 ? { cookie: cookies.join('; ') } : {});
    return user.id;
  }

  /** The first founds, and adds all others by their key packages. */
  async #group({ id, members }: Room): Promise<Uint8Array> {
    const [founder, ...others] = members as [Member, ...Member[]];
    const { groupInfo } = await founder.sealer.found(id, 0, this.#serverKey, { by: 'open' });
    await this.#order(founder, id, `/api/rooms/${id}/group`, encodeParts([groupInfo]));
    for (let at = 0; at < others.length; at += ADDS) {
      const packages = await inTurns(Math.min(ADDS, others.length - at), (i) => this.#publish(others[at + i]!));
      const bundle = await founder.sealer.commit(id, packages);
      const { epoch } = (await founder.sealer.roster(id))!;
      const path = `/api/rooms/${id}/commits?generation=0&epoch=${epoch}`;
      await this.#order(founder, id, path, encodeParts([bundle.commit, bundle.welcome, bundle.groupInfo]));
    }
    return (await founder.sealer.seal(id, new Uint8Array(200), new Uint8Array(32))).ciphertext;
  }

  async #publish(member: Member): Promise<Uint8Array> {
    const { packages } = await member.sealer.keyPackages(1, false);
    await this.#ask('POST', `/api/me/devices/${member.device}/key-packages`, { packages: packages.map(toBase64url) }, member);
    return packages[0]!;
  }

  async #order(founder: Member, room: RoomId, path: string, body: Uint8Array): Promise<void> {
    const { generation, epoch } = (await this.#ask('POST', path, body, founder)) as { generation: number; epoch: number };
    await founder.sealer.confirm(room, generation, epoch);
  }

  async #ask(method: string, path: string, body?: unknown, as?: Member): Promise<unknown> {
    const response = await this.#fetch(method, path, body, as);
    return response.status === 204 ? null : response.json();
  }

  async #fetch(method: string, path: string, body?: unknown, as?: Member, attempt = 0): Promise<Response> {
    const binary = body instanceof Uint8Array;
    const headers = new Headers({ origin: this.server.origin });
    if (body !== undefined) headers.set('content-type', binary ? 'application/octet-stream' : 'application/json');
    if (as?.token) headers.set('authorization', `Bearer ${as.token}`);
    if (as?.cookie) headers.set('cookie', as.cookie);
    const response = await fetch(this.server.origin + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: binary ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    });
    if (response.status === 429 && attempt < PATIENCE) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return this.#fetch(method, path, body, as, attempt + 1);
    }
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}

/** The next submission of this member to these: a ciphertext of the group that nobody can open, since its last bytes are this mark. */
export function submission({ id, sample }: Room, member: Member, recipients: DeviceId[], mark: string): Uint8Array {
  const ciphertext = new Uint8Array(sample);
  Buffer.from(ciphertext.buffer).write(mark, ciphertext.length - mark.length, 'latin1');
  return encodeSubmission({ n: ++member.n, room: id, recipients, ciphertext });
}

/** A few at a time, in order. */
export async function inTurns<T>(count: number, task: (i: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < count; i = next++) results[i] = await task(i);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
