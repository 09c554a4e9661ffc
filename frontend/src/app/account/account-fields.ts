import { Component, input, signal } from '@angular/core';
import {
  FormField,
  maxLength,
  minLength,
  required,
  validateStandardSchema,
  type FieldTree,
  type SchemaPathTree,
} from '@angular/forms/signals';
import { MatButton } from '@angular/material/button';
import { limits } from '../../../../libs/protocol/src/limits.ts';
import { DisplayName, Username } from '../../../../libs/protocol/src/text.ts';
import { FieldErrors } from '../ui/field-errors.ts';
import { passphrase } from './passphrase.ts';

export type AccountModel = { username: string; displayName: string; password: string };

/** The same rules the server keeps (ACC2), told before anything is sent. */
export function accountRules(path: SchemaPathTree<AccountModel>): void {
  required(path.username, { message: 'Choose a user name.' });
  validateStandardSchema(path.username, Username);
  required(path.displayName, { message: 'Tell the others what to call you.' });
  validateStandardSchema(path.displayName, DisplayName);
  required(path.password, { message: 'Choose a password.' });
  minLength(path.password, limits.passwordMin, {
    message: `At least ${limits.passwordMin} characters, please: a few unrelated words do well.`,
  });
  maxLength(path.password, limits.passwordMax, { message: `At most ${limits.passwordMax} characters.` });
}

/** User name, shown name and password of a new account. */
@Component({
  selector: 'cv-account-fields',
  imports: [FormField, FieldErrors, MatButton],
  template: `
    <label class="field">
      <span class="name">User name</span>
      <input
        class="input"
        [formField]="fields().username"
        autocomplete="username"
        autocapitalize="none"
        spellcheck="false"
        aria-describedby="username-hint"
        data-testid="username"
      />
      <span class="hint" id="username-hint">3–20 characters: a–z, 0–9, dot, hyphen, underscore. You sign in with it.</span>
      <cv-field-errors [field]="fields().username" />
    </label>
    <label class="field">
      <span class="name">Your name</span>
      <input class="input" [formField]="fields().displayName" autocomplete="name" dir="auto" data-testid="display-name" />
      <cv-field-errors [field]="fields().displayName" />
    </label>
    <div class="field">
      <label class="name" for="new-password">Password</label>
      <input
        class="input"
        id="new-password"
        [formField]="fields().password"
        [type]="shown() ? 'text' : 'password'"
        autocomplete="new-password"
        aria-describedby="password-hint"
        data-testid="password"
      />
      <span class="hint" id="password-hint">At least 16 characters. Keep it somewhere safe.</span>
      <cv-field-errors [field]="fields().password" />
      <span class="row">
        <button matButton type="button" (click)="suggest()">Make one for me</button>
        <button matButton type="button" [attr.aria-pressed]="shown()" (click)="shown.set(!shown())">{{ shown() ? 'Hide' : 'Show' }}</button>
      </span>
    </div>
  `,
  styles: `
    :host {
      display: grid;
      gap: 1.125rem;
    }
    .row {
      gap: 0;
      margin-inline-start: -0.75rem;
    }
  `,
})
export class AccountFields {
  readonly fields = input.required<FieldTree<AccountModel>>();
  protected readonly shown = signal(false);

  protected suggest(): void {
    this.fields().password().value.set(passphrase());
    this.shown.set(true);
  }
}
