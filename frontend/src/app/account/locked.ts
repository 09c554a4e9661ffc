import { Component, computed, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { Proof } from '../../../../libs/client/src/index.ts';
import { ConclaveError } from '../../../../libs/protocol/src/errors.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Confirm } from '../ui/confirm.ts';
import { emptyShelf } from '../shelf.ts';
import { errorWords } from '../ui/error-words.ts';
import { Icon } from '../ui/icon.ts';
import { Door } from './door.ts';
import { t, Translate } from '../ui/language.ts';

/** What is stored here waits for its passphrase or passkey (ACC16); no server is needed. */
@Component({
  selector: 'cv-locked',
  imports: [Door, Icon, MatButton, Translate],
  template: `
    <cv-door [heading]="name() ? 'Welcome back, ' + name() : 'Locked'">
      <div class="stack" data-testid="locked">
        <p class="soft">{{ 'Your messages and keys are locked on this device. Unlocking works without the server, too.' | t }}</p>
        @if (problem(); as text) {
          <p class="alert" role="alert">{{ text }}</p>
        }
        @if (locks().passphrase) {
          <form class="stack" (submit)="byPassphrase($event, words.value)">
            <label class="field">
              <span class="name">{{ 'Passphrase of this device' | t }}</span>
              <input #words class="input" type="password" autocomplete="off" data-testid="passphrase" />
            </label>
            <button matButton="filled" type="submit" [disabled]="busy()" data-testid="unlock">
              {{ (busy() ? 'Unlocking…' : 'Unlock') | t }}
            </button>
          </form>
        }
        @if (locks().passkey) {
          <button matButton="outlined" type="button" [disabled]="busy()" (click)="unlock('passkey')" data-testid="unlock-passkey">
            <cv-icon name="key" /> {{ 'Unlock with a passkey' | t }}
          </button>
        }
        <p class="small">
          <button matButton type="button" (click)="forget()" data-testid="forget">{{ 'I cannot unlock it' | t }}</button>
        </p>
      </div>
    </cv-door>
  `,
})
export class Locked {
  readonly #client = inject(CONCLAVE);
  readonly #confirm = inject(Confirm);
  readonly #session = toSignal(this.#client.session);
  protected readonly busy = signal(false);
  protected readonly problem = signal<string | null>(null);
  protected readonly name = computed(() => {
    const session = this.#session();
    return session.state === 'locked' ? session.name : null;
  });
  protected readonly locks = computed(() => {
    const session = this.#session();
    return session.state === 'locked' ? session : { passphrase: false, passkey: false };
  });

  protected byPassphrase(event: Event, passphrase: string): Promise<void> {
    event.preventDefault();
    return this.unlock({ passphrase });
  }

  protected async unlock(proof: Proof): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      await this.#client.unlock(proof);
    } catch (error) {
      const wrong = error instanceof ConclaveError && error.code === 'bad-credentials';
      this.problem.set(wrong ? t('This does not open it. Check it and try again.') : errorWords(error));
    }
    this.busy.set(false);
  }

  protected async forget(): Promise<void> {
    const yes = await this.#confirm.ask({
      title: t('Delete what is stored here?'),
      text: [
        t(
          'Without the passphrase or passkey nobody can open it, we neither. You can delete it, sign in again, and link this browser anew.',
        ),
        t('Messages that are on no other device of yours are lost.'),
      ],
      yes: t('Delete and sign out'),
      danger: true,
    });
    if (!yes) return;
    await emptyShelf().catch(() => undefined); // where the browser keeps nothing, nothing waits
    await this.#client.logout(true);
  }
}
