import { Component, computed, input, output } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { Icon } from '../ui/icon.ts';
import { clockTime } from '../ui/times.ts';
import { isGrave, noticeIcon, noticeWords } from './notice-words.ts';
import type { NoticeItem } from './rows.ts';
import { Translate } from '../ui/language.ts';

/** What happened in the room besides messages. */
@Component({
  selector: 'cv-notice-row',
  imports: [Icon, MatButton, Translate],
  template: `
    <p [class.grave]="grave()" data-testid="notice" [attr.data-kind]="notice().kind">
      <cv-icon [name]="icon()" />
      <span dir="auto">{{ words() }}</span>
      @switch (notice().kind) {
        @case ('gap') {
          @if (!$any(notice()).asked) {
            <button matButton="outlined" (click)="askForGap.emit(item().key)">{{ 'Ask the others' | t }}</button>
          }
        }
        @case ('key-changed') {
          <button matButton="outlined" (click)="acknowledgeKey.emit($any(notice()).user)">{{ 'I have checked' | t }}</button>
        }
        @default {
          <time>{{ clock() }}</time>
        }
      }
    </p>
  `,
  styles: `
    p {
      display: flex;
      align-items: center;
      justify-content: center;
      flex-wrap: wrap;
      gap: 0.25rem 0.5rem;
      inline-size: fit-content;
      max-inline-size: min(100%, 40rem);
      margin: 0.5rem auto;
      padding: 0.125rem 0.75rem;
      color: var(--ink-soft);
      font-size: 0.8125rem;
    }
    span {
      min-inline-size: 0;
      flex: 0 1 auto;
    }
    .grave {
      flex-wrap: nowrap;
      gap: 0.75rem;
      padding: 0.625rem 0.875rem;
      border-radius: 0.75rem;
      background: var(--amber-soft);
      color: var(--amber);
      --mat-button-outlined-label-text-color: var(--amber);
      --mat-button-outlined-outline-color: currentColor;
    }
    time {
      white-space: nowrap;
    }
    .grave button {
      flex: none;
    }
    @media (max-width: 30rem) {
      .grave {
        flex-wrap: wrap;
        justify-content: start;
      }
      .grave span {
        flex: 1;
        min-inline-size: 70%;
      }
    }
  `,
})
export class NoticeRow {
  readonly item = input.required<NoticeItem>();
  readonly askForGap = output<string>();
  readonly acknowledgeKey = output<string>();
  protected readonly notice = computed(() => this.item().notice);
  protected readonly words = computed(() => noticeWords(this.notice()));
  protected readonly icon = computed(() => noticeIcon(this.notice().kind));
  protected readonly grave = computed(() => isGrave(this.notice().kind));
  protected readonly clock = computed(() => clockTime(this.item().orderedAt));
}
