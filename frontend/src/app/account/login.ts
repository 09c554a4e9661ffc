import { Component, inject, signal } from '@angular/core';
import { form, FormField, FormRoot, required } from '@angular/forms/signals';
import { RouterLink } from '@angular/router';
import { MatButton } from '@angular/material/button';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { errorWords } from '../ui/error-words.ts';
import { Door } from './door.ts';
import { FieldErrors } from '../ui/field-errors.ts';

@Component({
  selector: 'cv-login',
  imports: [Door, FormField, FormRoot, FieldErrors, MatButton, RouterLink],
  template: `
    <cv-door heading="Sign in">
      @if (ended() && !problem()) {
        <p class="alert">Your session was ended, here or on another device. Sign in to go on; your messages are still here.</p>
      }
      @if (problem(); as text) {
        <p class="alert" role="alert">{{ text }}</p>
      }
      <form class="stack" [formRoot]="fields" data-testid="login-form">
        <label class="field">
          <span class="name">User name</span>
          <input
            class="input"
            [formField]="fields.username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            data-testid="username"
          />
          <cv-field-errors [field]="fields.username" />
        </label>
        <label class="field">
          <span class="name">Password</span>
          <input class="input" type="password" [formField]="fields.password" autocomplete="current-password" data-testid="password" />
          <cv-field-errors [field]="fields.password" />
        </label>
        <button matButton="filled" type="submit" [disabled]="fields().submitting()" data-testid="submit">
          {{ fields().submitting() ? 'Signing in…' : 'Sign in' }}
        </button>
      </form>
      @switch (site()?.registration) {
        @case ('open') {
          <p class="small">New here? <a routerLink="/register">Create an account</a></p>
        }
        @case ('invite') {
          <p class="soft small">New here? Open the invitation link somebody of this site sent you.</p>
        }
        @case ('closed') {
          <p class="soft small">New here? Accounts are made by whoever runs this site.</p>
        }
      }
    </cv-door>
  `,
})
export class Login {
  readonly #client = inject(CONCLAVE);
  protected readonly site = toSignal(this.#client.site);
  protected readonly session = toSignal(this.#client.session);
  protected readonly problem = signal<string | null>(null);
  protected readonly fields = form(
    signal({ username: '', password: '' }),
    (path) => {
      required(path.username, { message: 'Enter your user name.' });
      required(path.password, { message: 'Enter your password.' });
    },
    { submission: { action: () => this.#signIn() } },
  );

  protected ended(): boolean {
    const session = this.session();
    return session.state === 'signed-out' && session.reason === 'ended';
  }

  async #signIn(): Promise<undefined> {
    const { username, password } = this.fields().value();
    this.problem.set(null);
    try {
      await this.#client.login(username, password);
    } catch (error) {
      this.problem.set(errorWords(error));
    }
  }
}
