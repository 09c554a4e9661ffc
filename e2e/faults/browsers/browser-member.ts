import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { needChromium } from '../../../tools/chromium.ts';
import { browserArguments } from '../../browser-arguments.ts';
import type { Proxy } from '../net/proxy.ts';

const bootMs = 30_000;
const askMs = 15_000;
/** Chromium gathers no candidates on loopback by itself, and a page that nobody looks at must not be slowed down. */
const extra = [
  '--allow-loopback-in-peer-connection',
  '--headless=new',
  '--remote-debugging-port=0',
  '--no-default-browser-check',
  '--disable-dev-shm-usage',
];

/** One person at a Chromium process of their own, with a profile on the disk: it may be killed and comes back with what it stored. */
export class BrowserMember {
  #process: ChildProcess | null = null;
  #browser!: Browser;
  context!: BrowserContext;
  page!: Page;
  room = '';

  constructor(
    readonly name: string,
    private readonly folder: string,
    readonly proxy: Proxy,
  ) {}

  get origin(): string {
    return `http://127.0.0.1:${this.proxy.port}`;
  }
  get password(): string {
    return `violet kettles over the ${this.name} marsh`;
  }

  async open(): Promise<void> {
    const profile = join(this.folder, `profile-${this.name}`);
    const child = spawn(needChromium(), [...browserArguments, ...extra, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    this.#browser = await chromium.connectOverCDP(await endpointOf(child));
    this.context = this.#browser.contexts()[0]!;
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
    this.page.setDefaultTimeout(askMs);
  }

  /** The whole browser is gone at once. */
  kill(): Promise<unknown> {
    const child = this.#process!;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    return gone;
  }

  async close(): Promise<void> {
    if (this.#process?.exitCode === null && this.#process.signalCode === null) await this.kill();
  }

  async visit(): Promise<void> {
    await this.page.goto(this.origin, { timeout: bootMs });
  }

  async signUp(how: { setup: string } | { invite: string }): Promise<void> {
    await this.visit();
    await this.page.waitForFunction(
      () => globalThis.conclaveStories && globalThis.conclaveStories.client.session.value.state !== 'starting',
    );
    const account = { username: this.name, displayName: this.name, password: this.password };
    await this.page.evaluate(
      async ([door, person]) => {
        const { client } = globalThis.conclaveStories!;
        if ('setup' in door) await client.doors.setup({ token: door.setup, ...person, rooms: ['Lobby'] });
        else await client.doors.register({ invite: door.invite, ...person });
      },
      [how, account] as const,
    );
    await this.ready();
  }

  async invite(): Promise<string> {
    return this.page.evaluate(async () => (await globalThis.conclaveStories!.client.account.invite({ uses: 5 })).secret);
  }

  async enter(): Promise<void> {
    await this.page.evaluate(() => globalThis.conclaveStories!.client.watchDirectory(true));
    await this.page.waitForFunction(() => globalThis.conclaveStories!.client.directory.value.rooms.length > 0);
    this.room = await this.page.evaluate(async () => {
      const { client } = globalThis.conclaveStories!;
      const { id } = client.directory.value.rooms[0]!;
      if (!client.directory.value.mine.has(id)) await client.joinRoom(id);
      return id;
    });
    await this.page.waitForFunction((id) => globalThis.conclaveStories!.client.rooms.value.some((room) => room.id === id), this.room);
    await this.page.waitForFunction((id) => globalThis.conclaveStories!.client.room(id).view.value.phase === 'ready', this.room);
  }

  /** At work with what is stored. Chromium writes cookies down seconds late: whoever was killed before that signs in again. */
  async ready(): Promise<void> {
    const settled = () => ['ready', 'signed-out'].includes(globalThis.conclaveStories?.client.session.value.state ?? '');
    await this.page.waitForFunction(settled, null, { timeout: bootMs });
    await this.page.evaluate(
      async ([username, password]) => {
        const { client } = globalThis.conclaveStories!;
        if (client.session.value.state === 'signed-out') await client.doors.login(username, password);
      },
      [this.name, this.password] as const,
    );
    await this.page.waitForFunction(() => globalThis.conclaveStories?.client.session.value.state === 'ready', null, { timeout: bootMs });
  }

  say(text: string): Promise<unknown> {
    return this.page.evaluate(([id, words]) => globalThis.conclaveStories!.client.room(id).say(words), [this.room, text] as const);
  }

  /** Says these one after the other; resolves with how many of them nobody has answered for yet. */
  async sayAtOnce(texts: string[]): Promise<number> {
    return this.page.evaluate(
      async ([id, all]) => {
        const room = globalThis.conclaveStories!.client.room(id);
        for (const text of all) await room.say(text);
        const waits = (item: (typeof room.timeline.value.items)[number]) =>
          item.type !== 'message' || !all.includes(item.text) || item.state?.state === 'waiting';
        // What is not drawn yet was said this very moment, and is under way as well.
        const answered = room.timeline.value.items.filter((item) => !waits(item)).length;
        return all.length - answered;
      },
      [this.room, texts] as const,
    );
  }

  /** Everything that is stored of the room, oldest first. */
  async transcript(): Promise<string[]> {
    return this.page.evaluate(async (id) => {
      const room = globalThis.conclaveStories!.client.room(id);
      for (let pages = 0; room.timeline.value.hasOlder && pages < 100; pages++) {
        await room.older();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return room.timeline.value.items.flatMap((item) => (item.type === 'message' ? [item.text] : []));
    }, this.room);
  }
}

function endpointOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`Chromium did not start within ${bootMs} ms: ${text}`)), bootMs);
    child.once('exit', (code) => reject(new Error(`Chromium ended with ${code}: ${text}`)));
    child.stderr!.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-4_000);
      const found = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
      if (!found) return;
      clearTimeout(timer);
      resolve(found);
    });
  });
}
