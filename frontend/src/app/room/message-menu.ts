import { A11yModule } from '@angular/cdk/a11y';
import { Component, inject, Injectable } from '@angular/core';
import { Icon } from '../ui/icon.ts';
import type { IconName } from '../ui/icons.ts';
import { t, Translate } from '../ui/language.ts';
import { ABOUT, ANSWER, PopUps } from '../ui/pop-up.ts';
import type { MessageAct } from './message-act.ts';
import type { MessageItem } from './rows.ts';

/** What one most often answers with a picture; others come with the picker. */
export const quickReactions = ['👍', '❤️', '😂', '🎉', '😮', '😢'] as const;

export type MessageChoice = { act: MessageAct['act'] } | { emoji: string } | { more: true };
type Entry = { act: MessageAct['act']; icon: IconName; words: string };

/** Everything that can be done with this message. */
export function actsOn({
  mine,
  private: conversation,
  deleted,
  text,
}: Pick<MessageItem, 'mine' | 'private' | 'deleted' | 'text'>): Entry[] {
  const entries: (Entry | false)[] = [
    !deleted && { act: 'reply', icon: 'reply', words: 'Reply' },
    !deleted && mine && { act: 'edit', icon: 'edit', words: 'Edit' },
    !deleted && text !== '' && { act: 'copy', icon: 'copy', words: t('Copy text') },
    { act: 'link', icon: 'link', words: t('Copy link') },
    { act: 'details', icon: 'info', words: t('About this message') },
    !deleted && !mine && conversation === null && { act: 'report', icon: 'flag', words: 'Report' },
    !deleted && mine && { act: 'remove', icon: 'trash', words: t('Delete for everyone') },
  ];
  return entries.filter((entry) => entry !== false);
}

@Component({
  selector: 'cv-message-menu',
  imports: [A11yModule, Icon, Translate],
  template: `
    <div
      class="menu"
      role="dialog"
      [attr.aria-label]="'Actions on this message' | t"
      cdkTrapFocus
      cdkTrapFocusAutoCapture
      (keydown)="move($event)"
      data-testid="message-menu"
    >
      @if (!about.deleted) {
        <div class="quick">
          @for (emoji of quick; track emoji) {
            <button type="button" [attr.aria-label]="'React with {emoji}' | t: { emoji }" (click)="answer({ emoji })">{{ emoji }}</button>
          }
          <button type="button" [attr.aria-label]="'Other emoji' | t" (click)="answer({ more: true })"><cv-icon name="plus" /></button>
        </div>
      }
      @for (each of acts; track each.act) {
        <button type="button" class="entry" (click)="answer({ act: each.act })" [attr.data-testid]="'do-' + each.act">
          <cv-icon [name]="each.icon" />{{ each.words | t }}
        </button>
      }
    </div>
  `,
  styles: `
    .menu {
      display: grid;
      padding: 0.5rem;
      border: 1px solid var(--line);
      border-radius: 0.875rem;
      background: var(--surface);
      color: var(--ink);
      box-shadow: 0 8px 32px rgb(0 0 0 / 0.22);
    }
    :host-context(.sheet) .menu {
      border-radius: 1.25rem 1.25rem 0 0;
      padding-block-end: max(0.75rem, env(safe-area-inset-bottom));
    }
    :host-context(.sheet) {
      inline-size: 100%;
    }
    button {
      border: 0;
      background: none;
      color: inherit;
      cursor: pointer;
      border-radius: 0.5rem;
    }
    button:hover {
      background: var(--hover);
    }
    .quick {
      display: flex;
      justify-content: space-around;
      margin-block-end: 0.25rem;
    }
    .quick button {
      display: grid;
      place-items: center;
      inline-size: 2.75rem;
      block-size: 2.75rem;
      font-size: 1.375rem;
    }
    .entry {
      display: flex;
      align-items: center;
      gap: 0.75rem;
      min-block-size: 2.75rem;
      padding-inline: 0.75rem;
      text-align: start;
    }
  `,
})
class MessageMenu {
  protected readonly answer = inject(ANSWER) as (choice: MessageChoice) => void;
  protected readonly about = inject(ABOUT) as MessageItem;
  protected readonly quick = quickReactions;
  protected readonly acts = actsOn(this.about);

  /** Arrow keys go through all of it. */
  protected move(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>('button')];
    const at = buttons.indexOf(event.target as HTMLElement);
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  }
}

@Injectable({ providedIn: 'root' })
export class MessageMenus {
  readonly #popUps = inject(PopUps);

  /** `beside` null: as a sheet, for fingers. */
  open(item: MessageItem, beside: Element | null): Promise<MessageChoice | null> {
    return this.#popUps.ask<MessageChoice>(MessageMenu, beside, item);
  }
}
