import { Component, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Confirm } from '../ui/confirm.ts';
import { CopyButton } from '../ui/copy-button.ts';
import { errorWords } from '../ui/error-words.ts';
import { t, Translate } from '../ui/language.ts';
import { fromNow } from '../ui/times.ts';
import { Toasts } from '../ui/toasts.ts';

/** Words that are asked back, so that nobody goes on without having written them down. */
const askedBack = 3;

/** The recovery phrase: shown once, asked back, and what it has saved (E2E10). */
@Component({
  selector: 'cv-recovery-section',
  imports: [CopyButton, MatButton, Translate],
  templateUrl: './recovery-section.html',
  styleUrl: './recovery-section.scss',
})
export class RecoverySection {
  readonly #client = inject(CONCLAVE);
  readonly #confirm = inject(Confirm);
  readonly #toasts = inject(Toasts);
  protected readonly view = toSignal(this.#client.recovery.view);
  /** The new phrase, while it is on the screen and nowhere else. */
  protected readonly words = signal<string[] | null>(null);
  /** Places of the words that are asked back, from 0. */
  protected readonly asked = signal<number[] | null>(null);
  protected readonly busy = signal(false);
  protected readonly problem = signal<string | null>(null);

  constructor() {
    void this.#toasts.attempt(() => this.#client.recovery.look());
  }

  protected async begin(): Promise<void> {
    const { state } = this.view();
    const anew = {
      title: t('Make a new recovery phrase?'),
      text: [t('The phrase you have now opens nothing any more, once you have confirmed the new one.')],
      yes: t('Make a new phrase'),
    };
    if (state !== 'off' && !(await this.#confirm.ask(anew))) return;
    this.problem.set(null);
    this.words.set(await this.#client.recovery.newPhrase());
  }

  protected askBack(): void {
    const places = new Set<number>();
    while (places.size < askedBack) places.add(crypto.getRandomValues(new Uint8Array(1))[0]! % 24);
    this.asked.set([...places].sort((a, b) => a - b));
  }

  protected async confirm(event: Event, form: HTMLFormElement): Promise<void> {
    event.preventDefault();
    const [words, asked] = [this.words(), this.asked()];
    if (!words || !asked) return;
    const typed = [...form.querySelectorAll('input')].map(({ value }) => value.trim().toLowerCase());
    if (asked.some((place, i) => typed[i] !== words[place])) {
      return this.problem.set(t('One of these words is not the one in this place. Look at what you have written down.'));
    }
    const done = await this.#do(() => this.#client.recovery.turnOn(words));
    if (!done) return;
    this.cancel();
    await this.#toasts.say(t('Your recovery phrase is set up. Your history is being saved.'));
  }

  protected cancel(): void {
    this.words.set(null);
    this.asked.set(null);
    this.problem.set(null);
  }

  protected saveNow(): Promise<boolean> {
    return this.#do(() => this.#client.recovery.refresh());
  }

  protected async turnOff(): Promise<void> {
    const yes = await this.#confirm.ask({
      title: t('Turn recovery off?'),
      text: [
        t('The backup is deleted from the server, and your phrase opens nothing any more.'),
        t('If you lose all your devices, your history is lost with them.'),
      ],
      yes: t('Turn off'),
      danger: true,
    });
    if (yes) await this.#do(() => this.#client.recovery.turnOff());
  }

  protected ago(at: number): string {
    return fromNow(at, Date.now());
  }
  protected size(bytes: number): string {
    return t('{size} MB', { size: (bytes / 1_000_000).toFixed(1) });
  }

  async #do(deed: () => Promise<void>): Promise<boolean> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      await deed();
      return true;
    } catch (error) {
      this.problem.set(errorWords(error));
      return false;
    } finally {
      this.busy.set(false);
    }
  }
}
