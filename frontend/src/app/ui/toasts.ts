import { inject, Injectable, Injector } from '@angular/core';
import type { MatSnackBar, MatSnackBarConfig } from '@angular/material/snack-bar';
import { errorWords } from './error-words.ts';
import { t } from './language.ts';

/** Short words at the bottom of the page. The piece that draws them is not in what loads first. */
@Injectable({ providedIn: 'root' })
export class Toasts {
  readonly #injector = inject(Injector);
  #piece: Promise<typeof MatSnackBar> | null = null;

  constructor() {
    // Soon: words are needed most when the server is away, and then there is nowhere to load from.
    setTimeout(() => void this.#load().catch(() => undefined), 3_000);
  }

  async say(text: string, action?: { label: string; act: () => void }, config: MatSnackBarConfig = { duration: 8000 }): Promise<void> {
    const bar = this.#injector.get(await this.#load()).open(t(text), t(action?.label ?? 'Close'), config);
    if (action) bar.onAction().subscribe(action.act);
  }

  #load(): Promise<typeof MatSnackBar> {
    this.#piece ??= import('@angular/material/snack-bar').then((piece) => piece.MatSnackBar);
    this.#piece.catch(() => (this.#piece = null)); // the next words try again
    return this.#piece;
  }

  error(error: unknown): Promise<void> {
    return this.say(errorWords(error));
  }

  /** Does it, and says so when it fails. True when it went well. */
  async attempt(deed: () => Promise<unknown>): Promise<boolean> {
    try {
      await deed();
      return true;
    } catch (error) {
      await this.error(error);
      return false;
    }
  }
}
