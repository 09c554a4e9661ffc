import { Component, inject, Injectable } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatDialog, MatDialogActions, MatDialogClose, MatDialogContent, MatDialogTitle } from '@angular/material/dialog';
import { commandHelp } from './commands.ts';
import { Translate } from '../ui/language.ts';

@Component({
  imports: [MatButton, MatDialogTitle, MatDialogContent, MatDialogActions, MatDialogClose, Translate],
  template: `
    <h2 mat-dialog-title>{{ 'Commands' | t }}</h2>
    <mat-dialog-content>
      <dl data-testid="command-help">
        @for (each of help; track each[0]) {
          <dt>
            <code>{{ each[0] }}</code>
          </dt>
          <dd class="soft">{{ each[1] | t }}</dd>
        }
      </dl>
      <p class="hint">{{ 'For owners and moderators. A message that should begin with a slash begins with two.' | t }}</p>
    </mat-dialog-content>
    <mat-dialog-actions align="end"
      ><button matButton mat-dialog-close cdkFocusInitial>{{ 'Close' | t }}</button></mat-dialog-actions
    >
  `,
  styles: `
    dl {
      display: grid;
      gap: 0.125rem;
      margin: 0 0 1rem;
    }
    dd {
      margin: 0 0 0.625rem;
    }
  `,
})
class HelpDialog {
  protected readonly help = commandHelp;
}

@Injectable({ providedIn: 'root' })
export class CommandHelp {
  readonly #dialog = inject(MatDialog);

  show(): void {
    this.#dialog.open(HelpDialog, { width: '28rem', maxWidth: '94vw' });
  }
}
