import { Component, input } from '@angular/core';
import { FormField, required, validateStandardSchema, type FieldTree, type SchemaPathTree } from '@angular/forms/signals';
import { DisplayName, Username } from '../../../../libs/protocol/src/text.ts';
import { FieldErrors } from '../ui/field-errors.ts';
import { NewPassword, passwordRules } from './new-password.ts';
import { t, Translate } from '../ui/language.ts';

export type AccountModel = { username: string; displayName: string; password: string };

/** The same rules the server keeps (ACC2), told before anything is sent. */
export function accountRules(path: SchemaPathTree<AccountModel>): void {
  required(path.username, { message: t('Choose a user name.') });
  validateStandardSchema(path.username, Username);
  required(path.displayName, { message: t('Tell the others what to call you.') });
  validateStandardSchema(path.displayName, DisplayName);
  passwordRules(path.password);
}

/** User name, shown name and password of a new account. */
@Component({
  selector: 'cv-account-fields',
  imports: [FormField, FieldErrors, NewPassword, Translate],
  template: `
    <label class="field">
      <span class="name">{{ 'User name' | t }}</span>
      <input
        class="input"
        [formField]="fields().username"
        autocomplete="username"
        autocapitalize="none"
        spellcheck="false"
        aria-describedby="username-hint"
        data-testid="username"
      />
      <span class="hint" id="username-hint">{{ '3–20 characters: a–z, 0–9, dot, hyphen, underscore. You sign in with it.' | t }}</span>
      <cv-field-errors [field]="fields().username" />
    </label>
    <label class="field">
      <span class="name">{{ 'Your name' | t }}</span>
      <input class="input" [formField]="fields().displayName" autocomplete="name" dir="auto" data-testid="display-name" />
      <cv-field-errors [field]="fields().displayName" />
    </label>
    <cv-new-password [field]="fields().password" />
  `,
  styles: `
    :host {
      display: grid;
      gap: 1.125rem;
    }
  `,
})
export class AccountFields {
  readonly fields = input.required<FieldTree<AccountModel>>();
}
