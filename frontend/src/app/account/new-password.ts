import { Component, input, signal } from '@angular/core';
import { FormField, maxLength, minLength, required, type FieldTree, type SchemaPath } from '@angular/forms/signals';
import { MatButton } from '@angular/material/button';
import { limits } from '../../../../libs/protocol/src/limits.ts';
import { FieldErrors } from '../ui/field-errors.ts';
import { passphrase } from './passphrase.ts';
import { t, Translate } from '../ui/language.ts';

/** The rules the server keeps for a password (ACC2), told before anything is sent. */
export function passwordRules(path: SchemaPath<string>): void {
  required(path, { message: t('Choose a password.') });
  minLength(path, limits.passwordMin, {
    message: t('At least {passwordMin} characters, please: a few unrelated words do well.', { passwordMin: limits.passwordMin }),
  });
  maxLength(path, limits.passwordMax, { message: t('At most {passwordMax} characters.', { passwordMax: limits.passwordMax }) });
}

/** A field for a new password, which can make one. */
@Component({
  selector: 'cv-new-password',
  imports: [FormField, FieldErrors, MatButton, Translate],
  template: `
    <div class="field">
      <label class="name" for="new-password">{{ label() }}</label>
      <input
        class="input"
        id="new-password"
        [formField]="field()"
        [type]="shown() ? 'text' : 'password'"
        autocomplete="new-password"
        aria-describedby="password-hint"
        data-testid="password"
      />
      <span class="hint" id="password-hint">{{ 'At least 16 characters. Keep it somewhere safe.' | t }}</span>
      <cv-field-errors [field]="field()" />
      <span class="row">
        <button matButton type="button" (click)="suggest()">{{ 'Make one for me' | t }}</button>
        <button matButton type="button" [attr.aria-pressed]="shown()" (click)="shown.set(!shown())">
          {{ (shown() ? 'Hide' : 'Show') | t }}
        </button>
      </span>
    </div>
  `,
  styles: `
    .row {
      gap: 0;
      margin-inline-start: -0.75rem;
    }
  `,
})
export class NewPassword {
  readonly label = input('Password');
  readonly field = input.required<FieldTree<string>>();
  protected readonly shown = signal(false);

  protected suggest(): void {
    this.field()().value.set(passphrase());
    this.shown.set(true);
  }
}
