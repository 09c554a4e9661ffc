import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { needProgram } from '../debian.ts';

const UP_MS = 10_000;
type End = { namespace: string; interface: string };
export type Line = { delayMs?: number; lossPercent?: number; rateMbit?: number };

/** A wire between two namespaces; what is not said of it is perfect. */
export class Wire {
  private constructor(private readonly process: ChildProcess) {}

  static async between(one: End, two: End): Promise<Wire> {
    const args = [join(import.meta.dirname, 'wire.py'), one.namespace, one.interface, two.namespace, two.interface];
    const child = spawn(needProgram('python3'), args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the wire is not up after ${UP_MS} ms: ${complaint}`)), UP_MS);
      child.stdout.once('data', () => (clearTimeout(timer), resolve()));
      child.once('exit', () => (clearTimeout(timer), reject(new Error(`no wire: ${complaint}`))));
    });
    return new Wire(child);
  }

  become({ delayMs = 0, lossPercent = 0, rateMbit = 0 }: Line): void {
    this.process.stdin!.write(`${delayMs} ${lossPercent} ${rateMbit}\n`);
  }

  async remove(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.stdin!.end();
    await ended;
  }
}
