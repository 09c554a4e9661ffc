import {
  expect as expectSoon,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from '@playwright/test';
import type { Write } from '../libs/client/src/storage/store.ts';
import type { ConclaveClient } from '../libs/client/src/index.ts';
import type { TestServer } from './server.ts';

/** Hooks of the stories build (frontend/src/stories/create-client.ts). */
type Hooks = {
  client: ConclaveClient;
  relayOnly(on: boolean): void;
  write: (writes: Write[]) => Promise<void>;
  connectionStates(): string[];
  transcript(room: string): { mid: string; text: string; author: string }[];
};
declare global {
  var conclaveStories: Hooks | undefined;
}

/** As much as the stories' own configuration gives; outside of them there is none. */
const patienceMs = 40_000;
const expect = expectSoon.configure({ timeout: patienceMs });

/** One person at one browser: a context of its own, and what they do with the product. */
export class Person {
  page!: Page;
  #context!: BrowserContext;
  /** Console errors of the page: a story ends with none. */
  readonly complaints: string[] = [];

  constructor(
    private readonly browser: Browser,
    private readonly server: TestServer,
    readonly name: string,
    /** Done to the browser's context before its first page. */
    private readonly prepare: (context: BrowserContext) => Promise<void> = async () => undefined,
    /** What kind of device it is, where it is not a desktop. */
    private readonly device: BrowserContextOptions = {},
  ) {}

  get password(): string {
    return `violet kettles over the ${this.name} marsh`;
  }
  get context(): BrowserContext {
    return this.#context;
  }

  async arrive(path = '/'): Promise<void> {
    this.#context = await this.browser.newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ['camera', 'microphone'],
      ...this.device,
    });
    this.#context.setDefaultTimeout(patienceMs);
    await this.prepare(this.#context);
    await this.open(path);
  }

  /** A new page in the same browser: what the person sees on opening the app again. */
  async open(path = '/'): Promise<void> {
    this.page = await this.#context.newPage();
    this.page.on('console', (message) => {
      if (message.type() === 'error' && !/ERR_CONNECTION|Failed to load resource|WebSocket/.test(message.text()))
        this.complaints.push(message.text());
    });
    this.page.on('pageerror', (error) => this.complaints.push(String(error)));
    await this.page.goto(this.server.origin + path);
  }

  async close(): Promise<void> {
    await this.page.close();
  }
  async leave(): Promise<void> {
    await this.#context.close();
  }

  by(id: string): Locator {
    return this.page.getByTestId(id);
  }

  async setUp(room: string): Promise<void> {
    await this.arrive(`/#setup=${this.server.setupToken}`);
    await this.#fillForm('setup-form');
    const rooms = this.by('setup-room');
    await rooms.fill(room);
    await this.by('submit').click();
    await expect(this.roomItem(room)).toBeVisible();
  }

  async register(invite: string): Promise<void> {
    await this.arrive(`/register#invite=${invite}`);
    await this.#fillForm('register-form');
    await this.by('submit').click();
    await expect(this.by('room-list')).toBeVisible();
  }

  async signIn(): Promise<void> {
    await expect(this.by('login-form')).toBeVisible();
    await this.by('username').fill(this.name);
    await this.by('password').fill(this.password);
    await this.by('submit').click();
  }

  /** A session of its own for REST, beside the browser's. */
  async token(): Promise<{ accessToken: string }> {
    const answer = await fetch(`${this.server.origin}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: this.name, password: this.password }),
    });
    return (await answer.json()) as { accessToken: string };
  }

  async #fillForm(form: string): Promise<void> {
    await expect(this.by(form)).toBeVisible();
    await this.by('username').fill(this.name);
    await this.by('display-name').fill(this.name[0]!.toUpperCase() + this.name.slice(1));
    await this.by('password').fill(this.password);
  }

  roomItem(room: string): Locator {
    return this.page.locator(`[data-testid=room-item][data-room-name="${room}"]`);
  }

  /** Joins a room from the directory. */
  async join(room: string): Promise<void> {
    await this.by('directory-link').first().click();
    await this.page.locator(`[data-testid=join-room][data-room-name="${room}"]`).click();
    await expect(this.by('composer')).toBeVisible();
  }

  /** Opens a room one is in. */
  async enter(room: string): Promise<void> {
    await this.roomItem(room).first().click();
    await expect(this.by('composer')).toBeVisible();
  }

  async say(text: string): Promise<void> {
    await this.by('composer').fill(text);
    await this.by('composer').press('Enter');
    await expect(this.by('composer')).toHaveValue('');
  }

  message(text: string): Locator {
    return this.by('message').filter({ hasText: text });
  }

  async sees(text: string): Promise<void> {
    await expect(this.message(text).last()).toBeVisible();
  }

  /** "n of n direct" in the head of the room. */
  async allDirect(n: number): Promise<void> {
    await expect(this.by('reach-summary')).toHaveText(new RegExp(`${n} of ${n} direct`), { timeout: 40_000 });
  }

  /** What this browser holds of a room, in its order: read from the client core, beyond what is drawn. */
  async transcript(room: string): Promise<{ mid: string; text: string; author: string }[]> {
    return this.page.evaluate((name) => globalThis.conclaveStories!.transcript(name), room);
  }
  async relayOnly(on: boolean): Promise<void> {
    await this.page.evaluate((value) => globalThis.conclaveStories!.relayOnly(value), on);
  }
  async connectionStates(): Promise<string[]> {
    return this.page.evaluate(() => globalThis.conclaveStories!.connectionStates());
  }
}
