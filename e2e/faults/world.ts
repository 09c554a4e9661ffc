import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../node-person.ts';
import { TestServer } from '../server.ts';
import { RealPostgres } from '../lab/real-postgres.ts';
import { Proxy } from './net/proxy.ts';
import { Journal } from './people/journal.ts';
import { Member } from './people/member.ts';
import type { Random } from './random.ts';

const roomName = 'Lobby';
/** Three with WebRTC, two that have only the relay. */
const names = [
  ['ann', true],
  ['bob', true],
  ['cyd', true],
  ['dan', false],
  ['eve', false],
] as const;

/** One server on one Postgres, five people, and a network of our own between all of them. */
export class World {
  readonly members: Member[] = [];
  readonly journals = new Map<string, Journal>();

  private constructor(
    readonly folder: string,
    readonly postgres: RealPostgres,
    /** Straight to the database, beside the network that we spoil. */
    readonly databaseUrl: string,
    readonly databaseProxy: Proxy,
    readonly server: TestServer,
    private readonly random: Random,
  ) {}

  static async open(random: Random, count: number = names.length, environment: Record<string, string> = {}): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'conclave-faults-'));
    const postgres = await RealPostgres.start(30);
    const databaseUrl = await postgres.database();
    const url = new URL(databaseUrl);
    const databaseProxy = await Proxy.open(Number(url.port), random.for('database'));
    url.port = String(databaseProxy.port);
    const server = await TestServer.start({ DATABASE_URL: url.href, ...environment });
    const world = new World(folder, postgres, databaseUrl, databaseProxy, server, random);
    await world.#populate(count);
    return world;
  }

  get room(): string {
    return this.members[0]!.room.id;
  }
  member(name: string): Member {
    return this.members.find((member) => member.name === name)!;
  }
  /** Envelopes that were submitted and that nobody has answered for yet. */
  get underWay(): number {
    return this.members.reduce((sum, member) => sum + member.underWay(), 0);
  }

  async #populate(count: number): Promise<void> {
    for (const [name, direct] of names.slice(0, count)) {
      const proxy = await Proxy.open(this.server.port, this.random.for(name));
      const { server } = this;
      const house = { origin: `http://127.0.0.1:${proxy.port}`, get setupToken() { return server.setupToken; } }; // prettier-ignore
      this.members.push(new Member(name, house, proxy, direct));
      this.journals.set(name, new Journal(this.folder, name));
    }
    const [first, ...others] = this.members;
    await first!.person.setUp(roomName);
    const { secret } = await first!.person.client.account.invite({ uses: 10 });
    for (const member of others) await member.person.register(secret);
    for (const member of this.members) await member.take(await member.person.enter(roomName));
    const complete = ({ members }: { members: readonly { joining: boolean }[] }) =>
      members.length === count && members.every(({ joining }) => !joining);
    for (const member of this.members) await until(member.room.roster, complete);
    await this.#greet();
  }

  /** Everybody has heard everybody before anything is spoilt: what nobody has heard of yet, nobody can miss. */
  async #greet(): Promise<void> {
    for (const member of this.members) {
      const journal = this.journals.get(member.name)!;
      const text = journal.next();
      await member.room.say(text);
      journal.write(text);
    }
    for (const { room } of this.members)
      await until(room.timeline, ({ items }) => items.filter(({ type }) => type === 'message').length === this.members.length);
  }

  async close(keep = false): Promise<void> {
    this.members.forEach(({ person }) => person.stop());
    this.journals.forEach((journal) => journal.close());
    for (const { proxy } of this.members) await proxy.close();
    await this.server.stop();
    await this.databaseProxy.close();
    this.postgres.remove();
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }
}
