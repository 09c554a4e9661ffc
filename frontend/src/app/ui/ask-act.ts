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
import type { ActPreview } from '../../../../libs/protocol/src/moderation.ts';
import { errorWords } from './error-words.ts';
import { spans } from './until-words.ts';
import { Translate } from './language.ts';

export type AskedAct = {
  act: 'kick' | 'ban' | 'mute';
  name: string;
  /** "this room", or "this site". */
  where: string;
  preview: () => Promise<ActPreview>;
  perform: (reason: string, until: number | null) => Promise<void>;
};

const words: { [A in AskedAct['act']]: { title: string; yes: string; about: string } } = {
  kick: {
    title: 'Put out',
    yes: 'Put out',
    about: 'They lose the keys and read nothing that is written from then on. They may come in again.',
  },
  ban: {
    title: 'Ban',
    yes: 'Ban',
    about: 'They lose the keys, read nothing that is written from then on, and cannot come in again before the ban ends.',
  },
  mute: { title: 'Mute', yes: 'Mute', about: 'They go on reading. What they write meanwhile is shown to nobody.' },
};

/** An act of moderation before it is done: how long, why, and what it will do (MOD4). */
@Component({
  imports: [MatButton, MatDialogTitle, MatDialogContent, MatDialogActions, MatDialogClose, Translate],
  template: `
    <form (submit)="$event.preventDefault(); perform(reason.value)" data-testid="ask-act">
      <h2 mat-dialog-title>
        {{ text.title | t }} <bdi>{{ asked.name }}</bdi>
      </h2>
      <mat-dialog-content class="stack">
        @if (problem(); as text) {
          <p class="alert" role="alert">{{ text }}</p>
        }
        <p>{{ text.about | t }}</p>
        @if (preview(); as will) {
          @if (will.allowed) {
            @if (asked.act !== 'mute') {
              <ul class="soft small will" data-testid="act-preview">
                <li>
                  {{ (will.devices === 1 ? '1 device loses the keys.' : '{count} devices lose the keys.') | t: { count: will.devices } }}
                  {{ (will.sockets === 1 ? '1 connection is closed.' : '{count} connections are closed.') | t: { count: will.sockets } }}
                </li>
                @if (will.rooms > 1) {
                  <li>{{ 'It ends {rooms} memberships.' | t: { rooms: will.rooms } }}</li>
                }
                @if (will.sessions) {
                  <li>{{ (will.sessions === 1 ? '1 session is ended.' : '{count} sessions are ended.') | t: { count: will.sessions } }}</li>
                }
                @if (will.waiting) {
                  <li>
                    {{
                      (will.waiting === 1
                        ? '1 sealed message waiting for them will be dropped.'
                        : '{count} sealed messages waiting for them will be dropped.'
                      ) | t: { count: will.waiting }
                    }}
                  </li>
                }
                @if (will.successor) {
                  <li>{{ '{successor} becomes owner.' | t: { successor: will.successor } }}</li>
                }
              </ul>
            }
          } @else {
            <p class="alert">{{ will.refusal }}</p>
          }
        }
        @if (asked.act !== 'kick') {
          <label class="field">
            <span class="name">{{ 'For how long' | t }}</span>
            <select class="input" (change)="span.set(+$any($event.target).value)" data-testid="act-span">
              @for (each of spans; track each.words; let i = $index) {
                <option [value]="i" [selected]="i === span()">{{ each.words | t }}</option>
              }
            </select>
          </label>
        }
        <label class="field">
          <span class="name"
            >{{ 'Reason' | t }} <span class="soft">{{ '(everybody in {where} sees it)' | t: { where: asked.where } }}</span></span
          >
          <input #reason class="input" maxlength="250" dir="auto" autocomplete="off" data-testid="act-reason" />
        </label>
      </mat-dialog-content>
      <mat-dialog-actions align="end">
        <button matButton type="button" mat-dialog-close cdkFocusInitial>{{ 'Cancel' | t }}</button>
        <button
          matButton="filled"
          class="danger"
          type="submit"
          [disabled]="busy() || preview()?.allowed === false"
          data-testid="perform-act"
        >
          {{ (busy() ? 'One moment…' : text.yes) | t }}
        </button>
      </mat-dialog-actions>
    </form>
  `,
  styles: `
    .will {
      padding-inline-start: 1.125rem;
    }
    .danger {
      --mat-button-filled-container-color: var(--red);
      --mat-button-filled-label-text-color: var(--surface);
    }
  `,
})
class ActDialog {
  protected readonly asked = inject<AskedAct>(MAT_DIALOG_DATA);
  readonly #dialog = inject(MatDialogRef<ActDialog>);
  protected readonly text = words[this.asked.act];
  protected readonly spans = spans;
  protected readonly span = signal(2);
  protected readonly problem = signal<string | null>(null);
  protected readonly busy = signal(false);
  protected readonly preview = signal<ActPreview | null>(null);

  constructor() {
    // While the server is away an act goes by the links alone: then nothing can be foretold.
    this.asked.preview().then(
      (preview) => this.preview.set(preview),
      () => undefined,
    );
  }

  protected async perform(reason: string): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    const { ms } = spans[this.span()]!;
    try {
      await this.asked.perform(reason, ms === null ? null : Date.now() + ms);
      this.#dialog.close(true);
    } catch (error) {
      this.problem.set(errorWords(error));
    }
    this.busy.set(false);
  }
}

@Injectable({ providedIn: 'root' })
export class AskAct {
  readonly #dialog = inject(MatDialog);

  /** True when it was done. */
  async ask(asked: AskedAct): Promise<boolean> {
    const dialog = this.#dialog.open(ActDialog, { data: asked, width: '28rem', maxWidth: '94vw' });
    return (await firstValueFrom(dialog.afterClosed())) === true;
  }
}
