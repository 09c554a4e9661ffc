import { Component, inject, input, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { RoomHandle } from '../../../../../libs/client/src/index.ts';
import { errorWords } from '../../ui/error-words.ts';
import { Toasts } from '../../ui/toasts.ts';
import { t, Translate } from '../../ui/language.ts';

/** Another password for a password room (ROOM3): members who are there get its keys by themselves. */
@Component({
  selector: 'cv-room-password-section',
  imports: [MatButton, Translate],
  template: `
    <section class="card">
      <form class="stack" (submit)="$event.preventDefault(); change(box)">
        <h2>{{ 'Password of the room' | t }}</h2>
        @if (problem(); as text) {
          <p class="alert" role="alert">{{ text }}</p>
        }
        <label class="field">
          <span class="name">{{ 'New password' | t }}</span>
          <input #box class="input" type="text" autocomplete="off" spellcheck="false" data-testid="new-room-password" />
        </label>
        <p class="hint">{{ 'Members stay in and get the new keys sealed. Who joins from then on needs the new password.' | t }}</p>
        <p>
          <button matButton="filled" type="submit" [disabled]="busy()" data-testid="change-room-password">
            {{ (busy() ? 'Changing…' : 'Change password') | t }}
          </button>
        </p>
      </form>
    </section>
  `,
})
export class RoomPasswordSection {
  readonly room = input.required<RoomHandle>();
  readonly #toasts = inject(Toasts);
  protected readonly problem = signal<string | null>(null);
  protected readonly busy = signal(false);

  protected async change(box: HTMLInputElement): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      await this.room().administration.changePassword(box.value);
      box.value = '';
      await this.#toasts.say(t('The password was changed.'));
    } catch (error) {
      this.problem.set(errorWords(error));
    }
    this.busy.set(false);
  }
}
