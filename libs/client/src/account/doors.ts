import { ConclaveError, PasskeyOptions, SignedIn, type RegisterRequest, type SetupRequest } from '../../../protocol/src/index.ts';
import type { Passkeys } from './passkeys.ts';
import type { RestClient } from '../server/rest-client.ts';

/** Every way in: each asks the server, and on success enters with who one is. Throws ConclaveError with the server's words. */
export class Doors {
  constructor(
    private readonly rest: RestClient,
    private readonly passkeys: Passkeys | null,
    private readonly enter: (user: SignedIn['user'], guest: boolean) => Promise<void>,
  ) {}

  /** The first administrator, by the one-time link. */
  setup(request: SetupRequest): Promise<void> {
    return this.#by('/api/setup', request);
  }
  register(request: RegisterRequest): Promise<void> {
    return this.#by('/api/auth/register', request);
  }
  login(username: string, password: string): Promise<void> {
    return this.#by('/api/auth/login', { username, password });
  }
  /** An administrator's one-time link (/#reset=): a new password, and in. */
  reset(secret: string, password: string): Promise<void> {
    return this.#by('/api/auth/reset', { secret, password });
  }
  /** A JWT of the embedding site (ACC10). */
  handOver(jwt: string): Promise<void> {
    return this.#by('/api/auth/handoff', { jwt });
  }
  enterAsGuest(name: string): Promise<void> {
    return this.#by('/api/auth/guest', { name }, true);
  }

  get hasPasskeys(): boolean {
    return this.passkeys !== null;
  }
  /** Asks for a passkey in a dialog. */
  async passkey(): Promise<void> {
    await this.#byPasskey(false);
  }
  /** Waits for somebody to pick a passkey among a field's suggestions; false where the browser has none. */
  async suggestPasskey(): Promise<boolean> {
    if (!this.passkeys || !(await this.passkeys.suggests())) return false;
    await this.#byPasskey(true);
    return true;
  }

  /** Whoever waits for a suggestion waits no more. */
  stopSuggesting(): void {
    this.passkeys?.stop();
  }

  async #byPasskey(conditional: boolean): Promise<void> {
    if (!this.passkeys) throw new ConclaveError('unavailable', 'this browser has no passkeys', undefined, 'passkeys-off');
    const { options } = await this.rest.call('POST', '/api/auth/passkey/options', PasskeyOptions, { json: {} });
    await this.#by('/api/auth/passkey', { response: await this.passkeys.get(options, conditional) });
  }

  async #by(path: string, request: unknown, guest = false): Promise<void> {
    const { user } = this.rest.signedIn(await this.rest.call('POST', path, SignedIn, { json: request }));
    await this.enter(user, guest);
  }
}
