import { Component, inject, Injectable, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import {
  MAT_DIALOG_DATA,
  MatDialog,
  MatDialogActions,
  MatDialogClose,
  MatDialogContent,
  MatDialogRef,
  MatDialogTitle,
} from '@angular/material/dialog';
import { firstValueFrom } from 'rxjs';
import { errorWords } from './error-words.ts';
import { t, Translate } from './language.ts';

type Asked = { name: string; open: (password: string) => Promise<void> };

@Component({
  imports: [MatButton, MatDialogTitle, MatDialogContent, MatDialogActions, MatDialogClose, Translate],
  template: `
    <form (submit)="$event.preventDefault(); enter(box.value)">
      <h2 mat-dialog-title>
        {{ 'Password of' | t }} <bdi>{{ asked.name }}</bdi>
      </h2>
      <mat-dialog-content class="stack">
        @if (problem(); as text) {
          <p class="alert" role="alert">{{ text }}</p>
        }
        <label class="field">
          <span class="name">{{ 'Password' | t }}</span>
          <input #box class="input" type="password" autocomplete="off" cdkFocusInitial data-testid="enter-room-password" />
        </label>
        <p class="hint">{{ 'It opens the room and is part of its keys. It never leaves this browser.' | t }}</p>
      </mat-dialog-content>
      <mat-dialog-actions align="end">
        <button matButton type="button" mat-dialog-close>{{ 'Cancel' | t }}</button>
        <button matButton="filled" type="submit" [disabled]="busy()" data-testid="submit-room-password">
          {{ (busy() ? 'Opening…' : 'Come in') | t }}
        </button>
      </mat-dialog-actions>
    </form>
  `,
})
class PasswordDialog {
  protected readonly asked = inject<Asked>(MAT_DIALOG_DATA);
  readonly #dialog = inject(MatDialogRef<PasswordDialog>);
  protected readonly problem = signal<string | null>(null);
  protected readonly busy = signal(false);

  protected async enter(password: string): Promise<void> {
    if (this.busy()) return;
    if (!password) return this.problem.set(t('Type the password of the room.'));
    this.busy.set(true);
    this.problem.set(null);
    try {
      await this.asked.open(password);
      this.#dialog.close(true);
    } catch (error) {
      this.problem.set(errorWords(error));
    }
    this.busy.set(false);
  }
}

/** Asks for the password of a room until it opens; false when the person gave up. */
@Injectable({ providedIn: 'root' })
export class RoomPassword {
  readonly #dialog = inject(MatDialog);

  async ask(name: string, open: (password: string) => Promise<void>): Promise<boolean> {
    const dialog = this.#dialog.open(PasswordDialog, { data: { name, open } satisfies Asked, width: '24rem', maxWidth: '94vw' });
    return (await firstValueFrom(dialog.afterClosed())) === true;
  }
}
