import { inject, signal } from '@angular/core';
import { Toasts } from '../ui/toasts.ts';

/** A list that the server searches and hands over page by page. An answer that was overtaken by a later question is dropped. */
export class Paged<T> {
  readonly items = signal<T[] | null>(null);
  readonly more = signal<string | null>(null);
  readonly busy = signal(false);
  readonly #toasts = inject(Toasts);
  #question = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  #words = '';

  /** `q`: what is searched for. */
  constructor(private readonly fetch: (query: { q: string; cursor?: string }) => Promise<{ items: T[]; next: string | null }>) {
    void this.load();
  }

  /** From the beginning. */
  load(): Promise<void> {
    return this.#ask(undefined, []);
  }

  /** While somebody types: after a moment without another key. */
  search(words: string): void {
    this.#words = words.trim();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.load(), 250);
  }

  async next(): Promise<void> {
    const cursor = this.more();
    if (cursor && !this.busy()) await this.#ask(cursor, this.items() ?? []);
  }

  async #ask(cursor: string | undefined, before: T[]): Promise<void> {
    const question = ++this.#question;
    this.busy.set(true);
    await this.#toasts.attempt(async () => {
      const { items, next } = await this.fetch({ q: this.#words, ...(cursor ? { cursor } : {}) });
      if (question !== this.#question) return;
      this.items.set([...before, ...items]);
      this.more.set(next);
    });
    if (question === this.#question) this.busy.set(false);
  }
}
