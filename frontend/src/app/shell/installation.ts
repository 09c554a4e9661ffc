import { Injectable, signal } from '@angular/core';

/** Chromium's question whether to install; other browsers have it in their own menus. */
type InstallQuestion = Event & { prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }> };

/** Keeps the browser's install question for a menu entry of ours, gone once installed (APP1). */
@Injectable({ providedIn: 'root' })
export class Installation {
  #question: InstallQuestion | null = null;
  readonly offered = signal(false);

  constructor() {
    addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.#question = event as InstallQuestion;
      this.offered.set(true);
    });
    addEventListener('appinstalled', () => this.offered.set(false));
  }

  async install(): Promise<void> {
    // A question can be asked once.
    const question = this.#question;
    this.#question = null;
    this.offered.set(false);
    await question?.prompt();
  }
}
