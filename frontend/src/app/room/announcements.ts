import { LiveAnnouncer } from '@angular/cdk/a11y';
import { DestroyRef, inject, Injectable } from '@angular/core';
import type { TimelineItem } from '../../../../libs/client/src/index.ts';
import { t } from '../ui/language.ts';

const EVERY_MS = 4000;

/** Virtual rows are silent for screen readers: new messages are spoken here, at most one announcement in four seconds. */
@Injectable()
export class Announcements {
  readonly #announcer = inject(LiveAnnouncer);
  #last: string | null = null;
  #pending: string[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor() {
    inject(DestroyRef).onDestroy(() => this.#timer && clearTimeout(this.#timer));
  }

  /** Called with each new state of the timeline; what it showed at first is not news. */
  see(items: TimelineItem[]): void {
    const before = this.#last;
    this.#last = items.at(-1)?.key ?? null;
    if (before === null) return;
    const from = items.findIndex((item) => item.key === before);
    if (from < 0) return;
    for (const item of items.slice(from + 1))
      if (item.type === 'message' && !item.mine) this.#pending.push(`${item.author.name}: ${item.text}`);
    if (this.#pending.length) this.#timer ??= setTimeout(() => this.#speak(), this.#pending.length === 1 ? 300 : EVERY_MS);
  }

  #speak(): void {
    const words = this.#pending.length === 1 ? this.#pending[0]!.slice(0, 300) : t('{count} new messages', { count: this.#pending.length });
    this.#pending = [];
    void this.#announcer.announce(words, 'polite');
    // The next one waits its turn.
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#pending.length) this.#speak();
    }, EVERY_MS);
  }
}
