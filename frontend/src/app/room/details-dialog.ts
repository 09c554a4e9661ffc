import { Component, inject, Injectable } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MAT_DIALOG_DATA, MatDialog, MatDialogActions, MatDialogClose, MatDialogContent, MatDialogTitle } from '@angular/material/dialog';
import type { MessageDetails, RoomHandle } from '../../../../libs/client/src/index.ts';
import { Icon } from '../ui/icon.ts';
import type { IconName } from '../ui/icons.ts';
import { t, Translate } from '../ui/language.ts';
import { exactTime } from '../ui/times.ts';
import { Toasts } from '../ui/toasts.ts';
import type { MessageItem } from './rows.ts';

type State = MessageDetails['people'][number]['state'];

const words: { [S in State]: { icon: IconName; text: string } } = {
  read: { icon: 'seen', text: 'Has read it' },
  delivered: { icon: 'checks', text: 'Has it' },
  direct: { icon: 'direct', text: 'Took it over a direct link' },
  held: { icon: 'held', text: 'The server holds it, sealed, until they are back' },
  waiting: { icon: 'clock', text: 'Waits here' },
};
const order: State[] = ['read', 'delivered', 'direct', 'held', 'waiting'];

@Component({
  imports: [MatButton, MatDialogTitle, MatDialogContent, MatDialogActions, MatDialogClose, Icon, Translate],
  template: `
    <h2 mat-dialog-title>{{ 'About this message' | t }}</h2>
    <mat-dialog-content data-testid="message-details">
      <dl>
        <dt>{{ 'Written' | t }}</dt>
        <dd>{{ exact(details.writtenAt) }}</dd>
        @if (details.arrivedAt) {
          <dt>{{ 'Came to this device' | t }}</dt>
          <dd>{{ exact(details.arrivedAt) }}</dd>
        }
      </dl>
      @for (each of groups; track each.state) {
        <h3>
          <cv-icon [name]="words[each.state].icon" /> {{ words[each.state].text | t }} <span class="soft">{{ each.names.length }}</span>
        </h3>
        <ul>
          @for (name of each.names; track $index) {
            <li>
              <bdi>{{ name }}</bdi>
            </li>
          }
        </ul>
      }
    </mat-dialog-content>
    <mat-dialog-actions align="end"
      ><button matButton mat-dialog-close cdkFocusInitial>{{ 'Close' | t }}</button></mat-dialog-actions
    >
  `,
  styles: `
    dl {
      display: grid;
      grid-template-columns: auto 1fr;
      gap: 0.125rem 1rem;
      margin: 0 0 0.5rem;
    }
    dt {
      color: var(--ink-soft);
    }
    dd {
      margin: 0;
    }
    h3 {
      display: flex;
      align-items: center;
      gap: 0.5rem;
      margin: 0.75rem 0 0.25rem;
      font-size: 0.875rem;
    }
    ul {
      margin: 0;
      padding-inline-start: 1.75rem;
      list-style: none;
    }
  `,
})
class DetailsDialog {
  protected readonly details = inject<MessageDetails>(MAT_DIALOG_DATA);
  protected readonly words = words;
  protected readonly exact = exactTime;
  protected readonly groups = order
    .map((state) => ({ state, names: this.details.people.filter((person) => person.state === state).map(({ name }) => name) }))
    .filter(({ names }) => names.length > 0);
}

/** Who has a message, and by which route (MSG2). */
@Injectable({ providedIn: 'root' })
export class MessageDetailsDialogs {
  readonly #dialog = inject(MatDialog);
  readonly #toasts = inject(Toasts);

  async show(room: RoomHandle, { mid }: MessageItem): Promise<void> {
    await this.#toasts.attempt(async () => {
      const details = await room.details(mid);
      if (details) this.#dialog.open(DetailsDialog, { data: details, width: '26rem', maxWidth: '94vw' });
      else await this.#toasts.say(t('This message has not left yet.'));
    });
  }
}
