import * as z from 'zod';
import { ConclaveError, type DeletionRequest, type UserId } from '../../../protocol/src/index.ts';
import type { Account } from '../account/account.ts';
import type { Platform } from '../platform.ts';
import type { RestClient } from '../server/rest-client.ts';
import type { AtWork } from './at-work.ts';
import type { Whereabouts } from './whereabouts.ts';

/** The way out: on purpose, with or without what is stored here; or because the session was ended elsewhere. */
export class Departure {
  /** On purpose: that the server ends the session is no news then. */
  #leaving = false;

  constructor(
    private readonly platform: Platform,
    private readonly rest: RestClient,
    private readonly here: Whereabouts,
    private readonly work: AtWork,
    private readonly account: Account,
  ) {
    rest.onSessionEnded = () => void (this.#leaving || this.#ended());
  }

  async logout(forget: boolean): Promise<void> {
    const { user, opened } = this.here;
    await this.#leave(async () => {
      const identity = await opened?.sealer.identity();
      if (forget && identity) await this.rest.ask('DELETE', `/api/me/devices/${identity.device}`).catch(unlessOver);
      this.platform.signingOut?.set(true); // until the server has heard it: a cookie that stays would let the next person in
      await this.tellServer().catch(unlessConclave);
      await this.#depart(user, forget);
    });
  }

  async removeAccount(request: DeletionRequest): Promise<void> {
    const user = this.here.opened?.me.id ?? null;
    await this.#leave(async () => {
      await this.account.remove(request);
      await this.#depart(user, true);
    });
  }

  /** The server's half of signing out. */
  async tellServer(): Promise<void> {
    await this.rest.call('POST', '/api/auth/logout', z.undefined(), { json: {} });
    this.platform.signingOut?.set(false);
  }

  async #leave(depart: () => Promise<void>): Promise<void> {
    this.#leaving = true;
    try {
      await depart();
    } finally {
      this.#leaving = false;
    }
    this.#signedOut('signed-out');
  }

  /** From elsewhere: nothing opens here without signing in again, and of a guest nothing stays. */
  async #ended(): Promise<void> {
    await this.#depart(this.here.present, false);
    this.#signedOut('ended');
  }

  async #depart(user: UserId | null, forget: boolean): Promise<void> {
    this.work.live?.stop();
    const { platform } = this;
    if (forget || (user && platform.guest?.get() === user)) await this.here.destroy(user);
    this.here.close();
    this.here.locked = null;
    platform.remembered.set(null);
    platform.apart.set(false);
  }

  #signedOut(reason: 'signed-out' | 'ended'): void {
    this.here.close();
    this.rest.signedOut();
    this.platform.ownership.release();
    this.here.session.set({ state: 'signed-out', reason });
  }
}

/** What is gone already need not be removed. */
function unlessOver(error: unknown): void {
  if (!(error instanceof ConclaveError) || !['session-ended', 'unauthenticated', 'not-found'].includes(error.code)) throw error;
}
/** The server's half of signing out is done at the next start. */
function unlessConclave(error: unknown): void {
  if (!(error instanceof ConclaveError)) throw error;
}
