import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RealPostgres } from '../../lab/real-postgres.ts';
import { TestServer } from '../../server.ts';
import { Proxy } from '../net/proxy.ts';
import { Journal } from '../people/journal.ts';
import type { Random } from '../random.ts';
import { BrowserMember } from './browser-member.ts';

/** Three people at three Chromium processes, on a server and a Postgres of their own. */
export class BrowserWorld {
  readonly members: BrowserMember[] = [];
  readonly journals = new Map<string, Journal>();

  private constructor(
    readonly folder: string,
    readonly server: TestServer,
    private readonly postgres: RealPostgres,
  ) {}

  static async open(random: Random): Promise<BrowserWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'conclave-browsers-'));
    const postgres = await RealPostgres.start(30);
    const server = await TestServer.start({ DATABASE_URL: await postgres.database() });
    const world = new BrowserWorld(folder, server, postgres);
    for (const name of ['ann', 'bob', 'cyd']) {
      const member = new BrowserMember(name, folder, await Proxy.open(server.port, random.for(name)));
      world.members.push(member);
      world.journals.set(name, new Journal(folder, name));
      await member.open();
    }
    const [first, ...others] = world.members;
    await first!.signUp({ setup: server.setupToken! });
    const invite = await first!.invite();
    for (const member of others) await member.signUp({ invite });
    for (const member of world.members) await member.enter();
    for (const { page, room } of world.members)
      await page.waitForFunction((id) => {
        const { members } = globalThis.conclaveStories!.client.room(id).roster.value;
        return members.length === 3 && members.every(({ joining }) => !joining);
      }, room);
    return world;
  }

  async close(keep: boolean): Promise<void> {
    for (const member of this.members) await member.close();
    this.journals.forEach((journal) => journal.close());
    for (const { proxy } of this.members) await proxy.close();
    await this.server.stop();
    this.postgres.remove();
    if (!keep) rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
