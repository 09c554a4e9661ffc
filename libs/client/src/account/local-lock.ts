import { ConclaveError, type UserId } from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import type { LockPlace } from './lock-place.ts';
import { newSalt, type Lock, type LockChange, type Unlock } from '../storage/locks.ts';
import { StoreError } from '../storage/store.ts';

/** How what is stored here opens, beside the browser's own key; `afterMs`: without a touch for so long it locks by itself, null never. */
export type LockView = {
  passphrase: boolean;
  passkey: boolean;
  afterMs: number | null;
  /** No later than this, says whoever runs the site; null: as the person likes. */
  limitMs: number | null;
};
/** What a person brings: the passphrase they type, or a passkey they touch. */
export type Proof = { passphrase: string } | 'passkey';

const passphraseMin = 10;

/** The lock on what this browser stores for an account (ACC16): works without any server. */
export class LocalLock {
  readonly view = new MutableCell<LockView>({ passphrase: false, passkey: false, afterMs: null, limitMs: null });

  constructor(
    private readonly platform: LockPlace,
    private readonly user: () => UserId | null,
    private readonly passkeysOf: () => Promise<string[]>,
  ) {}

  /** Reads what locks there are. */
  async look(): Promise<LockView> {
    const locks = await this.#locks();
    const has = (by: Lock['by']) => locks.some((lock) => lock.by === by);
    const afterMs = this.platform.lockAfter?.get() ?? null;
    this.view.update((view) => ({ ...view, passphrase: has('passphrase'), passkey: has('passkey'), afterMs }));
    return this.view.value;
  }

  /** Sets or replaces the passphrase. `proof`: what opens it now, where it is locked already. */
  async lockByPassphrase(passphrase: string, proof?: Proof): Promise<void> {
    if ([...passphrase.trim()].length < passphraseMin)
      throw new ConclaveError('weak-password', `at least ${passphraseMin} characters`, undefined, 'local-passphrase-short');
    await this.#change({ add: { by: 'passphrase', passphrase } }, proof);
  }

  /** Lets one of the account's passkeys open it, too. */
  async lockByPasskey(proof?: Proof): Promise<void> {
    const salt = newSalt();
    const credentials = await this.passkeysOf();
    if (!credentials.length) throw new ConclaveError('conflict', 'this account has no passkey', undefined, 'no-passkey-yet');
    const unlock = await this.unlocking(proof);
    const answer = await this.#passkeys().secret(credentials, salt);
    await this.#write(unlock, { add: { by: 'passkey', salt, ...answer } });
  }

  async drop(by: 'passphrase' | 'passkey', proof: Proof): Promise<void> {
    await this.#change({ drop: by }, proof);
  }

  lockAfter(ms: number | null): void {
    this.platform.lockAfter?.set(ms);
    this.view.update((view) => ({ ...view, afterMs: ms }));
  }

  limit(limitMs: number | null): void {
    this.view.update((view) => ({ ...view, limitMs }));
  }

  /** What opens the store, out of what a person brings; a passkey is asked here. */
  async unlocking(proof: Proof | undefined): Promise<Unlock | undefined> {
    if (proof !== 'passkey') return proof;
    const lock = (await this.#locks()).find(({ by }) => by === 'passkey');
    if (lock?.by !== 'passkey') throw new ConclaveError('conflict', 'No passkey opens what is stored here.');
    return this.#passkeys().secret([lock.credential], lock.salt);
  }

  async #change(change: LockChange, proof: Proof | undefined): Promise<void> {
    await this.#write(await this.unlocking(proof), change);
  }

  async #write(unlock: Unlock | undefined, change: LockChange): Promise<void> {
    const user = this.user();
    if (!user || !this.platform.locks) throw new ConclaveError('unavailable', 'Nothing is stored here that could be locked.');
    await refusedInWords(() => this.platform.locks!.change(user, unlock, change));
    await this.look();
  }

  #locks(): Promise<Lock[]> {
    const user = this.user();
    return user && this.platform.locks ? this.platform.locks.of(user) : Promise.resolve([]);
  }

  #passkeys() {
    if (!this.platform.passkeys) throw new ConclaveError('unavailable', 'this browser has no passkeys', undefined, 'passkeys-off');
    return this.platform.passkeys;
  }
}

/** A lock that does not open, said to the person who tried. */
export async function refusedInWords<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof StoreError && error.code === 'locked')
      throw new ConclaveError('bad-credentials', 'This does not open what is stored here.');
    throw error;
  }
}
