import { Component, computed, inject, input, viewChild } from '@angular/core';
import { MatMenu, MatMenuModule } from '@angular/material/menu';
import type { RoomLevel } from '../../../../libs/client/src/index.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Icon } from '../ui/icon.ts';
import { Translate } from '../ui/language.ts';
import { levels } from '../ui/level-words.ts';
import { Toasts } from '../ui/toasts.ts';

/** How much of this room one wants to hear of (PRES2). */
@Component({
  selector: 'cv-level-menu',
  exportAs: 'levelMenu',
  imports: [MatMenuModule, Icon, Translate],
  template: `
    <mat-menu #menu="matMenu">
      @for (entry of levels; track entry.level) {
        <button
          mat-menu-item
          role="menuitemradio"
          [attr.aria-checked]="level() === entry.level"
          (click)="choose(entry.level)"
          [attr.data-testid]="'level-' + entry.level"
        >
          <cv-icon [name]="level() === entry.level ? 'check' : entry.icon" />{{ entry.words | t }}
        </button>
      }
    </mat-menu>
  `,
})
export class LevelMenu {
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  readonly room = input.required<string>();
  readonly menu = viewChild.required(MatMenu);
  readonly #notices = toSignal(this.#client.notices.view);
  readonly level = computed(() => this.#notices().levels.get(this.room()) ?? 'everything');
  protected readonly levels = levels;

  protected async choose(level: RoomLevel): Promise<void> {
    await this.#toasts.attempt(() => this.#client.notices.setLevel(this.room(), level));
  }
}
