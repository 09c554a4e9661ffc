import type { ElementRef } from '@angular/core';
import { Component, computed, effect, inject, input, signal, untracked, viewChild } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { MatButton } from '@angular/material/button';
import type { SearchHit, SearchPage as Page } from '../../../../libs/client/src/index.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { FoundWords } from '../ui/found-words.ts';
import { errorWords } from '../ui/error-words.ts';
import { Icon } from '../ui/icon.ts';
import { PageHead } from '../ui/page-head.ts';
import { exactTime } from '../ui/times.ts';
import { t, Translate } from '../ui/language.ts';

/** Typing is followed so soon: each question takes a few milliseconds. */
const pauseMs = 120;
/** More than anybody reads; then other words find it sooner. */
const most = 600;

/** What was said, in one room or in all, on this device alone (FIND1). The address holds the question: going back from a message finds it again. */
@Component({
  selector: 'cv-search-page',
  imports: [FoundWords, Icon, MatButton, PageHead, RouterLink, Translate],
  templateUrl: './search-page.html',
  styleUrl: './search-page.scss',
  host: { '(keydown)': 'key($event)' },
})
export class SearchPage {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  /** From the address. */
  readonly q = input('', { transform: (value: string | undefined) => value ?? '' });
  readonly room = input<string>();
  protected readonly rooms = toSignal(this.#client.rooms);
  protected readonly roomName = computed(() => this.#nameOf(this.room()));
  protected readonly text = signal('');
  protected readonly hits = signal<SearchHit[]>([]);
  protected readonly page = signal<Page | null>(null);
  protected readonly busy = signal(false);
  protected readonly problem = signal<string | null>(null);
  protected readonly asked = computed(() => this.text().trim() !== '');
  protected readonly more = computed(() => this.page()?.next != null && this.hits().length < most);
  protected readonly verdict = computed(() => this.#verdict());
  private readonly field = viewChild<ElementRef<HTMLInputElement>>('field');
  private readonly list = viewChild<ElementRef<HTMLElement>>('list');
  #timer: ReturnType<typeof setTimeout> | undefined;
  #question = 0;

  constructor() {
    effect(() => {
      const field = this.field()?.nativeElement;
      field?.focus();
      field?.select();
    });
    effect(() => {
      const [text] = [this.q(), this.room()];
      untracked(() => {
        if (text !== this.text()) this.text.set(text);
        void this.#find();
      });
    });
  }

  protected typed(text: string): void {
    this.text.set(text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep(this.room()), pauseMs);
  }
  protected everywhere(): void {
    this.#keep(undefined);
  }

  protected async loadMore(): Promise<void> {
    await this.#find(this.page()?.next ?? null);
  }

  protected roomOf(hit: SearchHit): string {
    return this.#nameOf(hit.room);
  }
  protected when(hit: SearchHit): string {
    return exactTime(hit.at);
  }

  /** Up and down go through what was found; the field is above the first. */
  protected key(event: KeyboardEvent): void {
    if (event.isComposing || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
    const links = [...(this.list()?.nativeElement.querySelectorAll<HTMLElement>('a, button') ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    const next = at + (event.key === 'ArrowDown' ? 1 : -1);
    if (at < 0 && document.activeElement !== this.field()?.nativeElement) return;
    event.preventDefault();
    (next < 0 ? this.field()?.nativeElement : links[Math.min(next, links.length - 1)])?.focus();
  }

  /** Enter in the field goes to the newest that was found. */
  protected first(event: Event): void {
    event.preventDefault();
    const [newest] = this.hits();
    if (newest) void this.#router.navigate(['/rooms', newest.room], { queryParams: { at: newest.mid } });
  }

  #keep(room: string | undefined): void {
    const q = this.text();
    void this.#router.navigate(['/search'], { queryParams: { q: q || undefined, room }, replaceUrl: true });
  }

  /** Only the answer to the last question counts. */
  async #find(cursor: Page['next'] = null): Promise<void> {
    const question = ++this.#question;
    this.busy.set(true);
    try {
      const page = await this.#client.find(this.text(), this.room() ?? null, cursor);
      if (question !== this.#question) return;
      this.page.set(page);
      this.hits.update((hits) => (cursor ? [...hits, ...page.hits] : page.hits));
      this.problem.set(null);
    } catch (error) {
      if (question === this.#question) this.problem.set(errorWords(error));
    } finally {
      if (question === this.#question) this.busy.set(false);
    }
  }

  #verdict(): string {
    const page = this.page();
    if (!page || this.busy() || !this.asked()) return '';
    if (page.nobody) return t('Nobody you know has this name.');
    if (page.nowhere) return t('None of your rooms has this name.');
    const count = this.hits().length;
    if (count === 0) return t('Nothing was found on this device.');
    if (page.next) return t('The newest {count} messages', { count });
    return count === 1 ? t('One message') : t('{count} messages', { count });
  }

  #nameOf(room: string | undefined): string {
    return this.rooms().find(({ id }) => id === room)?.name ?? t('this room');
  }
}
