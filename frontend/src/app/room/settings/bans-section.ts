import { Component, inject, input, signal, type OnInit } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { RoomHandle } from '../../../../../libs/client/src/index.ts';
import type { BanLine } from '../../../../../libs/protocol/src/moderation.ts';
import { Toasts } from '../../ui/toasts.ts';
import { untilWords } from '../../ui/until-words.ts';
import { t, Translate } from '../../ui/language.ts';

/** Whom this room keeps out, for its owners and moderators; nothing while it keeps out nobody. */
@Component({
  selector: 'cv-bans-section',
  imports: [MatButton, Translate],
  template: `
    @if (bans().length) {
      <section class="card stack" data-testid="room-bans">
        <h2>{{ 'Banned from this room' | t }}</h2>
        <ul class="list">
          @for (ban of bans(); track ban.id) {
            <li class="row">
              <span class="words"
                ><bdi>{{ ban.displayName ?? 'An account that is gone' | t }}</bdi> <span class="soft small">{{ describe(ban) }}</span></span
              >
              @if (ban.user) {
                <button matButton (click)="lift(ban)" data-testid="lift-ban">{{ 'Take back' | t }}</button>
              }
            </li>
          }
        </ul>
      </section>
    }
  `,
  styles: `
    .words {
      flex: 1;
      min-inline-size: 0;
      display: grid;
      overflow-wrap: anywhere;
    }
    li {
      padding-block: 0.375rem;
    }
  `,
})
export class BansSection implements OnInit {
  readonly room = input.required<RoomHandle>();
  readonly #toasts = inject(Toasts);
  protected readonly bans = signal<BanLine[]>([]);

  ngOnInit(): void {
    void this.#load();
  }

  protected describe({ until, reason, by }: BanLine): string {
    return `${untilWords(until)}${reason ? `: ${reason}` : ''}; ${t('by {by}', { by })}`;
  }
  protected async lift({ user }: BanLine): Promise<void> {
    await this.#toasts.attempt(() => this.room().moderation.unban(user!));
    await this.#load();
  }

  async #load(): Promise<void> {
    await this.#toasts.attempt(async () => this.bans.set((await this.room().moderation.bans()).bans));
  }
}
