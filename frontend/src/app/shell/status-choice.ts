import { Component, inject, Injector, viewChild } from '@angular/core';
import { MatMenu, MatMenuModule } from '@angular/material/menu';
import type { ChosenStatus } from '../../../../libs/protocol/src/status.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Icon } from '../ui/icon.ts';
import { t, Translate } from '../ui/language.ts';
import { StatusMark } from '../ui/status-mark.ts';
import { statusWords } from '../ui/status-words.ts';
import { Toasts } from '../ui/toasts.ts';

/** The menu in which one says whether one is there (PRES1). */
@Component({
  selector: 'cv-status-choice',
  exportAs: 'statusChoice',
  imports: [MatMenuModule, Icon, StatusMark, Translate],
  template: `
    <mat-menu #menu="matMenu">
      @for (status of choices; track status) {
        <button
          mat-menu-item
          role="menuitemradio"
          [attr.aria-checked]="own().status === status"
          (click)="choose(status)"
          [attr.data-testid]="'status-' + status"
        >
          <cv-status [status]="status" />
          <span>{{ words(status) }}</span>
          @if (hints[status]; as hint) {
            <span class="soft small"> {{ hint | t }}</span>
          }
        </button>
      }
      <button mat-menu-item (click)="write()" data-testid="status-text"><cv-icon name="edit" />{{ 'Own words…' | t }}</button>
    </mat-menu>
  `,
  styles: `
    cv-status {
      margin-inline-end: 0.75rem;
      inline-size: 1rem;
      block-size: 1rem;
    }
  `,
})
export class StatusChoice {
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  readonly #injector = inject(Injector);
  readonly menu = viewChild.required(MatMenu);
  protected readonly own = toSignal(this.#client.status.view);
  protected readonly choices: readonly ChosenStatus[] = ['online', 'away', 'busy', 'dnd', 'invisible'];
  protected readonly hints: { [S in ChosenStatus]?: string } = {
    dnd: 'Nothing sounds, and nobody begins a conversation with you.',
    invisible: 'Others see you as offline. Who is connected to you directly can still tell.',
  };
  protected readonly words = statusWords;

  protected async choose(status: ChosenStatus): Promise<void> {
    const { text, until } = this.own();
    await this.#toasts.attempt(() => this.#client.status.choose({ status, text, until }));
  }

  protected async write(): Promise<void> {
    const [{ MatDialog }, { StatusText }] = await Promise.all([import('@angular/material/dialog'), import('./status-text.ts')]);
    this.#injector.get(MatDialog).open(StatusText, { width: '26rem', maxWidth: 'calc(100vw - 2rem)', ariaLabel: t('Own words') });
  }
}
