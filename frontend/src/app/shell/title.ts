import { computed, effect, inject, Injectable, signal } from '@angular/core';
import { Title } from '@angular/platform-browser';
import { TitleStrategy, type RouterStateSnapshot } from '@angular/router';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { t } from '../ui/language.ts';

/** "(3) Room – Site" in the tab, and the count on the installed app's icon. */
@Injectable({ providedIn: 'root' })
export class RoomTitle extends TitleStrategy {
  readonly #client = inject(CONCLAVE);
  readonly #site = toSignal(this.#client.site);
  readonly #unread = toSignal(this.#client.unread);
  readonly #rooms = toSignal(this.#client.rooms);
  readonly #page = signal<{ title?: string | undefined; room?: string | undefined }>({});
  readonly #text = computed(() => {
    const { title, room } = this.#page();
    const name = this.#rooms().find((line) => line.id === room)?.name ?? (title && t(title));
    const site = this.#site()?.name ?? 'Conclave';
    const count = this.#unread() ? `(${this.#unread()}) ` : '';
    return count + (name ? `${name} – ${site}` : site);
  });

  constructor() {
    super();
    const title = inject(Title);
    effect(() => title.setTitle(this.#text()));
    effect(() => showBadge(this.#unread()));
  }

  override updateTitle(snapshot: RouterStateSnapshot): void {
    let leaf = snapshot.root;
    while (leaf.firstChild) leaf = leaf.firstChild;
    this.#page.set({ title: this.buildTitle(snapshot), room: leaf.paramMap.get('id') ?? undefined });
  }
}

function showBadge(count: number): void {
  // Refused when not installed: the title tells the same.
  navigator.setAppBadge?.(count).catch(() => undefined);
}
