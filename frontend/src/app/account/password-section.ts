import { Component, inject, input, output, signal } from '@angular/core';
import { form, FormField, FormRoot } from '@angular/forms/signals';
import { MatButton } from '@angular/material/button';
import { ConclaveError } from '../../../../libs/protocol/src/errors.ts';
import { CONCLAVE } from '../conclave.ts';
import { errorWords } from '../ui/error-words.ts';
import { Toasts } from '../ui/toasts.ts';
import { NewPassword, passwordRules } from './new-password.ts';
import { t, Translate } from '../ui/language.ts';

/** Changing the password ends every other session (ACC13). */
@Component({
  selector: 'cv-password-section',
  imports: [FormField, FormRoot, MatButton, NewPassword, Translate],
  template: `
    <section class="card stack" aria-labelledby="password-heading">
      <h2 id="password-heading">{{ (hasPassword() ? 'Change the password' : 'Set a password') | t }}</h2>
      @if (problem(); as text) {
        <p class="alert" role="alert">{{ text }}</p>
      }
      @if (open()) {
        <form class="stack" [formRoot]="fields" data-testid="password-form">
          @if (hasPassword()) {
            <label class="field">
              <span class="name">{{ 'Password until now' | t }}</span>
              <input
                class="input"
                type="password"
                [formField]="fields.current"
                autocomplete="current-password"
                data-testid="current-password"
              />
            </label>
          }
          <cv-new-password [label]="'New password' | t" [field]="fields.password" />
          <span class="row">
            <button matButton="filled" type="submit" [disabled]="fields().submitting()" data-testid="save-password">
              {{ (fields().submitting() ? 'Changing…' : 'Change it') | t }}
            </button>
            <button matButton type="button" (click)="open.set(false)">{{ 'Cancel' | t }}</button>
          </span>
          <p class="hint">{{ 'Everywhere else you are signed out by this.' | t }}</p>
        </form>
      } @else {
        <span
          ><button matButton="outlined" (click)="open.set(true)" data-testid="change-password">
            {{ (hasPassword() ? 'Change it…' : 'Set one…') | t }}
          </button></span
        >
      }
    </section>
  `,
})
export class PasswordSection {
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  readonly hasPassword = input.required<boolean>();
  readonly changed = output();
  protected readonly open = signal(false);
  protected readonly problem = signal<string | null>(null);
  readonly #model = signal({ current: '', password: '' });
  protected readonly fields = form(this.#model, (path) => passwordRules(path.password), { submission: { action: () => this.#change() } });

  async #change(): Promise<undefined> {
    const { current, password } = this.#model();
    this.problem.set(null);
    try {
      await this.#client.account.changePassword({ password, ...(this.hasPassword() ? { current } : {}) });
      this.#model.set({ current: '', password: '' });
      this.fields().reset();
      this.open.set(false);
      await this.#toasts.say(t('Your password was changed.'));
      this.changed.emit();
    } catch (error) {
      const wrong = error instanceof ConclaveError && error.code === 'bad-credentials';
      this.problem.set(wrong ? t('The password until now is not right.') : errorWords(error));
    }
  }
}
