import { Component, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { AccountLine } from '../../../../libs/protocol/src/accounts.ts';
import { CONCLAVE } from '../conclave.ts';
import { Avatar } from '../ui/avatar.ts';
import { SearchField } from '../ui/search-field.ts';
import { fromNow } from '../ui/times.ts';
import { NextPage } from './next-page.ts';
import { Paged } from './paged.ts';
import { t, Translate } from '../ui/language.ts';

/** Accounts, searched on the server. */
@Component({
  selector: 'cv-people',
  imports: [Avatar, NextPage, RouterLink, SearchField, Translate],
  template: `
    <cv-search-field [label]="'Search people' | t" [placeholder]="'Name' | t" (typed)="paged.search($event)" data-testid="search-people" />
    <p class="soft small">{{ (total() === 1 ? '1 account' : '{count} accounts') | t: { count: total() } }}</p>
    @if (paged.items(); as people) {
      <ul class="list">
        @for (person of people; track person.id) {
          <li class="line" data-testid="account-line">
            <cv-avatar [id]="person.id" [name]="person.displayName" />
            <span class="words">
              <span class="name"
                ><a [routerLink]="['/console/people', person.id]"
                  ><bdi>{{ person.displayName }}</bdi></a
                >
                @if (person.role !== 'user') {
                  <span class="chip">{{ (person.role === 'admin' ? 'Administrator' : 'Moderator') | t }}</span>
                }
                @if (person.vip) {
                  <span class="chip">{{ 'VIP' | t }}</span>
                }
                @if (person.origin !== 'local') {
                  <span class="chip">{{ (person.origin === 'guest' ? 'Guest' : 'From the site') | t }}</span>
                }
                @if (person.lockedAt) {
                  <span class="chip grave">{{ 'Locked' | t }}</span>
                }
              </span>
              <span class="soft small"
                >{{ person.username }} · {{ seen(person) }}
                @if (person.failures) {
                  · {{ '{count} wrong passwords' | t: { count: person.failures } }}
                }
              </span>
            </span>
          </li>
        } @empty {
          <li class="line soft">{{ 'Nobody is called like that.' | t }}</li>
        }
      </ul>
    }
    <cv-next-page [paged]="paged" />
  `,
  styleUrl: './table.scss',
})
export class People {
  readonly #console = inject(CONCLAVE).console;
  protected readonly total = signal(0);
  protected readonly paged = new Paged<AccountLine>(async (query) => {
    const { accounts, next, total } = await this.#console.accounts(query);
    this.total.set(total);
    return { items: accounts, next };
  });

  protected seen({ lastSeenAt }: AccountLine): string {
    return lastSeenAt === null ? t('never here') : t('here {now}', { now: fromNow(lastSeenAt, Date.now()) });
  }
}
