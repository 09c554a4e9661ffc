import { Component, input, output, signal } from '@angular/core';
import { form, FormField, FormRoot, required, validateStandardSchema } from '@angular/forms/signals';
import { MatButton } from '@angular/material/button';
import { DisplayName } from '../../../../libs/protocol/src/text.ts';
import { FieldErrors } from '../ui/field-errors.ts';
import { t, Translate } from '../ui/language.ts';

/** A name for one visit (ACC11). */
@Component({
  selector: 'cv-guest-form',
  imports: [FormField, FormRoot, FieldErrors, MatButton, Translate],
  template: `
    <form class="stack" [formRoot]="fields" data-testid="guest-form">
      <label class="field">
        <span class="name">{{ 'What should the others call you?' | t }}</span>
        <input class="input" [formField]="fields.name" autocomplete="nickname" dir="auto" data-testid="guest-name" />
        <span class="hint">{{ 'Nothing of your visit stays: name, keys and messages are gone when it ends.' | t }}</span>
        <cv-field-errors [field]="fields.name" />
      </label>
      <button matButton="outlined" type="submit" [disabled]="busy()" data-testid="guest-submit">{{ 'Come in as a guest' | t }}</button>
    </form>
  `,
})
export class GuestForm {
  readonly busy = input.required<boolean>();
  readonly send = output<string>();
  protected readonly fields = form(
    signal({ name: '' }),
    (path) => {
      required(path.name, { message: t('Enter a name.') });
      validateStandardSchema(path.name, DisplayName);
    },
    { submission: { action: async () => void this.send.emit(this.fields().value().name) } },
  );
}
