import { Inject, Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { TrustedProxies } from '../trusted-proxies.ts';

export type Refusal = { status: string; code: ErrorCode; text: string };

const STRANGERS_PER_ADDRESS = 50;

/** Who may open a socket at all: by origin, by address, by number. */
@Injectable()
export class DoorPolicy {
  #open = 0;
  readonly #strangers = new Map<string, number>();
  readonly #proxies: TrustedProxies;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    this.#proxies = new TrustedProxies(config.trustedProxies);
  }

  get open(): number {
    return this.#open;
  }

  /** Full is not refused here: a browser shows nothing of a refused upgrade, so the door says `bye` instead. */
  refuse(request: IncomingMessage, isSocketPath: boolean): Refusal | null {
    if (!isSocketPath) return { status: '404 Not Found', code: 'not-found', text: 'there is no socket here' };
    if (!this.#mayCome(request)) return { status: '403 Forbidden', code: 'bad-origin', text: 'this site may not connect here' };
    if ((this.#strangers.get(this.addressOf(request)) ?? 0) >= STRANGERS_PER_ADDRESS) {
      return { status: '429 Too Many Requests', code: 'slow-down', text: 'too many connections from this address wait for their ticket' };
    }
    return null;
  }

  arrived(address: string): void {
    this.#open++;
    this.#strangers.set(address, (this.#strangers.get(address) ?? 0) + 1);
  }

  left(): void {
    this.#open--;
  }

  /** Its ticket was accepted, or it went before: it is no stranger any more. Once per connection. */
  settled(address: string): void {
    const left = (this.#strangers.get(address) ?? 1) - 1;
    if (left > 0) this.#strangers.set(address, left);
    else this.#strangers.delete(address);
  }

  get isFull(): boolean {
    return this.#open > this.config.maxConnections;
  }

  addressOf(request: IncomingMessage): string {
    return this.#proxies.addressOf(request);
  }

  /** A browser always tells its origin. A program that tells none carries no one's cookies, and a ticket is needed anyway. */
  #mayCome({ headers }: IncomingMessage): boolean {
    const { origin, host } = headers;
    if (origin === undefined) return true;
    if (this.config.origins.length > 0) return this.config.origins.includes(origin);
    return host !== undefined && (origin === `https://${host}` || origin === `http://${host}`);
  }
}
