import { randomBytes, webcrypto } from 'node:crypto';
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { WebSocket } from 'ws';
import {
  certificateStatement,
  decodeRelayed,
  deviceIdOf,
  toBase64url,
  type ClientFrame,
  type RelayedEnvelope,
  type ServerFrame,
  type ServerFrameType,
  type SignedIn,
} from '../../../libs/protocol/src/index.ts';
import { readConfig } from '../config.ts';
import { Database } from '../database/database.ts';
import { createServerApp, type ServerApp } from '../server.ts';

/*
 * A real server in this process: real embedded Postgres, real HTTP and sockets. Faked: nothing but bcrypt's cost.
 */
export const PASSWORD = 'walnut under seven rivers';

export type Keys = { deviceKey: Uint8Array; accountKey: Uint8Array; signature: Uint8Array; device: string };
export type KeysFor = (user: string) => Promise<Keys>;
export type Person = { id: string; token: string; cookie: string; keys: Keys; username: string };
export type Answer = { status: number; body: any; headers: Headers };

/** Making a database takes seconds: one is made per test file, and copied. */
let template: Promise<string> | null = null;

async function makeTemplate(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-template-'));
  const database = new Database(readConfig({ DATA_DIR: dir }));
  await database.open();
  await database.onApplicationShutdown();
  return dir;
}

afterAll(async () => {
  if (template) rmSync(await template, { recursive: true, force: true });
});

export async function freshDir(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-'));
  cpSync(await (template ??= makeTemplate()), dir, { recursive: true });
  chmodSync(dir, 0o700);
  return dir;
}

export class World {
  private constructor(
    readonly server: Pick<ServerApp, 'app' | 'setupToken'>,
    readonly origin: string,
    readonly dir: string,
  ) {}
  admin!: Person;

  static async open(environment: Record<string, string> = {}, dir?: string): Promise<World> {
    dir ??= await freshDir();
    const config = readConfig({
      NODE_ENV: 'test',
      BCRYPT_COST: '4',
      LOG_LEVEL: 'silent',
      DATA_DIR: dir,
      HOST: '127.0.0.1',
      PORT: '0',
      ...environment,
    });
    const server = await createServerApp(config);
    await server.app.listen(0, '127.0.0.1');
    const { port } = server.app.getHttpServer().address() as { port: number };
    return new World(server, `http://127.0.0.1:${port}`, dir);
  }

  /** A server that runs elsewhere: in a process of its own, which may die. */
  static at(origin: string, setupToken: string | null, dir: string): World {
    return new World({ setupToken, app: undefined as never }, origin, dir);
  }

  async close(keep = false): Promise<void> {
    await this.server.app.close();
    if (!keep) rmSync(this.dir, { recursive: true, force: true });
  }

  async call(method: string, path: string, body?: unknown, token?: string, headers: Record<string, string> = {}): Promise<Answer> {
    const binary = body instanceof Uint8Array;
    const response = await fetch(this.origin + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': binary ? 'application/octet-stream' : 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: binary ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const json = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, body: json ? JSON.parse(new TextDecoder().decode(bytes)) : bytes, headers: response.headers };
  }

  setup(username = 'ann'): Promise<Answer> {
    const token = this.server.setupToken;
    return this.call('POST', '/api/setup', { token, username, displayName: username, password: PASSWORD, rooms: ['Lobby'] });
  }

  /** The first person, admin. */
  async first(username = 'ann', keysFor: KeysFor = makeKeysFor): Promise<Person> {
    return (this.admin = await this.#enrolled(await this.setup(username), username, keysFor));
  }

  /** Somebody who came by the admin's invitation. */
  async person(username: string, keysFor: KeysFor = makeKeysFor): Promise<Person> {
    const invite = await this.call('POST', '/api/invites', {}, this.admin.token);
    const answer = await this.call('POST', '/api/auth/register', {
      invite: invite.body.secret,
      username,
      displayName: username,
      password: PASSWORD,
    });
    return this.#enrolled(answer, username, keysFor);
  }

  async #enrolled(answer: Answer, username: string, keysFor: KeysFor): Promise<Person> {
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    const { accessToken, user } = answer.body as SignedIn;
    const keys = await keysFor(user.id);
    const person = { id: user.id, token: accessToken, cookie: cookieOf(answer), keys, username };
    const enrolled = await this.enrol(person, keys);
    if (enrolled.status !== 204) throw new Error(JSON.stringify(enrolled.body));
    return person;
  }

  async enrol(person: Person, keys: Keys, more: object = {}, token = person.token): Promise<Answer> {
    const { deviceKey, accountKey, signature, device } = keys;
    const body = {
      deviceKey: toBase64url(deviceKey),
      accountKey: toBase64url(accountKey),
      signature: toBase64url(signature),
      name: 'Test',
      ...more,
    };
    return this.call('PUT', `/api/me/devices/${device}`, body, token);
  }

  async ticket(person: Person, token = person.token): Promise<string> {
    return (await this.call('POST', '/api/auth/ticket', undefined, token)).body.ticket as string;
  }

  socket(options: { origin?: string } = {}): Client {
    return new Client(new WebSocket(`${this.origin.replace('http', 'ws')}/socket`, options));
  }

  async connect(person: Person): Promise<Client> {
    const client = this.socket();
    await client.opened;
    client.say({ type: 'hello', version: 1, ticket: await this.ticket(person), device: person.keys.device });
    await client.next('welcome');
    return client;
  }
}

type Account = { privateKey: CryptoKey; key: Uint8Array };

export async function makeAccount(): Promise<Account> {
  const { privateKey, publicKey } = await pair();
  return { privateKey, key: await raw(publicKey) };
}

export async function makeDevice(user: string, account: Account): Promise<Keys> {
  const deviceKey = await raw((await pair()).publicKey);
  const statement = certificateStatement(user, account.key, deviceKey);
  const signature = new Uint8Array(await webcrypto.subtle.sign('Ed25519', account.privateKey, statement));
  return { deviceKey, accountKey: account.key, signature, device: await deviceIdOf(deviceKey) };
}

const makeKeysFor: KeysFor = async (user) => makeDevice(user, await makeAccount());
const pair = async () => (await webcrypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
const raw = async (key: CryptoKey) => new Uint8Array(await webcrypto.subtle.exportKey('raw', key));

export function cookieOf(answer: Answer): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}

type Frame<T extends ServerFrameType> = Extract<ServerFrame, { type: T }>;
const LONGEST_MS = 5_000;

/** A socket that remembers what it was told. */
export class Client {
  readonly frames: ServerFrame[] = [];
  readonly envelopes: RelayedEnvelope[] = [];
  readonly closed: Promise<number>;
  readonly opened: Promise<void>;
  #wake: (() => void)[] = [];

  constructor(readonly socket: WebSocket) {
    this.opened = new Promise((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', reject);
    });
    this.opened.catch(() => undefined);
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('message', (data: Buffer, binary) => {
      if (binary) this.envelopes.push(decodeRelayed(new Uint8Array(data)));
      else this.frames.push(JSON.parse(data.toString()) as ServerFrame);
      this.#wake.splice(0).forEach((wake) => wake());
    });
  }

  say(frame: ClientFrame): void {
    this.socket.send(JSON.stringify(frame));
  }

  raw(data: string | Uint8Array, binary = false): void {
    this.socket.send(data, { binary });
  }

  /** The next frame of this type; it is taken out. */
  async next<T extends ServerFrameType>(type: T, matching: (frame: Frame<T>) => boolean = () => true): Promise<Frame<T>> {
    return this.until(`a ${type} frame`, () => {
      const at = this.frames.findIndex((frame) => frame.type === type && matching(frame as Frame<T>));
      return at < 0 ? undefined : (this.frames.splice(at, 1)[0] as Frame<T>);
    });
  }

  async until<T>(what: string, look: () => T | undefined): Promise<T> {
    const deadline = Date.now() + LONGEST_MS;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${what} did not come; had ${JSON.stringify(this.frames).slice(0, 500)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake.push(() => (clearTimeout(timer), resolve()));
      });
    }
  }

  close(): void {
    this.socket.close();
  }
}

export const randomToken = (): string => randomBytes(16).toString('base64url');
