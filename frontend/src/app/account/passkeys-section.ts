import { Component, inject, input, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { Passkey } from '../../../../libs/protocol/src/doors.ts';
import { ConclaveError } from '../../../../libs/protocol/src/errors.ts';
import { CONCLAVE } from '../conclave.ts';
import { Confirm } from '../ui/confirm.ts';
import { errorWords } from '../ui/error-words.ts';
import { Icon } from '../ui/icon.ts';
import { fromNow } from '../ui/times.ts';
import { Toasts } from '../ui/toasts.ts';
import { t, Translate } from '../ui/language.ts';

/** Passkeys of the account: add, remove (ACC8). */
@Component({
  selector: 'cv-passkeys-section',
  imports: [Icon, MatButton, Translate],
  template: `
    <section class="card stack" aria-labelledby="passkeys-heading">
      <h2 id="passkeys-heading">{{ 'Passkeys' | t }}</h2>
      <p class="soft">
        {{
          'Sign in with your fingerprint, face or a security key instead of a password. It works on this site only, so nobody can phish it.'
            | t
        }}
      </p>
      @if (passkeys(); as list) {
        @if (list.length) {
          <ul class="list">
            @for (passkey of list; track passkey.id) {
              <li class="line" data-testid="passkey-line">
                <cv-icon name="key" />
                <span class="words">
                  <bdi>{{ passkey.name }}</bdi>
                  <span class="soft small">
                    {{ (passkey.lastUsedAt ? 'Used {ago}' : 'Never used') | t: { ago: passkey.lastUsedAt ? ago(passkey.lastUsedAt) : '' } }}
                    · {{ 'added {ago}' | t: { ago: ago(passkey.createdAt) } }}
                    @if (passkey.backedUp) {
                      · {{ 'on several devices' | t }}
                    }
                  </span>
                </span>
                <button
                  matButton
                  (click)="remove(passkey)"
                  [attr.aria-label]="'Remove {name}' | t: { name: passkey.name }"
                  data-testid="remove-passkey"
                >
                  {{ 'Remove' | t }}
                </button>
              </li>
            }
          </ul>
        }
        @if (possible) {
          @if (adding()) {
            <form class="stack" (submit)="add($event, name.value)" data-testid="passkey-form">
              @if (problem(); as text) {
                <p class="alert" role="alert">{{ text }}</p>
              }
              <label class="field">
                <span class="name">{{ 'Name of the passkey' | t }}</span>
                <input #name class="input" maxlength="60" [value]="preset" data-testid="passkey-name" />
              </label>
              @if (hasPassword()) {
                <label class="field">
                  <span class="name">{{ 'Your password' | t }}</span>
                  <input
                    #secret
                    class="input"
                    type="password"
                    autocomplete="current-password"
                    (input)="typed.set(secret.value)"
                    data-testid="passkey-password"
                  />
                </label>
              }
              <span class="row">
                <button matButton="filled" type="submit" [disabled]="busy()" data-testid="save-passkey">
                  {{ (busy() ? 'Waiting for it…' : 'Add it') | t }}
                </button>
                <button matButton type="button" (click)="adding.set(false)">{{ 'Cancel' | t }}</button>
              </span>
            </form>
          } @else {
            <span
              ><button matButton="tonal" (click)="adding.set(true)" data-testid="add-passkey">
                <cv-icon name="plus" /> {{ 'Add a passkey' | t }}
              </button></span
            >
          }
        } @else {
          <p class="hint">{{ 'This browser has no passkeys.' | t }}</p>
        }
      } @else {
        <span class="skeleton"></span>
      }
    </section>
  `,
  styleUrl: './lines.scss',
})
export class PasskeysSection {
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  readonly #confirm = inject(Confirm);

  readonly hasPassword = input.required<boolean>();
  protected readonly adding = signal(false);
  protected readonly typed = signal('');
  protected readonly problem = signal<string | null>(null);
  protected readonly passkeys = signal<Passkey[] | null>(null);
  protected readonly busy = signal(false);
  protected readonly possible = this.#client.account.hasPasskeys;
  protected readonly preset = 'My passkey';

  constructor() {
    void this.#load();
  }

  protected ago(at: number): string {
    return fromNow(at, Date.now());
  }

  protected async add(event: Event, name: string): Promise<void> {
    event.preventDefault();
    this.busy.set(true);
    this.problem.set(null);
    try {
      await this.#client.account.addPasskey(name.trim() || this.preset, this.hasPassword() ? this.typed() : undefined);
      this.adding.set(false);
      this.typed.set('');
      await this.#load();
    } catch (error) {
      const wrong = error instanceof ConclaveError && error.code === 'bad-credentials';
      this.problem.set(wrong ? t('This is not your password.') : errorWords(error));
    }
    this.busy.set(false);
  }

  protected async remove(passkey: Passkey): Promise<void> {
    const yes = await this.#confirm.ask({
      title: t('Remove {name}?', { name: passkey.name }),
      text: [t('It opens this account no more. It stays in your device or password manager until you delete it there.')],
      yes: t('Remove passkey'),
      danger: true,
    });
    if (yes && (await this.#toasts.attempt(() => this.#client.account.removePasskey(passkey.id)))) await this.#load();
  }

  async #load(): Promise<void> {
    await this.#toasts.attempt(async () => this.passkeys.set(await this.#client.account.listPasskeys()));
  }
}
