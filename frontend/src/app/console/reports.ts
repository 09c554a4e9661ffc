import { Component, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { ReportLine } from '../../../../libs/protocol/src/moderation.ts';
import { CONCLAVE } from '../conclave.ts';
import { Icon } from '../ui/icon.ts';
import { fromNow } from '../ui/times.ts';
import { NextPage } from './next-page.ts';
import { Paged } from './paged.ts';
import { reasonWords } from './report-words.ts';
import { Translate } from '../ui/language.ts';

/** The queue of reports (MOD3): oldest open ones are somebody's trouble, so they are asked for first. */
@Component({
  selector: 'cv-reports',
  imports: [Icon, NextPage, RouterLink, Translate],
  template: `
    <div class="filters">
      <p class="soft" data-testid="open-reports">{{ '{open} open' | t: { open: open() } }}</p>
      <label
        ><span class="visually-hidden">{{ 'Which reports' | t }}</span>
        <select class="input" (change)="show($any($event.target).value)">
          <option value="open">{{ 'Open' | t }}</option>
          <option value="closed">{{ 'Closed' | t }}</option>
          <option value="all">{{ 'All' | t }}</option>
        </select>
      </label>
    </div>
    @if (paged.items(); as reports) {
      <ul class="list">
        @for (report of reports; track report.id) {
          <li class="line">
            <cv-icon name="flag" />
            <span class="words">
              <span class="name"
                ><a [routerLink]="['/console/reports', report.id]" data-testid="report-line"
                  >{{ words[report.reason] | t }}: <bdi>{{ report.accused.displayName ?? 'somebody who is gone' | t }}</bdi></a
                >
                @if (report.state !== 'open') {
                  <span class="chip">{{ (report.state === 'acted' ? 'Acted on' : 'Dismissed') | t }}</span>
                }
              </span>
              <span class="soft small">{{
                (report.messages === 1
                  ? '1 message in {room}, reported by {name} {when}'
                  : '{count} messages in {room}, reported by {name} {when}'
                )
                  | t
                    : {
                        count: report.messages,
                        room: report.roomName ?? ('a room that is gone' | t),
                        name: report.reporter.displayName ?? ('somebody who is gone' | t),
                        when: when(report),
                      }
              }}</span>
            </span>
          </li>
        } @empty {
          <li class="line soft">
            {{
              (state() === 'open'
                ? 'Nothing here. Nobody has reported anything that is still open.'
                : 'Nothing here. Nobody has reported anything.'
              ) | t
            }}
          </li>
        }
      </ul>
    }
    <cv-next-page [paged]="paged" />
  `,
  styleUrl: './table.scss',
})
export class Reports {
  readonly #console = inject(CONCLAVE).console;
  protected readonly words = reasonWords;
  protected readonly state = signal<'open' | 'closed' | 'all'>('open');
  protected readonly open = signal(0);
  protected readonly paged = new Paged<ReportLine>(async ({ cursor }) => {
    const { reports, next, open } = await this.#console.reports({ state: this.state(), ...(cursor ? { cursor } : {}) });
    this.open.set(open);
    return { items: reports, next };
  });

  protected show(state: 'open' | 'closed' | 'all'): void {
    this.state.set(state);
    void this.paged.load();
  }
  protected when({ createdAt }: ReportLine): string {
    return fromNow(createdAt, Date.now());
  }
}
