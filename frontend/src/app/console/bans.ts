import { Component, inject } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { BanLine } from '../../../../libs/protocol/src/moderation.ts';
import { CONCLAVE } from '../conclave.ts';
import { untilWords } from '../ui/until-words.ts';
import { Confirm } from '../ui/confirm.ts';
import { Icon } from '../ui/icon.ts';
import { SearchField } from '../ui/search-field.ts';
import { fromNow } from '../ui/times.ts';
import { Toasts } from '../ui/toasts.ts';
import { NextPage } from './next-page.ts';
import { Paged } from './paged.ts';
import { t, Translate } from '../ui/language.ts';

/** Bans from rooms and from the site, with their ends and reasons. */
@Component({
  selector: 'cv-bans',
  imports: [Icon, MatButton, NextPage, SearchField, Translate],
  template: `
    <cv-search-field [label]="'Search bans' | t" [placeholder]="'Name or reason' | t" (typed)="paged.search($event)" />
    @if (paged.items(); as bans) {
      <ul class="list">
        @for (ban of bans; track ban.id) {
          <li class="line" data-testid="ban-line">
            <cv-icon name="block" />
            <span class="words">
              <span class="name"
                ><bdi>{{ ban.displayName ?? 'An account that is gone' | t }}</bdi>
                <span class="chip grave">{{ ban.room ? ban.roomName : ('The whole site' | t) }}</span></span
              >
              <span class="soft small">{{ describe(ban) }}</span>
            </span>
            @if (ban.user) {
              <button matButton="outlined" (click)="lift(ban)" data-testid="unban">{{ 'Take back' | t }}</button>
            }
          </li>
        } @empty {
          <li class="line soft">{{ 'Nobody is banned.' | t }}</li>
        }
      </ul>
    }
    <cv-next-page [paged]="paged" />
  `,
  styleUrl: './table.scss',
})
export class Bans {
  readonly #console = inject(CONCLAVE).console;
  readonly #confirm = inject(Confirm);
  readonly #toasts = inject(Toasts);
  protected readonly paged = new Paged<BanLine>(async (query) => {
    const { bans, next } = await this.#console.bans(query);
    return { items: bans, next };
  });

  protected describe({ until, reason, by, createdAt }: BanLine): string {
    return `${untilWords(until)}${reason ? `: ${reason}` : ''}; ${t('by {by}', { by })}, ${fromNow(createdAt, Date.now())}`;
  }
  protected async lift({ room, user, displayName, roomName }: BanLine): Promise<void> {
    const where = room ? roomName : t('this site');
    const text = [t('They may come to {where} again at once. Who they were in it, they have to become again.', { where: where ?? '' })];
    if (
      !(await this.#confirm.ask({
        title: t('Take the ban of {displayName} back?', { displayName: displayName ?? '' }),
        text,
        yes: t('Take back'),
      }))
    )
      return;
    await this.#toasts.attempt(() => this.#console.act('unban', room, user!, ''));
    await this.paged.load();
  }
}
