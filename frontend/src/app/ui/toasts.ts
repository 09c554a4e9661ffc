import { inject, Injectable, Injector } from '@angular/core';
import type { MatSnackBarConfig } from '@angular/material/snack-bar';
import { errorWords } from './error-words.ts';

/** Short words at the bottom of the page. The piece that draws them loads with the first one. */
@Injectable({ providedIn: 'root' })
export class Toasts {
  readonly #injector = inject(Injector);

  async say(text: string, action?: { label: string; act: () => void }, config: MatSnackBarConfig = { duration: 8000 }): Promise<void> {
    const { MatSnackBar } = await import('@angular/material/snack-bar');
    const bar = this.#injector.get(MatSnackBar).open(text, action?.label ?? 'Close', config);
    if (action) bar.onAction().subscribe(action.act);
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
