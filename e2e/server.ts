import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bootMs = 60_000;

/** The built server as a process of its own, on a port and a data folder of its own. It can be killed and started again. */
export class TestServer {
  #process: ChildProcess | null = null;
  /** Everything it has written to standard output and error, over all its lives. */
  log = '';
  setupToken: string | null = null;

  private constructor(
    readonly port: number,
    readonly dataDir: string,
    private readonly environment: Record<string, string>,
  ) {}

  static async start(environment: Record<string, string> = {}): Promise<TestServer> {
    const server = new TestServer(await freePort(), await mkdtemp(join(tmpdir(), 'conclave-story-')), environment);
    await server.start();
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, ['dist/backend/src/main.js'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_ENV: 'test',
        BCRYPT_COST: '4',
        HOST: '127.0.0.1',
        PORT: String(this.port),
        DATA_DIR: this.dataDir,
        PAGES_DIR: join(root, 'dist/stories/browser'),
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

  /** Of its process while it runs; for whoever wants to stop, freeze or wake it. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** SIGTERM: it drains and goes. */
  async terminate(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async restart(): Promise<void> {
    await this.#end('SIGTERM');
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
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
      const response = await fetch(`${this.origin}/readyz`).catch(() => null);
      if (response?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the server is not ready after ${bootMs} ms:\n${this.log}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
