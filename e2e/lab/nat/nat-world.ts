import { chromium, expect, type Browser } from '@playwright/test';
import { rmSync } from 'node:fs';
import type { Statistics } from '../../../libs/protocol/src/index.ts';
import { browserArguments } from '../../browser-arguments.ts';
import { Person } from '../../person.ts';
import { TestServer } from '../../server.ts';
import { PUBLIC, WEB_PORT, type NatLab } from './nat-lab.ts';
import { countPaths, pathOf, type Path } from './candidates.ts';
import { TURN_PORT, type Turn } from './turn.ts';

export const ROOM = 'Lobby';
/** Which ways to one another the server names: STUN, TURN over these transports. */
export type Ways = { stun?: boolean; turn?: ('udp' | 'tcp')[] };

/** Making an embedded database takes seconds: one is made, and copied. */
let fresh: Promise<string> | null = null;

async function freshData(): Promise<string> {
  const server = await TestServer.start();
  await server.halt();
  process.once('exit', () => rmSync(server.dataDir, { recursive: true, force: true }));
  return server.dataDir;
}

/** Conclave at the public host, and a person in a browser of their own behind each NAT. */
export class NatWorld {
  readonly people: Person[] = [];
  readonly #browsers: Browser[] = [];

  private constructor(readonly server: TestServer) {}

  /** `names` sit at the hosts of the laboratory, in their order, and are in one room. */
  static async begin(lab: NatLab, turn: Turn, ways: Ways, names: string[]): Promise<NatWorld> {
    const place = { host: PUBLIC, port: WEB_PORT, within: lab.atPublic, likeAt: await (fresh ??= freshData()) };
    const world = new NatWorld(await TestServer.start(environmentOf(turn, ways), place));
    try {
      for (const [host, name] of names.entries()) await world.#seat(lab, host, name);
      for (const person of world.people) await world.#isInTheGroup(person);
    } catch (error) {
      await world.end();
      throw error;
    }
    return world;
  }

  async end(): Promise<void> {
    for (const browser of this.#browsers) await browser.close();
    await this.server.stop();
  }

  /** What any page complained of on its console. */
  get complaints(): string[] {
    return this.people.flatMap(({ name, complaints }) => complaints.map((text) => `${name}: ${text}`));
  }

  /** How many envelopes the server has taken since it started, by the admin's figures. */
  async relayed(): Promise<number> {
    const [admin] = this.people;
    const { relayedEnvelopes } = await admin!.page.evaluate(
      async ([username, password]) => {
        const json = { 'content-type': 'application/json' };
        // Without credentials: this sign-in must not become the page's own.
        const body = JSON.stringify({ username, password });
        const login = await fetch('/api/auth/login', { method: 'POST', headers: json, body, credentials: 'omit' });
        const { accessToken } = (await login.json()) as { accessToken: string };
        const answer = await fetch('/api/admin/statistics', { headers: { authorization: `Bearer ${accessToken}` }, credentials: 'omit' });
        return (await answer.json()) as Statistics;
      },
      [admin!.name, admin!.password] as const,
    );
    return relayedEnvelopes;
  }

  /** The candidates of each connection that `person` has, as the browser says. */
  paths(person: Person): Promise<Path[]> {
    return person.page.evaluate(pathOf);
  }

  async #seat(lab: NatLab, host: number, name: string): Promise<void> {
    const origin = this.server.origin;
    const browser = await chromium.launch({
      executablePath: lab.browser(host),
      args: [...browserArguments, `--unsafely-treat-insecure-origin-as-secure=${origin}`],
    });
    this.#browsers.push(browser);
    const person = new Person(browser, this.server, name, async (context) => void (await context.addInitScript(countPaths)));
    const [admin] = this.people;
    if (admin) {
      await person.register(
        await admin.page.evaluate(async () => (await globalThis.conclaveStories!.client.account.invite({ uses: 1 })).secret),
      );
      await person.join(ROOM);
    } else {
      await person.setUp(ROOM);
      await person.enter(ROOM);
    }
    this.people.push(person);
  }

  /** What is said before one is in the group is not for one. */
  async #isInTheGroup(person: Person): Promise<void> {
    const members = person.by('member');
    await expect(members).toHaveCount(this.people.length, { timeout: 20_000 });
    await expect(members.filter({ hasText: 'Joining' })).toHaveCount(0, { timeout: 20_000 });
  }
}

function environmentOf(turn: Turn, { stun = false, turn: transports = [] }: Ways): Record<string, string> {
  return {
    ...(stun ? { STUN_URLS: `stun:${PUBLIC}:${TURN_PORT}` } : {}),
    ...(transports.length > 0
      ? {
          TURN_URLS: transports.map((transport) => `turn:${PUBLIC}:${TURN_PORT}?transport=${transport}`).join(','),
          TURN_SECRET: turn.secret,
        }
      : {}),
  };
}
