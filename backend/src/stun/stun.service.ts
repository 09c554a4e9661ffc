import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { CONFIG, type Config } from '../config.ts';
import { Budget } from '../presence/budget.ts';
import { answerBinding } from './binding.ts';

const PER_ADDRESS = { perSecond: 20, atOnce: 100 };
const IN_ALL = { perSecond: 2_000, atOnce: 4_000 };
const ADDRESSES_MAX = 5_000;

/**
 * Answers STUN on UDP, so that browsers learn how they look from outside without a third party (MESH5). A sender's address may be
 * forged: answers are hardly longer than requests, and few. A port that is taken is said in the log and keeps nothing else from working.
 */
@Injectable()
export class Stun implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger('Stun');
  readonly #budgets = new Map<string, Budget>();
  readonly #all = new Budget(IN_ALL.perSecond, IN_ALL.atOnce);
  #socket: Socket | null = null;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** The UDP port it answers on; null when it does not. */
  get port(): number | null {
    return this.#socket?.address().port ?? null;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { stun, stunHost, stunPort } = this.config;
    if (!stun) return;
    try {
      this.#socket = await (stunHost === undefined ? everywhere(stunPort) : bound(stunHost, stunPort));
      this.#socket.on('message', (datagram, from) => this.#answer(datagram, from));
      this.#socket.on('error', (error) => this.#log.warn(`STUN: ${error.message}`));
      this.#log.log(`STUN answers on UDP port ${this.port}`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'another program has it' : (code ?? String(error));
      this.#log.warn(`No STUN: UDP port ${stunPort} cannot be opened (${why}). Set STUN_PORT, or STUN=off. Everything else works.`);
    }
  }

  onApplicationShutdown(): void {
    this.#socket?.close();
    this.#socket = null;
  }

  #answer(datagram: Buffer, { address, port }: RemoteInfo): void {
    if (port === 0 || this.#budgetOf(address).take() > 0 || this.#all.take() > 0) return;
    const answer = answerBinding(datagram, address, port);
    if (answer) this.#socket?.send(answer, port, address);
  }

  #budgetOf(address: string): Budget {
    const known = this.#budgets.get(address);
    if (known) return known;
    if (this.#budgets.size >= ADDRESSES_MAX) this.#budgets.clear();
    const budget = new Budget(PER_ADDRESS.perSecond, PER_ADDRESS.atOnce);
    this.#budgets.set(address, budget);
    return budget;
  }
}

/** IPv6 and IPv4 on one socket; where there is no IPv6, IPv4. */
async function everywhere(port: number): Promise<Socket> {
  try {
    return await bound('::', port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') throw error;
    return bound('0.0.0.0', port);
  }
}

function bound(address: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4' });
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address, port }, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
