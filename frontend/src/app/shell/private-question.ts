import { Component, computed, DestroyRef, effect, inject, signal, untracked } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatDialog, MatDialogActions, MatDialogContent, MatDialogTitle, type MatDialogRef } from '@angular/material/dialog';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Toasts } from '../ui/toasts.ts';
import { Translate } from '../ui/language.ts';

/** Each consents for themselves (MESH6): closing it, or waiting, is a no. */
@Component({
  imports: [MatButton, MatDialogTitle, MatDialogContent, MatDialogActions, Translate],
  template: `
    @if (asked(); as request) {
      <h2 mat-dialog-title>
        <bdi>{{ request.by }}</bdi> {{ 'asks you to go private' | t }}
      </h2>
      <mat-dialog-content class="stack">
        <p>
          {{
            'You leave the server together with those who say yes, and talk from browser to browser alone. What is said there stays with those who were there; messages of your other rooms wait until you are back.'
              | t
          }}
        </p>
        <p class="soft small" role="timer">{{ '{left} s to decide' | t: { left: left() } }}</p>
      </mat-dialog-content>
      <mat-dialog-actions align="end">
        <button matButton (click)="answer(false)" data-testid="private-no">{{ 'Stay here' | t }}</button>
        <button matButton="filled" (click)="answer(true)" data-testid="private-yes" cdkFocusInitial>{{ 'Go along' | t }}</button>
      </mat-dialog-actions>
    }
  `,
})
class PrivateQuestionDialog {
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  readonly #now = signal(Date.now());
  readonly #view = toSignal(this.#client.privateMode);
  protected readonly asked = computed(() => {
    const view = this.#view();
    return view?.phase === 'asked' ? view : null;
  });
  protected readonly left = computed(() => Math.max(0, Math.ceil(((this.asked()?.until ?? 0) - this.#now()) / 1000)));

  constructor() {
    const clock = setInterval(() => this.#now.set(Date.now()), 1000);
    inject(DestroyRef).onDestroy(() => clearInterval(clock));
  }

  protected answer(yes: boolean): void {
    void this.#toasts.attempt(() => this.#client.answerPrivate(yes));
  }
}

/** Opens the question wherever one is in the app, and closes it when it is over. */
@Component({ selector: 'cv-private-question', template: '' })
export class PrivateQuestion {
  readonly #client = inject(CONCLAVE);
  readonly #dialog = inject(MatDialog);
  readonly #view = toSignal(this.#client.privateMode);
  #open: MatDialogRef<PrivateQuestionDialog> | null = null;

  constructor() {
    effect(() => {
      const asked = this.#view()?.phase === 'asked';
      untracked(() => (asked ? this.#ask() : this.#close()));
    });
    inject(DestroyRef).onDestroy(() => this.#close());
  }

  #ask(): void {
    if (this.#open) return;
    const dialog = this.#dialog.open(PrivateQuestionDialog, { maxWidth: '30rem', role: 'alertdialog' });
    this.#open = dialog;
    dialog.afterClosed().subscribe(() => {
      this.#open = null;
      if (this.#client.privateMode.value?.phase === 'asked') void this.#client.answerPrivate(false);
    });
  }

  #close(): void {
    this.#open?.close();
  }
}
