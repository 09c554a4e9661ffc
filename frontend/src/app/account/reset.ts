import { Component, inject, signal } from '@angular/core';
import { form, FormRoot } from '@angular/forms/signals';
import { Router, RouterLink } from '@angular/router';
import { MatButton } from '@angular/material/button';
import { CONCLAVE } from '../conclave.ts';
import { errorWords } from '../ui/error-words.ts';
import { Arrival } from '../arrival.ts';
import { Door } from './door.ts';
import { NewPassword, passwordRules } from './new-password.ts';
import { Translate } from '../ui/language.ts';

/** An administrator's one-time link: a new password, and in. */
@Component({
  selector: 'cv-reset',
  imports: [Door, FormRoot, MatButton, NewPassword, RouterLink, Translate],
  template: `
    <cv-door [heading]="'Choose a new password' | t">
      @if (problem(); as text) {
        <p class="alert" role="alert">{{ text }}</p>
      }
      <p class="soft">{{ 'This link works once. With the new password you are signed in here, and signed out everywhere else.' | t }}</p>
      <form class="stack" [formRoot]="fields" data-testid="reset-form">
        <cv-new-password [label]="'New password' | t" [field]="fields.password" />
        <button matButton="filled" type="submit" [disabled]="fields().submitting()" data-testid="submit">
          {{ (fields().submitting() ? 'Setting the password…' : 'Set it and sign in') | t }}
        </button>
      </form>
      <p class="small">
        <a routerLink="/">{{ 'Back to sign-in' | t }}</a>
      </p>
    </cv-door>
  `,
})
export class Reset {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  readonly #secret = inject(Arrival).take('reset') ?? '';
  protected readonly problem = signal<string | null>(null);
  protected readonly fields = form(signal({ password: '' }), (path) => passwordRules(path.password), {
    submission: { action: () => this.#reset() },
  });

  async #reset(): Promise<undefined> {
    this.problem.set(null);
    try {
      await this.#client.doors.reset(this.#secret, this.fields().value().password);
      await this.#router.navigateByUrl('/', { replaceUrl: true });
    } catch (error) {
      this.problem.set(errorWords(error));
    }
  }
}
