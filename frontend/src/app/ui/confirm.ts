import { Component, inject, Injectable } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MAT_DIALOG_DATA, MatDialog, MatDialogActions, MatDialogClose, MatDialogContent, MatDialogTitle } from '@angular/material/dialog';
import { firstValueFrom } from 'rxjs';
import { Translate } from './language.ts';

export type Question = { title: string; text: string[]; yes: string; no?: string; danger?: boolean };

@Component({
  imports: [MatButton, MatDialogTitle, MatDialogContent, MatDialogActions, MatDialogClose, Translate],
  template: `
    <h2 mat-dialog-title>{{ question.title | t }}</h2>
    <mat-dialog-content class="stack">
      @for (line of question.text; track $index) {
        <p>{{ line | t }}</p>
      }
    </mat-dialog-content>
    <mat-dialog-actions align="end">
      <button matButton [mat-dialog-close]="false" cdkFocusInitial>{{ question.no ?? 'Cancel' | t }}</button>
      <button matButton="filled" [class.danger]="question.danger" [mat-dialog-close]="true" data-testid="confirm">
        {{ question.yes | t }}
      </button>
    </mat-dialog-actions>
  `,
  styles: `
    .danger {
      --mat-button-filled-container-color: var(--red);
      --mat-button-filled-label-text-color: var(--surface);
    }
  `,
})
class ConfirmDialog {
  protected readonly question = inject<Question>(MAT_DIALOG_DATA);
}

/** Asks before something that cannot be taken back. Closing the question is a no. */
@Injectable({ providedIn: 'root' })
export class Confirm {
  readonly #dialog = inject(MatDialog);

  async ask(question: Question): Promise<boolean> {
    const dialog = this.#dialog.open(ConfirmDialog, { data: question, maxWidth: '28rem', role: 'alertdialog' });
    return (await firstValueFrom(dialog.afterClosed())) === true;
  }
}
