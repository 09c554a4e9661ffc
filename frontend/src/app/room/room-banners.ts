import { Component, inject, input, output } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { RoomView } from '../../../../libs/client/src/index.ts';
import { Icon } from '../ui/icon.ts';
import { RoomPassword } from '../ui/room-password.ts';
import { untilWords } from '../ui/until-words.ts';
import { Translate } from '../ui/language.ts';

/** What stands between the room and its composer: who asks to come in, that one is muted, that the password is missing. */
@Component({
  selector: 'cv-room-banners',
  imports: [Icon, MatButton, Translate],
  template: `
    @for (person of view().knocking; track person.user) {
      <p class="banner" role="status" data-testid="knocking">
        <cv-icon name="invite" />
        <span
          ><bdi>{{ person.name }}</bdi> {{ 'asks to come in. Whoever is in reads everything that is written from then on.' | t }}</span
        >
        @if (view().role !== 'member') {
          <button matButton (click)="turnAway.emit(person.user)">{{ 'Turn away' | t }}</button>
        }
        <button matButton="filled" (click)="letIn.emit(person.user)" data-testid="let-in">{{ 'Let in' | t }}</button>
      </p>
    }
    @if (view().phase === 'password-needed') {
      <p class="banner" role="status" data-testid="password-needed">
        <cv-icon name="lock" />
        <span>{{ 'This device does not know the room’s password. Until it does, nothing new can be read here.' | t }}</span>
        <button matButton="filled" (click)="enter()">{{ 'Type the password' | t }}</button>
      </p>
    }
    @if (view().muted; as muted) {
      <p class="banner" role="status" data-testid="muted">
        <cv-icon name="hidden" />
        <span>{{
          (muted.reason
            ? 'You are muted here {until}: {reason}. You can go on reading.'
            : 'You are muted here {until}. You can go on reading.'
          ) | t: { until: until(muted.until), reason: muted.reason }
        }}</span>
      </p>
    }
  `,
  styles: `
    .banner {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 0.5rem 0.75rem;
      padding: 0.5rem 1.25rem;
      background: var(--amber-soft);
      color: var(--amber);
      font-size: 0.875rem;
    }
    span {
      flex: 1;
      min-inline-size: 12rem;
    }
    @media (max-width: 40rem) {
      .banner {
        justify-content: end;
      }
      span {
        flex-basis: calc(100% - 2.5rem);
      }
    }
  `,
})
export class RoomBanners {
  readonly view = input.required<RoomView>();
  readonly letIn = output<string>();
  readonly turnAway = output<string>();
  /** Opens with what was typed; rejects with the reason. */
  readonly open = input.required<(password: string) => Promise<void>>();
  readonly #password = inject(RoomPassword);
  protected readonly until = untilWords;

  protected async enter(): Promise<void> {
    await this.#password.ask(this.view().name, this.open());
  }
}
