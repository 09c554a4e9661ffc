import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { needProgram } from './debian.ts';
import { freePort } from './free-port.ts';

const OWNER = 'conclave';
const LIMIT_MS = 90_000;

/** A Postgres server of one's own: processes, port on loopback and a folder that goes with it. */
export class RealPostgres {
  readonly #bin: string;
  readonly #dir: string;
  readonly #port: number;
  readonly #connections: number;
  #made = 0;
  #running = false;

  private constructor(bin: string, dir: string, port: number, connections: number) {
    this.#connections = connections;
    this.#bin = bin;
    this.#dir = dir;
    this.#port = port;
  }

  static async start(connections = 100): Promise<RealPostgres> {
    const bin = dirname(needProgram('initdb'));
    const dir = mkdtempSync(join(tmpdir(), 'conclave-lab-postgres-'));
    const postgres = new RealPostgres(bin, dir, await freePort(), connections);
    if (isRoot) {
      const [uid, gid] = ['-u', '-g'].map((option) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' })));
      chownSync(dir, uid!, gid!);
    }
    postgres.#run('initdb', ['-D', postgres.#data, '-U', OWNER, '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
    postgres.start();
    return postgres;
  }

  get url(): string {
    return this.#urlOf('postgres');
  }

  /** Of the server's first process, while it runs. */
  get pid(): number {
    return Number(readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
  }

  /** A fresh database, and its DATABASE_URL. */
  async database(): Promise<string> {
    const name = `lab_${++this.#made}`;
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      await client.query(`create database ${name}`);
    } finally {
      await client.end();
    }
    return this.#urlOf(name);
  }

  start(): void {
    this.#run('pg_ctl', this.#startArguments);
    this.#running = true;
  }

  /** `immediate`: as a crash, without a shutdown checkpoint; whoever is connected is cut. */
  stop(mode: 'immediate' | 'fast'): void {
    this.#run('pg_ctl', ['-D', this.#data, '-m', mode, '-w', '-t', '60', 'stop']);
    this.#running = false;
  }

  /** `immediate`, without holding up this process meanwhile. */
  crash(): Promise<void> {
    this.#running = false;
    return this.#runBeside('pg_ctl', ['-D', this.#data, '-m', 'immediate', '-w', '-t', '60', 'stop']);
  }
  async startAgain(): Promise<void> {
    await this.#runBeside('pg_ctl', this.#startArguments);
    this.#running = true;
  }

  remove(): void {
    if (this.#running) this.stop('immediate');
    rmSync(this.#dir, { recursive: true, force: true });
  }

  get #startArguments(): string[] {
    const options = `-p ${this.#port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=${this.#connections}`;
    return ['-D', this.#data, '-l', join(this.#dir, 'log'), '-o', options, '-w', '-t', '60', 'start'];
  }
  get #data(): string {
    return join(this.#dir, 'data');
  }
  #urlOf(database: string): string {
    return `postgres://${OWNER}@127.0.0.1:${this.#port}/${database}`;
  }

  async #runBeside(name: string, args: string[]): Promise<void> {
    const [program, ...rest] = this.#command(name, args);
    const child = spawn(program!, rest, { cwd: this.#dir, stdio: 'ignore', timeout: LIMIT_MS });
    const status = await new Promise((resolve) => child.once('error', resolve).once('exit', resolve));
    if (status !== 0) throw new Error(`${name} ${args.at(-1)} failed: ${String(status)}\n${this.#log()}`);
  }

  /**
   * Postgres refuses to run as root, and with a high file descriptor open: a WebRTC library in this process leaves its own to whatever
   * is started from here, and after some hundred connections they reach beyond what Postgres counts with.
   */
  #command(name: string, args: string[]): string[] {
    const command = ['bash', '-c', closeInherited, 'bash', join(this.#bin, name), ...args];
    return isRoot ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', ...command] : command;
  }

  #run(name: string, args: string[]): void {
    const [program, ...rest] = this.#command(name, args);
    // What the server inherits stays open as long as it runs: nothing of ours.
    const { status, error } = spawnSync(program!, rest, { cwd: this.#dir, stdio: 'ignore', timeout: LIMIT_MS });
    if (status !== 0) throw new Error(`${name} ${args.at(-1)} failed: ${error?.message ?? status}\n${this.#log()}`);
  }

  #log(): string {
    try {
      return readFileSync(join(this.#dir, 'log'), 'utf8').slice(-2_000);
    } catch {
      return '(it wrote no log)';
    }
  }
}

const closeInherited = 'for fd in /proc/$$/fd/*; do fd=${fd##*/}; if [ "$fd" -gt 2 ]; then eval "exec $fd>&-"; fi; done; exec "$@"';
const isRoot = process.getuid?.() === 0;
