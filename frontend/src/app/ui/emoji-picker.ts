import { A11yModule } from '@angular/cdk/a11y';
import { Component, computed, inject, Injectable, signal } from '@angular/core';
import { EmojiBook, emojiGroups } from './emoji-book.ts';
import { Translate } from './language.ts';
import { ANSWER, PopUps } from './pop-up.ts';

const columns = 8;

@Component({
  selector: 'cv-emoji-picker',
  imports: [A11yModule, Translate],
  template: `
    <div
      class="picker"
      role="dialog"
      [attr.aria-label]="'Choose an emoji' | t"
      cdkTrapFocus
      cdkTrapFocusAutoCapture
      data-testid="emoji-picker"
    >
      <input
        class="input"
        type="search"
        cdkFocusInitial
        [placeholder]="'Search emoji' | t"
        [attr.aria-label]="'Search emoji' | t"
        (input)="words.set($any($event.target).value)"
        (keydown.arrowdown)="enter($event)"
        (keydown.enter)="first($event)"
        data-testid="emoji-search"
      />
      @if (!words()) {
        <div class="groups" role="tablist">
          @for (each of groups; track each.group) {
            <button
              type="button"
              role="tab"
              [attr.aria-selected]="group() === each.group"
              [attr.aria-label]="each.name | t"
              (click)="group.set(each.group)"
            >
              {{ each.icon }}
            </button>
          }
        </div>
      }
      <div class="grid" tabindex="-1" (keydown)="move($event)">
        @for (each of shown(); track each.emoji) {
          <button type="button" [attr.aria-label]="each.annotation" [title]="each.annotation" (click)="picked(each.emoji)">
            {{ each.emoji }}
          </button>
        } @empty {
          <p class="soft small" role="status">
            {{
              (book.all().length
                ? 'No emoji has this name.'
                : book.missing()
                  ? 'Emoji could not be loaded. Try again when the server is back.'
                  : 'Emoji are being loaded…'
              ) | t
            }}
          </p>
        }
      </div>
    </div>
  `,
  styleUrl: './emoji-picker.scss',
})
class EmojiPicker {
  protected readonly picked = inject(ANSWER) as (emoji: string) => void;
  protected readonly book = inject(EmojiBook);
  protected readonly groups = emojiGroups;
  protected readonly words = signal('');
  protected readonly group = signal<number>(0);
  protected readonly shown = computed(() =>
    this.words() ? this.book.find(this.words(), 64) : this.book.all().filter(({ group }) => group === this.group()),
  );

  constructor() {
    this.book.open();
  }

  protected first(event: Event): void {
    event.preventDefault();
    const [emoji] = this.shown();
    if (emoji) this.picked(emoji.emoji);
  }
  protected enter(event: Event): void {
    event.preventDefault();
    (event.target as Element).closest('.picker')?.querySelector<HTMLElement>('.grid button')?.focus();
  }
  /** Arrow keys walk the grid. */
  protected move(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const buttons = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>('button')];
    buttons[buttons.indexOf(event.target as HTMLElement) + step]?.focus();
  }
}

/** Opens the picker beside an element, or as a sheet. */
@Injectable({ providedIn: 'root' })
export class EmojiPickers {
  readonly #popUps = inject(PopUps);

  /** The emoji, or null when none was chosen. */
  pick(beside: Element | null): Promise<string | null> {
    return this.#popUps.ask<string>(EmojiPicker, beside);
  }
}
