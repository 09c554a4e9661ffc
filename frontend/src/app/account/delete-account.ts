import { Component, inject, input, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { OwnProfile } from '../../../../libs/protocol/src/accounts.ts';
import { CONCLAVE } from '../conclave.ts';
import { errorWords } from '../ui/error-words.ts';
import { Translate } from '../ui/language.ts';

/** Deleting one's account: asked twice, by typing. */
@Component({
  selector: 'cv-delete-account',
  imports: [MatButton, Translate],
  template: `
    <section class="card stack">
      <h2>{{ 'Delete your account' | t }}</h2>
      <p class="soft">
        {{
          'Your account, profile, keys and memberships are deleted from the server at once and for good, and from this browser. What you wrote stays with those who received it.'
            | t
        }}
      </p>
      @if (!asking()) {
        <span
          ><button matButton="outlined" (click)="asking.set(true)" data-testid="delete-account">
            {{ 'Delete my account…' | t }}
          </button></span
        >
      } @else {
        @if (problem(); as text) {
          <p class="alert" role="alert">{{ text }}</p>
        }
        <form class="stack" (submit)="remove($event, name.value)">
          <label class="field">
            <span class="name">{{ 'Type your user name, “{username}”' | t: { username: profile().username } }}</span>
            <input #name class="input" autocomplete="off" autocapitalize="none" spellcheck="false" data-testid="delete-name" />
          </label>
          @if (profile().hasPassword) {
            <label class="field">
              <span class="name">{{ 'Password' | t }}</span>
              <input
                #secret
                class="input"
                type="password"
                autocomplete="current-password"
                (input)="typed.set(secret.value)"
                data-testid="delete-password"
              />
            </label>
          }
          <span class="row">
            <button matButton="filled" class="danger" type="submit" [disabled]="busy()" data-testid="delete-confirm">
              {{ 'Delete for good' | t }}
            </button>
            <button matButton type="button" (click)="asking.set(false)">{{ 'Cancel' | t }}</button>
          </span>
        </form>
      }
    </section>
  `,
  styles: `
    .danger {
      --mat-button-filled-container-color: var(--red);
      --mat-button-filled-label-text-color: var(--surface);
    }
  `,
})
export class DeleteAccount {
  readonly #client = inject(CONCLAVE);
  readonly profile = input.required<OwnProfile>();
  protected readonly asking = signal(false);
  protected readonly busy = signal(false);
  protected readonly typed = signal('');
  protected readonly problem = signal<string | null>(null);

  protected async remove(event: Event, username: string): Promise<void> {
    event.preventDefault();
    this.busy.set(true);
    this.problem.set(null);
    try {
      await this.#client.removeAccount({ username, ...(this.profile().hasPassword ? { password: this.typed() } : {}) });
    } catch (error) {
      this.problem.set(errorWords(error));
    }
    this.busy.set(false);
  }
}
