import { inject, Injectable } from '@angular/core';
import { SwUpdate } from '@angular/service-worker';
import { Toasts } from '../ui/toasts.ts';
import { t } from '../ui/language.ts';

/** Says when a newer version is ready; drafts and outbox are stored, so reloading loses nothing. */
@Injectable({ providedIn: 'root' })
export class Updates {
  readonly #worker = inject(SwUpdate);
  readonly #toasts = inject(Toasts);
  #watching = false;

  watch(): void {
    if (this.#watching || !this.#worker.isEnabled) return;
    this.#watching = true;
    this.#worker.versionUpdates.subscribe((event) => {
      if (event.type === 'VERSION_READY') this.#offer(t('A new version of Conclave is ready.'));
    });
    this.#worker.unrecoverable.subscribe(() => this.#offer(t('This version is no longer complete.')));
  }

  #offer(text: string): void {
    void this.#toasts.say(text, { label: 'Reload', act: () => location.reload() }, {});
  }
}
