import { Component, computed, inject, input, output, signal } from '@angular/core';
import { Router } from '@angular/router';
import { MatTooltip } from '@angular/material/tooltip';
import { Avatar } from '../ui/avatar.ts';
import { EmojiPickers } from '../ui/emoji-picker.ts';
import { Icon } from '../ui/icon.ts';
import { t, Translate } from '../ui/language.ts';
import { LongPress } from '../ui/long-press.ts';
import { Swipe } from '../ui/swipe.ts';
import { clockTime, exactTime } from '../ui/times.ts';
import { MessageFiles } from './files/message-files.ts';
import { renderMarkdown } from './markdown.ts';
import type { MessageAct } from './message-act.ts';
import { MessageMenus, quickReactions } from './message-menu.ts';
import { actWords, stateWords } from './message-state.ts';
import { listed } from './notice-words.ts';
import type { MessageItem, Row } from './rows.ts';

/** One message: words, time, and for its author what became of it. */
@Component({
  selector: 'cv-message-row',
  imports: [Avatar, Icon, MatTooltip, LongPress, Swipe, Translate, MessageFiles],
  templateUrl: './message-row.html',
  styleUrl: './message-row.scss',
  host: { '(click)': 'choose($event)' },
})
export class MessageRow {
  readonly row = input.required<Extract<Row, { type: 'message' }>>();
  /** It was jumped to: it stands out for a moment. */
  readonly found = input(false);
  /** Names the author's picture. */
  readonly face = input<string | null>(null);
  readonly act = output<MessageAct>();
  readonly react = output<{ item: MessageItem; emoji: string; on: boolean }>();
  /** To the message this one answers. */
  readonly jump = output<string>();
  readonly #router = inject(Router);
  readonly #menus = inject(MessageMenus);
  readonly #pickers = inject(EmojiPickers);

  protected readonly item = computed(() => this.row().item);
  protected readonly html = computed(() => renderMarkdown(this.item().text));
  protected readonly state = computed(() => {
    const state = this.item().state;
    return state && { ...stateWords(state), state: state.state };
  });
  protected readonly clock = computed(() => clockTime(this.item().orderedAt));
  protected readonly exact = computed(() => exactTime(this.item().writtenAt));
  /** A message emoji-only and short is shown larger. */
  protected readonly big = computed(() =>
    /^(?:\p{Extended_Pictographic}[\uFE0F\u200D\p{Emoji_Modifier}]*\s?){1,4}$/u.test(this.item().text),
  );
  /** Touch has no hovering: a tap shows what can be done. */
  protected readonly chosen = signal(false);
  protected readonly quick = quickReactions;
  protected readonly reacting = signal(false);
  /** Somebody looked at what is folded. */
  protected readonly unfolded = signal(false);
  protected readonly folded = computed(() => (this.unfolded() ? null : this.item().hidden));
  protected readonly foldWords = {
    muted: 'Written while muted',
    blocked: 'From somebody you blocked',
    flood: 'Repeated',
    images: 'A picture from somebody who may show none here',
  } as const;
  protected readonly actWords = actWords;
  protected readonly privateWords = (names: string[]): string =>
    names.length ? t('Private, with {names}', { names: listed(names) }) : t('Private');

  protected choose(event: Event): void {
    const link = (event.target as Element).closest('a');
    if (link?.origin === location.origin && link.pathname.startsWith('/rooms/')) {
      event.preventDefault(); // another message of one's own rooms: no second tab
      void this.#router.navigateByUrl(link.pathname + link.search);
    }
    if (!(event.target as Element).closest('a, button, .bar')) this.chosen.update((chosen) => !chosen);
  }

  /** Everything that can be done: beside its button, or by a long press as a sheet. */
  protected async more(beside: Element | null): Promise<void> {
    const choice = await this.#menus.open(this.item(), beside);
    if (!choice) return;
    if ('act' in choice) this.do(choice.act);
    else if ('emoji' in choice) this.reactWith(choice.emoji);
    else await this.pickReaction(beside);
  }

  protected async pickReaction(beside: Element | null): Promise<void> {
    const emoji = await this.#pickers.pick(beside);
    if (emoji) this.reactWith(emoji);
  }

  protected answer(): void {
    if (!this.item().deleted) this.do('reply');
  }

  protected reactWith(emoji: string): void {
    this.reacting.set(false);
    this.chosen.set(false);
    const mine = this.item().reactions.some((reaction) => reaction.emoji === emoji && reaction.mine);
    this.react.emit({ item: this.item(), emoji, on: !mine });
  }

  protected do(act: MessageAct['act']): void {
    this.chosen.set(false);
    this.act.emit({ act, item: this.item() });
  }
}
