import { DOCUMENT, inject, Injectable, Injector, type DestroyRef } from '@angular/core';
import { Router } from '@angular/router';
import { t } from '../ui/language.ts';

/** The keys that find things: Ctrl-K a place, Ctrl-F a message in the open room, Ctrl-Shift-F in all of them. On a Mac it is ⌘. */
@Injectable({ providedIn: 'root' })
export class FindKeys {
  readonly #document = inject(DOCUMENT);
  readonly #router = inject(Router);
  readonly #injector = inject(Injector);
  #open = false;

  watch(until: DestroyRef): void {
    const listener = (event: KeyboardEvent) => this.#pressed(event);
    this.#document.addEventListener('keydown', listener);
    until.onDestroy(() => this.#document.removeEventListener('keydown', listener));
  }

  /** Ctrl-K; what draws it loads with the first time. */
  async switch(): Promise<void> {
    if (this.#open) return;
    this.#open = true;
    try {
      const [{ MatDialog }, { Switcher }] = await Promise.all([import('@angular/material/dialog'), import('../switcher/switcher.ts')]);
      const dialog = this.#injector.get(MatDialog).open(Switcher, {
        width: '34rem',
        maxWidth: '94vw',
        position: { top: '10dvh' },
        ariaLabel: t('Go to'),
        autoFocus: '[cdkFocusInitial]',
      });
      dialog.afterClosed().subscribe(() => (this.#open = false));
    } catch (error) {
      this.#open = false;
      throw error;
    }
  }

  #pressed(event: KeyboardEvent): void {
    if (event.altKey || !(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    if (key === 'k' && !event.shiftKey) {
      event.preventDefault();
      void this.switch();
    } else if (key === 'f') this.#search(event);
  }

  /** Outside of a room Ctrl-F stays the browser's. */
  #search(event: KeyboardEvent): void {
    const room = /^\/rooms\/([^/?#]+)(?:[?#]|$)/.exec(this.#router.url)?.[1];
    if (!event.shiftKey && !room) return;
    event.preventDefault();
    void this.#router.navigate(['/search'], { queryParams: event.shiftKey ? {} : { room } });
  }
}
