import { Component, computed, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { SessionLine } from '../../../../libs/protocol/src/accounts.ts';
import { CONCLAVE } from '../conclave.ts';
import { Icon } from '../ui/icon.ts';
import { fromNow } from '../ui/times.ts';
import { Toasts } from '../ui/toasts.ts';
import { Translate } from '../ui/language.ts';

const doors: { [M in SessionLine['method']]: string } = {
  password: 'with the password',
  passkey: 'with a passkey',
  device: 'with a device key',
  handoff: 'from another site',
  guest: 'as a guest',
  registration: 'when the account was made',
  setup: 'at set-up',
  reset: 'with a one-time link',
};

/** Where this account is signed in (ACC7). */
@Component({
  selector: 'cv-sessions-section',
  imports: [Icon, MatButton, Translate],
  template: `
    <section class="stack" aria-labelledby="sessions-heading">
      <h2 id="sessions-heading">{{ 'Where you are signed in' | t }}</h2>
      @if (sessions(); as list) {
        <ul class="list">
          @for (session of list; track session.id) {
            <li class="line" data-testid="session">
              <cv-icon name="device" />
              <span class="words">
                <bdi>{{ session.name }}</bdi>
                <span class="soft small">
                  {{ (session.current ? 'This browser' : 'Last used {ago}') | t: { ago: ago(session.lastUsedAt) } }} ·
                  {{ 'signed in {ago}' | t: { ago: ago(session.createdAt) } }} {{ how[session.method] | t }}
                </span>
              </span>
              @if (!session.current) {
                <button
                  matButton
                  (click)="end(session)"
                  [attr.aria-label]="'Sign out {name}' | t: { name: session.name }"
                  data-testid="end-session"
                >
                  {{ 'Sign out' | t }}
                </button>
              }
            </li>
          }
        </ul>
        @if (others() > 1) {
          <span
            ><button matButton="outlined" (click)="endOthers()" data-testid="end-others">{{ 'Sign out everywhere else' | t }}</button></span
          >
        }
      } @else {
        <span class="skeleton"></span>
      }
    </section>
  `,
  styleUrl: './lines.scss',
})
export class SessionsSection {
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  protected readonly how = doors;
  protected readonly sessions = signal<SessionLine[] | null>(null);
  protected readonly others = computed(() => this.sessions()?.filter(({ current }) => !current).length ?? 0);

  constructor() {
    void this.#load();
  }

  protected ago(at: number): string {
    return fromNow(at, Date.now());
  }
  protected async end(session: SessionLine): Promise<void> {
    if (await this.#toasts.attempt(() => this.#client.account.endSession(session.id))) await this.#load();
  }
  protected async endOthers(): Promise<void> {
    if (await this.#toasts.attempt(() => this.#client.account.endOtherSessions())) await this.#load();
  }
  async #load(): Promise<void> {
    await this.#toasts.attempt(async () => this.sessions.set(await this.#client.account.sessions()));
  }
}
