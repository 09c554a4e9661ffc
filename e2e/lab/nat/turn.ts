import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needProgram } from '../debian.ts';
import { PUBLIC, type NatLab } from './nat-lab.ts';

export const TURN_PORT = 3478;

/** coturn at the public host, with the configuration that Conclave ships. It answers STUN as well. */
export class Turn {
  readonly secret = randomBytes(24).toString('hex');
  readonly #dir = mkdtempSync(join(tmpdir(), 'conclave-lab-turn-'));
  #process!: ChildProcess;

  static async start(lab: NatLab): Promise<Turn> {
    const turn = new Turn();
    const shipped = join(import.meta.dirname, '../../../docker/turnserver.conf');
    const args = ['-c', shipped, `--static-auth-secret=${turn.secret}`, '--realm=lab', `--listening-port=${TURN_PORT}`];
    const places = [`--listening-ip=${PUBLIC}`, `--relay-ip=${PUBLIC}`, '--no-tls', '--no-dtls'];
    const files = [`--pidfile=${turn.#dir}/pid`, `--userdb=${turn.#dir}/db`, '--log-file=stdout'];
    const [program, ...within] = lab.atPublic;
    turn.#process = spawn(program, [...within, needProgram('turnserver'), ...args, ...places, ...files], { stdio: 'ignore' });
    await lab.listens('udp', TURN_PORT);
    return turn;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
