import { Component, computed, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { Proof } from '../../../../libs/client/src/index.ts';
import { ConclaveError } from '../../../../libs/protocol/src/errors.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { errorWords } from '../ui/error-words.ts';
import { Icon } from '../ui/icon.ts';
import { Toasts } from '../ui/toasts.ts';
import { t, Translate } from '../ui/language.ts';

const MINUTE = 60_000;

/** A lock on what this browser stores (ACC16). */
@Component({
  selector: 'cv-lock-section',
  imports: [Icon, MatButton, Translate],
  templateUrl: './lock-section.html',
})
export class LockSection {
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  protected readonly lock = toSignal(this.#client.localLock.view);
  protected readonly busy = signal(false);
  protected readonly asking = signal<'passphrase' | 'unlock' | null>(null);
  protected readonly problem = signal<string | null>(null);
  protected readonly locked = computed(() => this.lock().passphrase || this.lock().passkey);
  protected readonly wanted = computed(() => this.lock().limitMs !== null);
  protected readonly canPasskey = this.#client.account.hasPasskeys;
  protected readonly typed = signal('');
  readonly #choices = [
    { ms: null, words: 'only when I say so' },
    { ms: 5 * MINUTE, words: 'after 5 minutes' },
    { ms: 15 * MINUTE, words: 'after 15 minutes' },
    { ms: 60 * MINUTE, words: 'after an hour' },
  ];
  /** No longer than whoever runs this site allows. */
  protected readonly afterChoices = computed(() => {
    const { limitMs } = this.lock();
    if (limitMs === null) return this.#choices;
    const minutes = Math.round(limitMs / MINUTE);
    const longest = {
      ms: null,
      words: t(minutes === 1 ? 'after a minute, as this site asks' : 'after {minutes} minutes, as this site asks', { minutes }),
    };
    return [...this.#choices.filter(({ ms }) => ms !== null && ms < limitMs), longest];
  });

  constructor() {
    void this.#toasts.attempt(() => this.#client.localLock.look());
  }

  protected set(event: Event, words: string, again: string): Promise<void> {
    event.preventDefault();
    if (words !== again) return Promise.resolve(this.problem.set(t('The two are not the same. Type them again.')));
    return this.#do(
      () => this.#client.localLock.lockByPassphrase(words, this.#proof(this.typed())),
      t('From now on this device opens with your passphrase.'),
    );
  }
  protected addPasskey(current: string | undefined): Promise<void> {
    return this.#do(() => this.#client.localLock.lockByPasskey(this.#proof(current)), t('From now on your passkey opens this device.'));
  }
  protected drop(event: Event, by: 'passphrase' | 'passkey', current: string | undefined): Promise<void> {
    event.preventDefault();
    return this.#do(() => this.#client.localLock.drop(by, this.#proof(current)!), t('That lock is gone.'));
  }
  protected lockAfter(value: string): void {
    this.#client.localLock.lockAfter(value === 'null' ? null : Number(value));
  }
  protected lockNow(): Promise<boolean> {
    return this.#toasts.attempt(() => this.#client.lock());
  }

  /** What opens it now: the passphrase typed here, else the passkey. */
  #proof(current: string | undefined): Proof | undefined {
    if (!this.locked()) return undefined;
    return this.lock().passphrase && current ? { passphrase: current } : this.lock().passkey ? 'passkey' : { passphrase: current ?? '' };
  }

  async #do(change: () => Promise<void>, words: string): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      await change();
      this.asking.set(null);
      this.typed.set('');
      await this.#toasts.say(words);
    } catch (error) {
      const wrong = error instanceof ConclaveError && error.code === 'bad-credentials';
      this.problem.set(wrong ? t('The passphrase until now is not right.') : errorWords(error));
    }
    this.busy.set(false);
  }
}
