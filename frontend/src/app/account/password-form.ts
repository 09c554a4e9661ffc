import { Component, input, output, signal } from '@angular/core';
import { form, FormField, FormRoot, required } from '@angular/forms/signals';
import { MatButton } from '@angular/material/button';
import { FieldErrors } from '../ui/field-errors.ts';
import { t, Translate } from '../ui/language.ts';

/** Name and password. */
@Component({
  selector: 'cv-password-form',
  imports: [FormField, FormRoot, FieldErrors, MatButton, Translate],
  template: `
    <form class="stack" [formRoot]="fields" data-testid="login-form">
      <label class="field">
        <span class="name">{{ 'User name' | t }}</span>
        <input
          class="input"
          [formField]="fields.username"
          autocomplete="username webauthn"
          autocapitalize="none"
          spellcheck="false"
          data-testid="username"
        />
        <cv-field-errors [field]="fields.username" />
      </label>
      <label class="field">
        <span class="name">{{ 'Password' | t }}</span>
        <input class="input" type="password" [formField]="fields.password" autocomplete="current-password" data-testid="password" />
        <cv-field-errors [field]="fields.password" />
      </label>
      <button matButton="filled" type="submit" [disabled]="busy()" data-testid="submit">
        {{ (busy() ? 'Signing in…' : 'Sign in') | t }}
      </button>
    </form>
  `,
})
export class PasswordForm {
  readonly busy = input.required<boolean>();
  readonly send = output<{ username: string; password: string }>();
  protected readonly fields = form(
    signal({ username: '', password: '' }),
    (path) => {
      required(path.username, { message: t('Enter your user name.') });
      required(path.password, { message: t('Enter your password.') });
    },
    { submission: { action: async () => void this.send.emit(this.fields().value()) } },
  );
}
