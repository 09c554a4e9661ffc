import { Component, computed, inject, Injectable, signal } from '@angular/core';
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
import type { RoomHandle } from '../../../../libs/client/src/index.ts';
import type { ReportReason } from '../../../../libs/protocol/src/moderation.ts';
import { errorWords } from '../ui/error-words.ts';
import { Toasts } from '../ui/toasts.ts';
import { clockTime } from '../ui/times.ts';
import type { MessageItem } from './rows.ts';
import { t, Translate } from '../ui/language.ts';

type Asked = { room: RoomHandle; item: MessageItem };

const reasons: [ReportReason, string][] = [
  ['spam', 'Spam or flooding'],
  ['abuse', 'Insult, threat or harassment'],
  ['illegal', 'Something illegal'],
  ['other', 'Something else'],
];

/** A report (MOD3): which of a person's messages, why, and word for word what the moderators will be able to read. */
@Component({
  imports: [MatButton, MatDialogTitle, MatDialogContent, MatDialogActions, MatDialogClose, Translate],
  template: `
    <form (submit)="$event.preventDefault(); send(note.value)" data-testid="report-form">
      <h2 mat-dialog-title>
        {{ 'Report' | t }} <bdi>{{ asked.item.author.name }}</bdi>
      </h2>
      <mat-dialog-content class="stack">
        @if (problem(); as text) {
          <p class="alert" role="alert">{{ text }}</p>
        }
        <fieldset>
          <legend>
            {{ 'These messages are disclosed to the moderators, word for word, with proof of who wrote them. Nothing else is.' | t }}
          </legend>
          @for (message of theirs; track message.mid) {
            <label class="pick">
              <input type="checkbox" [checked]="chosen().has(message.mid)" (change)="toggle(message.mid)" />
              <span
                ><span class="words" dir="auto">{{ message.text }}</span>
                <time class="soft small">{{ clock(message.orderedAt) }}</time></span
              >
            </label>
          }
        </fieldset>
        <label class="field">
          <span class="name">{{ 'What is wrong with them' | t }}</span>
          <select class="input" (change)="reason.set($any($event.target).value)" data-testid="report-reason">
            @for (each of reasons; track each[0]) {
              <option [value]="each[0]">{{ each[1] | t }}</option>
            }
          </select>
        </label>
        <label class="field">
          <span class="name"
            >{{ 'In your own words' | t }} <span class="soft">{{ '(if you like)' | t }}</span></span
          >
          <textarea #note class="input" rows="3" maxlength="1000" dir="auto" data-testid="report-note"></textarea>
        </label>
        <p class="hint">
          {{
            '{name} is not told who reported them. You can also block them: then nothing of theirs is shown to you.'
              | t: { name: asked.item.author.name }
          }}
        </p>
      </mat-dialog-content>
      <mat-dialog-actions align="end">
        <button matButton type="button" mat-dialog-close cdkFocusInitial>{{ 'Cancel' | t }}</button>
        <button matButton="filled" type="submit" [disabled]="busy() || chosen().size === 0" data-testid="send-report">
          {{ (busy() ? 'Sending…' : sendWords()) | t }}
        </button>
      </mat-dialog-actions>
    </form>
  `,
  styles: `
    fieldset {
      display: grid;
      gap: 0.25rem;
      margin: 0;
      padding: 0;
      border: 0;
      max-block-size: 14rem;
      overflow-y: auto;
    }
    .pick {
      display: flex;
      gap: 0.75rem;
      align-items: baseline;
      padding-block: 0.375rem;
    }
    .words {
      overflow-wrap: anywhere;
      white-space: pre-line;
    }
  `,
})
class ReportDialog {
  protected readonly asked = inject<Asked>(MAT_DIALOG_DATA);
  readonly #dialog = inject(MatDialogRef<ReportDialog>);
  readonly #toasts = inject(Toasts);
  protected readonly reasons = reasons;
  protected readonly reason = signal<ReportReason>('spam');
  protected readonly problem = signal<string | null>(null);
  protected readonly busy = signal(false);
  protected readonly chosen = signal<ReadonlySet<string>>(new Set([this.asked.item.mid]));
  protected readonly sendWords = computed(() =>
    t(this.chosen().size === 1 ? 'Report 1 message' : 'Report {count} messages', { count: this.chosen().size }),
  );
  protected readonly clock = clockTime;
  /** The newest of this person, the one that was picked among them. */
  protected readonly theirs = this.asked.room.timeline.value.items
    .filter(
      (item): item is MessageItem =>
        item.type === 'message' && item.author.user === this.asked.item.author.user && !item.deleted && !item.private,
    )
    .filter((item, i, all) => i >= all.length - 20 || item.mid === this.asked.item.mid);

  protected toggle(mid: string): void {
    this.chosen.update((chosen) => {
      const next = new Set(chosen);
      if (!next.delete(mid) && next.size < 20) next.add(mid);
      return next;
    });
  }

  protected async send(note: string): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      await this.asked.room.report([...this.chosen()], this.reason(), note);
      this.#dialog.close();
      await this.#toasts.say(t('Your report is with the moderators.'));
    } catch (error) {
      this.problem.set(errorWords(error));
    }
    this.busy.set(false);
  }
}

@Injectable({ providedIn: 'root' })
export class ReportDialogs {
  readonly #dialog = inject(MatDialog);

  ask(room: RoomHandle, item: MessageItem): void {
    this.#dialog.open(ReportDialog, { data: { room, item } satisfies Asked, width: '30rem', maxWidth: '94vw' });
  }
}
