import { Component, computed, DestroyRef, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { MatButton } from '@angular/material/button';
import { ConclaveError } from '../../../../libs/protocol/src/errors.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { errorWords } from '../ui/error-words.ts';
import { Icon } from '../ui/icon.ts';
import { Door } from './door.ts';
import { GuestForm } from './guest-form.ts';
import { PasswordForm } from './password-form.ts';
import { Translate } from '../ui/language.ts';

const SUGGEST_MS = 4 * 60_000;

/** The doors this site has, the most usual first. */
@Component({
  selector: 'cv-login',
  imports: [Door, GuestForm, Icon, MatButton, PasswordForm, RouterLink, Translate],
  templateUrl: './login.html',
  styles: `
    .or {
      display: grid;
      grid-template-columns: 1fr auto 1fr;
      align-items: center;
      gap: 0.75rem;
      color: var(--ink-soft);
      font-size: 0.8125rem;
    }
    .or::before,
    .or::after {
      content: '';
      border-block-start: 1px solid var(--line);
    }
  `,
})
export class Login {
  readonly #client = inject(CONCLAVE);
  protected readonly site = toSignal(this.#client.site);
  protected readonly session = toSignal(this.#client.session);
  protected readonly problem = signal<string | null>(null);
  protected readonly busy = signal(false);
  protected readonly hasPasskeys = this.#client.doors.hasPasskeys;
  protected readonly handoff = computed(() => this.site()?.handoff ?? null);
  readonly #asAdmin = signal(false);
  /** With a strict hand-off only administrators still have a password, and have to say so first. */
  protected readonly own = computed(() => this.#asAdmin() || !this.handoff()?.strict);
  protected readonly host = computed(() => {
    const url = this.handoff()?.signInUrl;
    return url ? new URL(url).host : null;
  });

  constructor() {
    void this.#suggest();
    // The question is good for five minutes: asked anew before it ends.
    const again = setInterval(() => void this.#suggest(), SUGGEST_MS);
    inject(DestroyRef).onDestroy(() => {
      clearInterval(again);
      this.#client.doors.stopSuggesting();
    });
  }

  protected ended(): boolean {
    const session = this.session();
    return session.state === 'signed-out' && session.reason === 'ended';
  }
  protected showOwn(): void {
    this.#asAdmin.set(true);
  }
  protected byPasskey(): Promise<void> {
    return this.enter(() => this.#client.doors.passkey());
  }
  protected byPassword({ username, password }: { username: string; password: string }): Promise<void> {
    return this.enter(() => this.#client.doors.login(username, password));
  }
  protected asGuest(name: string): Promise<void> {
    return this.enter(() => this.#client.doors.enterAsGuest(name));
  }

  protected async enter(door: () => Promise<unknown>): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      await door();
    } catch (error) {
      this.problem.set(errorWords(error));
    }
    this.busy.set(false);
  }

  /** Passkeys among the suggestions of the name field; that nobody picked one is no problem to tell. */
  async #suggest(): Promise<void> {
    try {
      await this.#client.doors.suggestPasskey();
    } catch (error) {
      if (!(error instanceof ConclaveError) || (error.code !== 'conflict' && error.code !== 'unavailable'))
        this.problem.set(errorWords(error));
    }
  }
}
