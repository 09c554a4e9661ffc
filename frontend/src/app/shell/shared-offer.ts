import { inject, Injectable } from '@angular/core';
import { Router } from '@angular/router';
import { lookAtShelf } from '../shelf.ts';
import { t } from '../ui/language.ts';
import { Toasts } from '../ui/toasts.ts';

/** Something that was shared and has no room yet, because somebody was locked out then or went elsewhere, is offered when one comes in. */
@Injectable({ providedIn: 'root' })
export class SharedOffer {
  readonly #router = inject(Router);
  readonly #toasts = inject(Toasts);

  async make(): Promise<void> {
    if (/^\/share($|\?)/.test(location.pathname + location.search)) return;
    const { waiting } = await lookAtShelf();
    if (waiting.length === 0) return;
    await this.#toasts.say(t('Something you shared to this app still waits here.'), {
      label: 'Send to…',
      act: () => void this.#router.navigateByUrl('/share'),
    });
  }
}
