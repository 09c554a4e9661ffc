import { Component, computed, inject, input, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { RoomHandle } from '../../../../../libs/client/src/index.ts';
import { RoomIcon, RoomName, RoomTopic } from '../../../../../libs/protocol/src/text.ts';
import { follow } from '../../conclave.ts';
import { errorWords } from '../../ui/error-words.ts';
import { Toasts } from '../../ui/toasts.ts';
import { t, Translate } from '../../ui/language.ts';

/** Name (owners), topic and icon of a room. */
@Component({
  selector: 'cv-name-section',
  imports: [MatButton, Translate],
  template: `
    <section class="card">
      <form class="stack" (submit)="$event.preventDefault(); save(name.value, topic.value, icon.value)">
        <h2>{{ 'Name and topic' | t }}</h2>
        @if (problem(); as text) {
          <p class="alert" role="alert">{{ text }}</p>
        }
        <label class="field">
          <span class="name">{{ 'Name' | t }}</span>
          <input #name class="input" dir="auto" [value]="view().name" [readOnly]="view().role !== 'owner'" data-testid="settings-name" />
        </label>
        <label class="field">
          <span class="name">{{ 'Topic' | t }}</span>
          <input #topic class="input" dir="auto" [value]="view().topic" data-testid="settings-topic" />
        </label>
        <label class="field">
          <span class="name"
            >{{ 'Icon' | t }} <span class="soft">{{ '(one character, an emoji for example)' | t }}</span></span
          >
          <input #icon class="input icon" dir="auto" [value]="view().icon ?? ''" data-testid="settings-icon" />
        </label>
        <p>
          <button matButton="filled" type="submit" [disabled]="busy()" data-testid="save-name">
            {{ (busy() ? 'Saving…' : 'Save') | t }}
          </button>
        </p>
      </form>
    </section>
  `,
  styles: `
    .icon {
      inline-size: 6rem;
    }
  `,
})
export class NameSection {
  readonly room = input.required<RoomHandle>();
  readonly #toasts = inject(Toasts);
  protected readonly view = follow(() => this.room().view);
  protected readonly problem = signal<string | null>(null);
  protected readonly busy = signal(false);
  readonly #owner = computed(() => this.view().role === 'owner');

  protected async save(name: string, topic: string, icon: string): Promise<void> {
    const fault = [
      this.#owner() ? RoomName.safeParse(name) : null,
      RoomTopic.safeParse(topic),
      icon ? RoomIcon.safeParse(icon) : null,
    ].find((result) => result && !result.success);
    if (fault?.error) return this.problem.set(`${fault.error.issues[0]?.message ?? t('That does not fit')}.`);
    this.busy.set(true);
    this.problem.set(null);
    try {
      await this.room().administration.change({ topic, icon: icon.trim() || null, ...(this.#owner() ? { name } : {}) });
      await this.#toasts.say(t('Saved.'));
    } catch (error) {
      this.problem.set(errorWords(error));
    }
    this.busy.set(false);
  }
}
