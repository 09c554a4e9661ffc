import { Component, computed, effect, inject, input, signal, viewChild, type ElementRef } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { Router, RouterLink } from '@angular/router';
import type { RoomId } from '../../../../libs/protocol/src/ids.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { lookAtShelf, takeFromShelf, together } from '../shelf.ts';
import { Avatar } from '../ui/avatar.ts';
import { Carried } from '../ui/carried.ts';
import { Icon } from '../ui/icon.ts';
import { t, Translate } from '../ui/language.ts';
import { PageHead } from '../ui/page-head.ts';
import { sizeWords } from '../ui/sizes.ts';
import { Toasts } from '../ui/toasts.ts';
import { placesFor, type Place } from './places.ts';

const missedWords: Record<string, string> = {
  unready: 'Conclave was not ready yet to take what you shared. It is now: share it again.',
  storage: 'This device could not keep what you shared: it may have no room left. Share less at a time, or attach it in a room.',
};

/** Where what another app shared goes: into one of my rooms, or to somebody I know. Nothing is sent here: the room opens with it in the composer. */
@Component({
  selector: 'cv-share-page',
  imports: [Avatar, Icon, MatButton, PageHead, RouterLink, Translate],
  templateUrl: './share-page.html',
  styleUrl: './share-page.scss',
  host: { '(keydown)': 'key($event)' },
})
export class SharePage {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  readonly #toasts = inject(Toasts);
  readonly #carried = inject(Carried);
  /** `?missed=`: why what was shared did not come along. */
  readonly missed = input<string>();
  protected readonly problem = computed(() => missedWords[this.missed() ?? ''] ?? null);
  protected readonly shelf = signal<Awaited<ReturnType<typeof lookAtShelf>> | null>(null);
  protected readonly shared = computed(() => together(this.shelf()?.waiting ?? []));
  protected readonly typed = signal('');
  protected readonly going = signal(false);
  readonly #rooms = toSignal(this.#client.rooms);
  readonly #people = this.#client.people();
  protected readonly roomless = computed(() => this.#rooms().length === 0 && this.#people.length === 0);
  protected readonly places = computed(() => placesFor(this.typed().trim(), this.#rooms(), this.#people));
  private readonly field = viewChild<ElementRef<HTMLInputElement>>('field');
  private readonly list = viewChild<ElementRef<HTMLElement>>('list');
  protected readonly sizeWords = sizeWords;

  constructor() {
    // A phone's keyboard would hide the rooms.
    const touchFirst = matchMedia('(hover: none) and (pointer: coarse)').matches;
    effect(() => {
      const field = this.field()?.nativeElement;
      if (!touchFirst) field?.focus();
    });
    void this.#look();
  }

  async #look(): Promise<void> {
    // Where the browser keeps nothing, nothing waits.
    this.shelf.set(await lookAtShelf().catch(() => ({ keys: [], waiting: [] })));
  }

  protected first(event: Event): void {
    event.preventDefault();
    const [place] = this.places();
    if (place) void this.choose(place);
  }

  protected async choose(place: Place): Promise<void> {
    if (this.going()) return;
    this.going.set(true);
    await this.#toasts.attempt(() => this.#bring(place));
    this.going.set(false);
  }

  async #bring(place: Place): Promise<void> {
    const [shared, shelf] = [this.shared(), this.shelf()];
    if (!shared || !shelf) return;
    const id = place.kind === 'room' ? place.id : await this.#client.direct(place.id);
    const room = this.#client.room(id);
    if (room.view.value.phase === 'left')
      return void (await this.#toasts.say(t('You are no longer in {name}. Choose another room.', { name: place.name })));
    if (shared.text) {
      const draft = await room.draft();
      await room.saveDraft(draft.trim() ? `${draft}\n${shared.text}` : shared.text);
    }
    this.#carried.give(id as RoomId, shared.files);
    await takeFromShelf(shelf.keys);
    await this.#router.navigate(['/rooms', id]);
  }

  protected async discard(): Promise<void> {
    const keys = this.shelf()?.keys ?? [];
    if (!(await this.#toasts.attempt(() => takeFromShelf(keys)))) return;
    await this.#look();
  }

  /** Up and down go through the places; the field is above the first. */
  protected key(event: KeyboardEvent): void {
    if (event.isComposing || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
    const field = this.field()?.nativeElement;
    const places = [...(this.list()?.nativeElement.querySelectorAll<HTMLElement>('button') ?? [])];
    const at = places.indexOf(document.activeElement as HTMLElement);
    if (at < 0 && document.activeElement !== field) return;
    event.preventDefault();
    const next = at + (event.key === 'ArrowDown' ? 1 : -1);
    (next < 0 ? field : places[Math.min(next, places.length - 1)])?.focus();
  }
}
