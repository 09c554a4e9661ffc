import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { environmentOf } from './databases.ts';
import { World } from './world.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const START_MS = 45_000;

/** The built program in a process of its own, which may die and come again in the same place. */
export class OwnProcess {
  /** Everything it has printed so far, its log with it. */
  output = '';
  #server: ChildProcess | null = null;
  readonly #running = new Set<ChildProcess>();

  private constructor(
    private readonly built: string,
    private readonly dir: string,
  ) {}

  /** Into a folder of its own: others may be running what stands in dist/. */
  static build(dir: string): OwnProcess {
    const out = mkdtempSync(join(tmpdir(), 'conclave-built-'));
    for (const name of ['node_modules', 'package.json']) symlinkSync(join(root, name), join(out, name));
    const compile = [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'backend', '--outDir', out, '--incremental', 'false'];
    const { stdout, status } = spawnSync(process.execPath, [...compile, '--tsBuildInfoFile', 'null'], { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(stdout);
    return new OwnProcess(out, dir);
  }

  async start(port = '0', environment: Record<string, string> = {}): Promise<World> {
    const env = {
      PATH: process.env['PATH'],
      NODE_ENV: 'test',
      BCRYPT_COST: '4',
      LOG_LEVEL: 'silent',
      ...environmentOf(this.dir),
      HOST: '127.0.0.1',
      STUN: 'off',
      PORT: port,
      ...environment,
    };
    const child = spawn(process.execPath, [join(this.built, 'backend/src/main.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#server = child;
    const printed = await this.#printedBy(child);
    const [, origin] = /(http:\/\/localhost:\d+)/.exec(printed)!;
    return World.at(origin.replace('localhost', '127.0.0.1'), /setup=(\S+)/.exec(printed)?.[1] ?? null, this.dir);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#server;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  /** Whatever still runs, and the build. */
  discard(): void {
    for (const child of this.#running) child.kill('SIGKILL');
    rmSync(this.built, { recursive: true, force: true });
  }

  #printedBy(child: ChildProcess & { stdout: Readable }): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = '';
      const timer = setTimeout(() => reject(new Error(`no start within ${START_MS} ms: ${text}`)), START_MS);
      child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
      this.#running.add(child);
      child.once('exit', () => this.#running.delete(child));
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        this.output += chunk.toString();
        if (!text.endsWith('\n\n')) return;
        clearTimeout(timer);
        resolve(text);
      });
    });
  }
}
