import { Component, inject, signal } from '@angular/core';
import { form, FormRoot } from '@angular/forms/signals';
import { Router, RouterLink } from '@angular/router';
import { MatButton } from '@angular/material/button';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { errorWords } from '../ui/error-words.ts';
import { AccountFields, accountRules, type AccountModel } from './account-fields.ts';
import { Door } from './door.ts';
import { secretIn } from './secret.ts';
import { Translate } from '../ui/language.ts';

@Component({
  selector: 'cv-register',
  imports: [Door, AccountFields, FormRoot, MatButton, RouterLink, Translate],
  template: `
    <cv-door [heading]="'Create your account' | t">
      @if (problem(); as text) {
        <p class="alert" role="alert">{{ text }}</p>
      }
      @if (welcome()) {
        <form class="stack" [formRoot]="fields" data-testid="register-form">
          <cv-account-fields [fields]="fields" />
          <button matButton="filled" type="submit" [disabled]="fields().submitting()" data-testid="submit">
            {{ (fields().submitting() ? 'Making your keys…' : 'Create account') | t }}
          </button>
        </form>
      } @else if (site()?.registration === 'closed') {
        <p>{{ 'Accounts are made by whoever runs this site. Ask them for one, then sign in.' | t }}</p>
      } @else {
        <p>{{ 'This site takes new people by invitation. Open the whole link you were sent: the part behind # belongs to it.' | t }}</p>
      }
      <p class="small">
        {{ 'Have an account?' | t }} <a routerLink="/">{{ 'Sign in' | t }}</a>
      </p>
    </cv-door>
  `,
})
export class Register {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  readonly #invite = secretIn(location.hash, 'invite');
  protected readonly site = toSignal(this.#client.site);
  protected readonly problem = signal<string | null>(null);
  protected readonly fields = form(signal<AccountModel>({ username: '', displayName: '', password: '' }), accountRules, {
    submission: { action: () => this.#register() },
  });

  protected welcome(): boolean {
    const rule = this.site()?.registration;
    return rule === 'open' || (rule !== 'closed' && this.#invite !== null);
  }

  async #register(): Promise<undefined> {
    this.problem.set(null);
    try {
      await this.#client.doors.register({ ...this.fields().value(), ...(this.#invite ? { invite: this.#invite } : {}) });
      await this.#router.navigateByUrl('/', { replaceUrl: true });
    } catch (error) {
      this.problem.set(errorWords(error));
    }
  }
}
