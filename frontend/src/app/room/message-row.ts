import { Component, computed, input, output, signal } from '@angular/core';
import { MatTooltip } from '@angular/material/tooltip';
import { Avatar } from '../ui/avatar.ts';
import { Icon } from '../ui/icon.ts';
import { clockTime, exactTime } from '../ui/times.ts';
import { renderMarkdown } from './markdown.ts';
import { actWords, stateWords } from './message-state.ts';
import { listed } from './notice-words.ts';
import type { MessageItem, Row } from './rows.ts';

export type MessageAct = { act: 'edit' | 'reply' | 'remove' | 'retry' | 'anyway' | 'cancel'; item: MessageItem };

/** One message: words, time, and for its author what became of it. */
@Component({
  selector: 'cv-message-row',
  imports: [Avatar, Icon, MatTooltip],
  templateUrl: './message-row.html',
  styleUrl: './message-row.scss',
  host: { '(click)': 'choose($event)' },
})
export class MessageRow {
  readonly row = input.required<Extract<Row, { type: 'message' }>>();
  /** The message this one answers, when it is in the window. */
  readonly quote = input<MessageItem | null>(null);
  readonly act = output<MessageAct>();
  readonly react = output<{ item: MessageItem; emoji: string; on: boolean }>();

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
  protected readonly actWords = actWords;
  protected readonly privateWords = (names: string[]): string => (names.length ? `Private, with ${listed(names)}` : 'Private');

  protected choose(event: Event): void {
    if (!(event.target as Element).closest('a, button, .bar')) this.chosen.update((chosen) => !chosen);
  }

  protected do(act: MessageAct['act']): void {
    this.chosen.set(false);
    this.act.emit({ act, item: this.item() });
  }
}
