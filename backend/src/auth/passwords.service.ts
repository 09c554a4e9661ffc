import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { fork, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConclaveError, limits } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import { isCommon } from './common-passwords.ts';

type Waiting = { resolve(result: unknown): void; reject(error: Error): void };

const LONGEST_WAIT_MS = 5_000;
const FIRST_GUESS_MS = 250; // one bcrypt of cost 12, until measured

/** Passwords are bcrypt over an HMAC, since bcrypt alone cuts at 72 bytes. Done in a child process of low priority, behind a bounded queue. */
@Injectable()
export class Passwords implements OnApplicationShutdown {
  #child: ChildProcess | null = null;
  #next = 0;
  #waiting = new Map<number, Waiting & { since: number }>();
  #took = FIRST_GUESS_MS;
  #dummy: Promise<string> | null = null;
  #dummyCost: number;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {
    this.#dummyCost = config.bcryptCost;
  }

  /** Refuses what ACC2 refuses; the text says why. */
  check(password: string, username: string): void {
    const refuse = (text: string) => new ConclaveError('weak-password', text);
    if (/[\0\p{Cs}]/u.test(password)) throw refuse('a password must not contain NUL or broken characters');
    if ([...password].length < limits.passwordMin)
      throw refuse(`a password needs at least ${limits.passwordMin} characters: try a few words`);
    if (password.length > limits.passwordMax) throw refuse(`a password has at most ${limits.passwordMax} characters`);
    if (isCommon(password, username)) throw refuse('this password is among the first that are guessed: choose another');
  }

  async hash(password: string, cost = this.config.bcryptCost): Promise<string> {
    return (await this.#ask({ kind: 'hash', prehash: this.#prehash(password), cost })) as string;
  }

  /** From now on the work for an unknown name is that of a hash of this cost. */
  imitate(cost: number): void {
    this.#dummyCost = cost;
    this.#dummy = null;
  }
  get imitated(): number {
    return this.#dummyCost;
  }

  /** Takes as long, and does as much, without a hash: an unknown name must not be told apart. */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const dummy = await this.#dummyHash();
    const right = await this.#ask({ kind: 'compare', prehash: this.#prehash(password), hash: hash ?? dummy });
    return right === true && hash !== undefined;
  }

  onApplicationShutdown(): void {
    this.#child?.removeAllListeners();
    this.#child?.disconnect();
    this.#child = null;
  }

  /** Made at the first guess, whoever makes it; one that could not be made is made again. */
  async #dummyHash(): Promise<string> {
    const making = (this.#dummy ??= this.hash('a password nobody has', this.#dummyCost));
    try {
      return await making;
    } catch (error) {
      this.#dummy = null;
      throw error;
    }
  }

  #prehash(password: string): string {
    return createHmac('sha256', this.secrets.pepper).update(password.normalize('NFC')).digest('base64');
  }

  #ask(job: { kind: 'hash'; prehash: string; cost: number } | { kind: 'compare'; prehash: string; hash: string }): Promise<unknown> {
    if (this.#waiting.size * this.#took > LONGEST_WAIT_MS) {
      throw new ConclaveError('slow-down', 'many people are signing in: try again in a moment', LONGEST_WAIT_MS);
    }
    const child = (this.#child ??= this.#start());
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, since: performance.now() });
      child.send({ id, ...job }, (error) => error && this.#lost(child));
    });
  }

  #start(): ChildProcess {
    const own = new URL(`./hasher.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
    const file = fileURLToPath(own);
    if (!existsSync(file)) throw new Error(`${file} is missing: build again`);
    const child = fork(file, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: { UV_THREADPOOL_SIZE: '1' }, execArgv: [] });
    child.on('message', ({ id, result }: { id: number; result?: unknown }) => this.#answer(id, result));
    child.on('exit', () => this.#lost(child));
    child.on('error', () => this.#lost(child));
    child.unref();
    child.channel?.unref();
    return child;
  }

  #answer(id: number, result: unknown): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (!waiting) return;
    // Measured per job in the queue: the mean of what was seen and this one.
    this.#took = 0.8 * this.#took + 0.2 * ((performance.now() - waiting.since) / (this.#waiting.size + 1));
    if (result === undefined) waiting.reject(new ConclaveError('unavailable', 'the password could not be checked: try again', 1_000));
    else waiting.resolve(result);
  }

  #lost(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = null;
    for (const waiting of this.#waiting.values())
      waiting.reject(new ConclaveError('unavailable', 'the password could not be checked: try again', 1_000));
    this.#waiting.clear();
  }
}
