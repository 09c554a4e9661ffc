import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { JwtService } from '@nestjs/jwt';
import { freePort } from '../e2e/lab/free-port.ts';
import { Wire, type Deliveries } from './wire.ts';

const START_MS = 20_000;
const TYPESCRIPT = join(import.meta.dirname, '../e2e/faults/typescript.ts');
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;
export const yardsticks = ['plain-ws', 'plain-socket-io', 'nest-socket-io'] as const;
export type YardstickName = (typeof yardsticks)[number];

/** One of the servers that ours is held against, as a process of its own on the server's core. */
export class Yardstick {
  readonly #secret = randomBytes(32).toString('hex');
  #process!: ChildProcess;
  #token: string | null = null;

  private constructor(
    readonly name: YardstickName,
    readonly port: number,
  ) {}

  static async start(name: YardstickName): Promise<Yardstick> {
    const yardstick = new Yardstick(name, await freePort());
    await yardstick.#run();
    return yardstick;
  }

  get pid(): number {
    return this.#process.pid!;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }

  /** A client that has joined the room under a name. */
  async join(room: string, name: string, counted: Deliveries, ticket = 'none'): Promise<Wire> {
    if (this.name === 'plain-ws') {
      const wire = await Wire.open(this.port, '/', counted);
      if (ticket !== 'none') await this.#say(wire, { type: 'hello', ticket }, 'welcome');
      await this.#say(wire, { type: 'join', room, name }, 'joined');
      return wire;
    }
    const wire = await Wire.open(this.port, '/socket.io/?EIO=4&transport=websocket', counted);
    await wire.heard((text) => text.startsWith('0'));
    const connected = wire.heard((text) => text.startsWith('40'));
    wire.sendText(`40${JSON.stringify({ ticket })}`);
    await connected;
    const joined = wire.heard((text) => text.startsWith('42["joined"'));
    wire.sendText(`42${JSON.stringify(['join', this.name === 'plain-socket-io' ? room : { room, name }])}`);
    await joined;
    return wire;
  }

  /** To everybody else in the room. */
  say(wire: Wire, room: string, data: Buffer): void {
    if (this.name === 'plain-ws') wire.sendBinary(data);
    else if (this.name === 'plain-socket-io') wire.sendText(`42${JSON.stringify(['say', room, data.toString('latin1')])}`);
    else wire.sendText(`42${JSON.stringify(['say', { room, data: data.toString('latin1') }])}`);
  }

  signal(wire: Wire, to: string, data: string): void {
    if (this.name === 'plain-ws') wire.sendText(JSON.stringify({ type: 'signal', to, data }));
    else wire.sendText(`42${JSON.stringify(['signal', { to, data }])}`);
  }

  async ticket(): Promise<string> {
    this.#token ??= await this.#makeToken();
    const answer = await fetch(`http://127.0.0.1:${this.port}/ticket`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token}` },
    });
    return ((await answer.json()) as { ticket: string }).ticket;
  }

  async #makeToken(): Promise<string> {
    if (this.name === 'nest-socket-io') return new JwtService({ secret: this.#secret }).signAsync({ sub: 'somebody' });
    const statement = Buffer.from(JSON.stringify({ sub: 'somebody' })).toString('base64url');
    return `${statement}.${createHmac('sha256', Buffer.from(this.#secret, 'hex')).update(statement).digest('base64url')}`;
  }

  #say(wire: Wire, frame: object, answer: string): Promise<string> {
    const heard = wire.heard((text) => text.includes(answer));
    wire.sendText(JSON.stringify(frame));
    return heard;
  }

  async #run(): Promise<void> {
    const file = join(import.meta.dirname, `yardsticks/${this.name}.ts`);
    const args = ['-c', String(SERVER_CORE), process.execPath, '--import', TYPESCRIPT, file];
    const env = { ...process.env, PORT: String(this.port), BENCH_SECRET: this.#secret, NODE_ENV: 'production' };
    this.#process = spawn('taskset', args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.name} does not start`)), START_MS);
      this.#process.once('exit', (code) => (clearTimeout(timer), reject(new Error(`${this.name} ended with ${code}`))));
      createInterface(this.#process.stdout!).once('line', () => (clearTimeout(timer), resolve()));
    });
  }
}
