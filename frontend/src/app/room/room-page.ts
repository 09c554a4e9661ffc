import { Component, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { MatButton } from '@angular/material/button';
import { ownRoom } from './own-room.ts';
import { OpenRoom } from './open-room.ts';
import { Translate } from '../ui/language.ts';

/** The route of one room. Another room is another OpenRoom: nothing of the one before stays on the screen. */
@Component({
  selector: 'cv-room-page',
  imports: [OpenRoom, RouterLink, MatButton, Translate],
  template: `
    @for (room of rooms(); track room.id) {
      <cv-open-room [room]="room" [at]="at()" />
    } @empty {
      <section class="page">
        <div class="page-body">
          <h1>{{ 'This room is not among yours' | t }}</h1>
          <p class="soft">
            {{
              'It does not exist, or you are no member of it. Listed rooms can be joined from the directory; for others, ask somebody inside.'
                | t
            }}
          </p>
          <p>
            <a matButton="filled" routerLink="/directory">{{ 'Find a room' | t }}</a>
          </p>
        </div>
      </section>
    }
  `,
})
export class RoomPage {
  readonly id = input.required<string>();
  /** `?at=`: the message a link leads to. */
  readonly at = input<string>();
  protected readonly rooms = ownRoom(this.id);
}
