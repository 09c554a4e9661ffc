import { webcrypto } from 'node:crypto';
import { WebSocket } from 'ws';
import { certificateStatement, deviceIdOf, toBase64url, type SignedIn } from '../../../libs/protocol/src/index.ts';
import { readConfig } from '../config.ts';
import { createServerApp, type ServerApp } from '../server.ts';
import { Client } from './client.ts';
import { environmentOf } from './databases.ts';
import { discard, freshDir } from './place.ts';

/*
 * A real server in this process: real Postgres (embedded, or that of TEST_DATABASE_URL), real HTTP and sockets. Faked: nothing but bcrypt's cost.
 */
export const PASSWORD = 'walnut under seven rivers';

export type Keys = { deviceKey: Uint8Array; accountKey: Uint8Array; signature: Uint8Array; device: string; account?: Account };
export type KeysFor = (user: string) => Promise<Keys>;
/** `account` only where the keys were made here. */
export type Person = { id: string; token: string; cookie: string; keys: Keys; username: string; account?: Account };
// oxlint-disable-next-line typescript/no-explicit-any -- what a body holds, each test says by what it expects
export type Answer = { status: number; body: any; headers: Headers };

export class World {
  private constructor(
    readonly server: Pick<ServerApp, 'app' | 'setupToken'>,
    readonly origin: string,
    readonly dir: string,
  ) {}
  admin!: Person;
  /** A proxy that every call takes whose body and answer are text (prism.ts); an answer that the OpenAPI document does not describe fails there. */
  through: string | null = null;

  static async open(environment: Record<string, string> = {}, dir?: string): Promise<World> {
    dir ??= await freshDir();
    const config = readConfig({
      NODE_ENV: 'test',
      BCRYPT_COST: '4',
      LOG_LEVEL: 'silent',
      ...environmentOf(dir),
      HOST: '127.0.0.1',
      PORT: '0',
      STUN: 'off',
      FLOOD_PER_MINUTE: '0',
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
    if (!keep) await discard(this.dir);
  }

  async call(method: string, path: string, body?: unknown, token?: string, headers: Record<string, string> = {}): Promise<Answer> {
    const binary = body instanceof Uint8Array;
    const described = this.through !== null && !binary && /^\/api\/(?!docs|avatars|rooms\/[^/]+\/(?:log|files\/[^/]+$))/.test(path);
    const response = await fetch((described ? this.through : this.origin) + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(body === undefined ? {} : { 'content-type': binary ? 'application/octet-stream' : 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: binary ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    });
    const undescribed = response.headers.get('sl-violations');
    if (described && undescribed !== null) throw new Error(`${method} ${path}: ${undescribed}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const json = response.headers.get('content-type')?.startsWith('application/json') ?? false;
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
    const person = {
      id: user.id,
      token: accessToken,
      cookie: cookieOf(answer),
      keys,
      username,
      ...(keys.account ? { account: keys.account } : {}),
    };
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

  socket(options: { origin?: string; headers?: Record<string, string> } = {}): Client {
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

const makeKeysFor: KeysFor = async (user) => {
  const account = await makeAccount();
  return { ...(await makeDevice(user, account)), account };
};
const pair = async () => (await webcrypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
const raw = async (key: CryptoKey) => new Uint8Array(await webcrypto.subtle.exportKey('raw', key));

export function cookieOf(answer: Answer): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}
