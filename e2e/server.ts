import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { constants } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emptyHouse } from './empty-house.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const bootMs = 60_000;

/**
 * Where a server runs: on loopback, unless a laboratory has another network for it. `within` is written before its command; `likeAt` is a
 * data folder that its own begins as a copy of.
 */
export type Place = { host: string; port: number; within: readonly string[]; likeAt?: string };
const onLoopback = async (): Promise<Place> => ({ host: '127.0.0.1', port: await freePort(), within: [] });

/** The built server as a process of its own, on a port and a data folder of its own. It can be killed and started again. */
export class TestServer {
  #process: ChildProcess | null = null;
  /** Everything it has written to standard output and error, over all its lives. */
  log = '';
  setupToken: string | null = null;

  private constructor(
    private readonly place: Place,
    readonly dataDir: string,
    private readonly environment: Record<string, string>,
  ) {}

  static async start(environment: Record<string, string> = {}, place?: Place): Promise<TestServer> {
    const dataDir = await mkdtemp(join(tmpdir(), 'conclave-story-'));
    const like = place?.likeAt ?? (environment['DATABASE_URL'] === undefined ? emptyHouse() : null);
    if (like !== null) await cp(like, dataDir, { recursive: true, mode: constants.COPYFILE_FICLONE });
    const server = new TestServer(place ?? (await onLoopback()), dataDir, environment);
    await server.start();
    return server;
  }

  get port(): number {
    return this.place.port;
  }
  get origin(): string {
    return `http://${this.place.host}:${this.place.port}`;
  }
  /** The server's process: null while there is none. */
  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  async start(): Promise<void> {
    // Another build than that of the tree may be told of.
    const main = process.env['STORIES_BACKEND'] ?? 'dist/backend/src/main.js';
    const [program, ...args] = [...this.place.within, process.execPath, main];
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_ENV: 'test',
        BCRYPT_COST: '4',
        HOST: this.place.host,
        PORT: String(this.port),
        DATA_DIR: this.dataDir,
        STUN: 'off',
        FLOOD_PER_MINUTE: '0', // loads of tests and measurements are floods
        PAGES_DIR: process.env['STORIES_PAGES'] ?? join(root, 'dist/stories/browser'),
        ...this.environment,
      },
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => this.#heard(chunk.toString()));
    await this.#ready(child);
  }

  /** kill -9: nothing is flushed, nobody is told. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends in order, and keeps what is stored. */
  async halt(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async restart(): Promise<void> {
    await this.halt();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.halt();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  #heard(text: string): void {
    this.log += text;
    this.setupToken = /#setup=([A-Za-z0-9_-]+)/.exec(this.log)?.[1] ?? this.setupToken;
  }

  async #ready(child: ChildProcess): Promise<void> {
    for (const until = Date.now() + bootMs; Date.now() < until;) {
      if (child.exitCode !== null) throw new Error(`the server ended at once:\n${this.log}`);
      if (await this.#answers()) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the server is not ready after ${bootMs} ms:\n${this.log}`);
  }

  /** Asked from where the server is: another network may not be reached from here. */
  async #answers(): Promise<boolean> {
    const url = `${this.origin}/readyz`;
    const [program, ...within] = this.place.within;
    if (program === undefined) return (await fetch(url).catch(() => null))?.ok ?? false;
    const ask = `fetch(${JSON.stringify(url)}).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;
    return spawnSync(program, [...within, process.execPath, '-e', ask], { timeout: 10_000 }).status === 0;
  }
}

/** A TCP port of loopback that nobody has at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
