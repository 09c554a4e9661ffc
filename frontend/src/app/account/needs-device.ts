import { Component, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Confirm } from '../ui/confirm.ts';
import { errorWords } from '../ui/error-words.ts';
import { Icon } from '../ui/icon.ts';
import { fromNow } from '../ui/times.ts';
import { Door } from './door.ts';
import { t, Translate } from '../ui/language.ts';

/** Signed in, but this browser holds no key of the account (ACC11): link it, or begin anew. Never a dead end. */
@Component({
  selector: 'cv-needs-device',
  imports: [Door, MatButton, Icon, Translate],
  templateUrl: './needs-device.html',
  styles: `
    .code {
      font-family: ui-monospace, 'Cascadia Mono', Menlo, monospace;
      font-size: 1.0625rem;
      letter-spacing: 0.05em;
    }
    ol {
      padding-inline-start: 1.25rem;
      display: grid;
      gap: 0.25rem;
    }
    .device {
      display: flex;
      gap: 0.625rem;
      align-items: center;
      padding-block: 0.5rem;
    }
    details > form {
      margin-block-start: 0.75rem;
    }
    summary {
      cursor: pointer;
      min-block-size: 1.5rem;
    }
    hr {
      inline-size: 100%;
      border: 0;
      border-block-start: 1px solid var(--line);
      margin: 0.25rem 0;
    }
  `,
})
export class NeedsDevice {
  readonly #client = inject(CONCLAVE);
  readonly #confirm = inject(Confirm);
  protected readonly session = toSignal(this.#client.session);
  protected readonly busy = signal<'link' | 'recover' | 'reset' | null>(null);
  protected readonly problem = signal<string | null>(null);
  protected readonly fromNow = fromNow;
  protected readonly now = Date.now();

  protected devices() {
    const session = this.session();
    return session.state === 'needs-device' ? session.devices : [];
  }

  protected link(event: Event, code: string): void {
    event.preventDefault();
    if (code.trim()) void this.#attempt('link', () => this.#client.useLink(code.trim()));
  }

  protected recover(event: Event, words: string): void {
    event.preventDefault();
    if (words.trim()) void this.#attempt('recover', () => this.#client.useRecoveryPhrase(words));
  }

  protected async reset(): Promise<void> {
    const yes = await this.#confirm.ask({
      title: t('Begin again with a new key?'),
      text: [
        t('All your other devices are removed from your account and must be linked anew.'),
        t('This browser cannot open what was written before. Everybody in your rooms sees that your key has changed.'),
      ],
      yes: t('Reset my key'),
      danger: true,
    });
    if (yes) await this.#attempt('reset', () => this.#client.resetAccountKey());
  }

  protected signOut(): void {
    void this.#attempt('reset', () => this.#client.logout(false));
  }

  async #attempt(what: 'link' | 'recover' | 'reset', deed: () => Promise<void>): Promise<void> {
    this.problem.set(null);
    this.busy.set(what);
    try {
      await deed();
    } catch (error) {
      this.problem.set(errorWords(error));
    } finally {
      this.busy.set(null);
    }
  }
}
