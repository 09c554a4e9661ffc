import { Component, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { BesideQr } from '../ui/beside-qr.ts';
import { CopyButton } from '../ui/copy-button.ts';
import { Icon } from '../ui/icon.ts';
import { PageHead } from '../ui/page-head.ts';
import { handWords } from './hand-words.ts';
import { TakeText } from '../ui/take-text.ts';
import { Translate } from '../ui/language.ts';

/** Back to the members without the server (ACC16): one shows a text, another answers it, and both carry them as QR code or paste. */
@Component({
  selector: 'cv-reach-page',
  imports: [BesideQr, CopyButton, Icon, MatButton, PageHead, TakeText, Translate],
  templateUrl: './reach-page.html',
  styleUrl: './reach-page.scss',
})
export class ReachPage {
  readonly #client = inject(CONCLAVE);
  readonly #connection = toSignal(this.#client.connection);
  /** Whoever opens this without a connection wants in. */
  protected readonly role = signal<'asking' | 'helping'>(this.#connection().state === 'online' ? 'helping' : 'asking');
  protected readonly busy = signal(false);
  protected readonly problem = signal<string | null>(null);
  protected readonly offer = signal<string | null>(null);
  protected readonly answer = signal<{ text: string; name: string } | null>(null);
  protected readonly reached = signal<string | null>(null);

  protected choose(role: 'asking' | 'helping'): void {
    this.role.set(role);
    this.problem.set(null);
  }

  protected ask(): Promise<void> {
    return this.#attempt(async () => {
      this.reached.set(null);
      this.offer.set((await this.#client.offerByHand()).text);
    });
  }

  protected accept(text: string): Promise<void> {
    return this.#attempt(async () => {
      this.reached.set((await this.#client.acceptByHand(text)).name);
      this.offer.set(null);
    });
  }

  protected help(text: string): Promise<void> {
    return this.#attempt(async () => this.answer.set(await this.#client.answerByHand(text)));
  }

  async #attempt(deed: () => Promise<void>): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      await deed();
    } catch (error) {
      this.problem.set(handWords(error));
    }
    this.busy.set(false);
  }
}
