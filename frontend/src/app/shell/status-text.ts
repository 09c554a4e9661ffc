import { Component, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatDialogActions, MatDialogClose, MatDialogContent, MatDialogRef, MatDialogTitle } from '@angular/material/dialog';
import { MatFormField, MatHint, MatLabel } from '@angular/material/form-field';
import { MatInput } from '@angular/material/input';
import { limits } from '../../../../libs/protocol/src/limits.ts';
import { graphemes } from '../../../../libs/protocol/src/text.ts';
import { CONCLAVE } from '../conclave.ts';
import { Translate } from '../ui/language.ts';
import { Toasts } from '../ui/toasts.ts';

const HOUR = 3_600_000;

/** Own words beside one's status, and for how long they stand (PRES1). */
@Component({
  imports: [
    MatButton,
    MatDialogActions,
    MatDialogClose,
    MatDialogContent,
    MatDialogTitle,
    MatFormField,
    MatHint,
    MatInput,
    MatLabel,
    Translate,
  ],
  template: `
    <h2 mat-dialog-title>{{ 'Own words' | t }}</h2>
    <form (submit)="$event.preventDefault(); save()">
      <mat-dialog-content class="stack">
        <mat-form-field>
          <mat-label>{{ 'What are you up to?' | t }}</mat-label>
          <input
            matInput
            dir="auto"
            [value]="text()"
            (input)="text.set($any($event.target).value)"
            data-testid="status-words"
            cdkFocusInitial
          />
          <mat-hint align="end">{{ '{count} of {most} characters' | t: { count: count(), most } }}</mat-hint>
        </mat-form-field>
        <mat-form-field>
          <mat-label>{{ 'They stand' | t }}</mat-label>
          <select matNativeControl [value]="hours()" (change)="hours.set($any($event.target).value)" data-testid="status-until">
            @for (span of spans; track span.hours) {
              <option [value]="span.hours">{{ span.words | t }}</option>
            }
          </select>
        </mat-form-field>
      </mat-dialog-content>
      <mat-dialog-actions align="end">
        <button matButton type="button" mat-dialog-close>{{ 'Cancel' | t }}</button>
        <button matButton="filled" type="submit" [disabled]="count() > most" data-testid="save-status">{{ 'Save' | t }}</button>
      </mat-dialog-actions>
    </form>
  `,
})
export class StatusText {
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  readonly #dialog = inject(MatDialogRef<StatusText>);
  protected readonly most = limits.statusText;
  protected readonly text = signal(this.#client.status.view.value.text);
  protected readonly hours = signal('0');
  protected readonly spans = [
    { hours: '0', words: 'Until I change them' },
    { hours: '0.5', words: 'For half an hour' },
    { hours: '1', words: 'For an hour' },
    { hours: '4', words: 'For four hours' },
    { hours: '24', words: 'For a day' },
  ];
  protected count(): number {
    return graphemes(this.text().trim());
  }

  protected async save(): Promise<void> {
    const { status } = this.#client.status.view.value;
    const hours = Number(this.hours());
    const until = hours === 0 ? null : Date.now() + hours * HOUR;
    if (await this.#toasts.attempt(() => this.#client.status.choose({ status, text: this.text().trim(), until }))) this.#dialog.close();
  }
}
