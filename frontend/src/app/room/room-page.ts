import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { MatButton } from '@angular/material/button';
import { ConclaveError } from '../../../../libs/protocol/src/errors.ts';
import type { RoomHandle } from '../../../../libs/client/src/views.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { OpenRoom } from './open-room.ts';

/** The route of one room. Another room is another OpenRoom: nothing of the one before stays on the screen. */
@Component({
  selector: 'cv-room-page',
  imports: [OpenRoom, RouterLink, MatButton],
  template: `
    @for (room of rooms(); track room.id) {
      <cv-open-room [room]="room" />
    } @empty {
      <section class="page">
        <div class="page-body">
          <h1>This room is not among yours</h1>
          <p class="soft">
            It does not exist, or you are no member of it. Listed rooms can be joined from the directory; for others, ask somebody inside.
          </p>
          <p><a matButton="filled" routerLink="/directory">Find a room</a></p>
        </div>
      </section>
    }
  `,
})
export class RoomPage {
  readonly id = input.required<string>();
  readonly #client = inject(CONCLAVE);
  readonly #lines = toSignal(this.#client.rooms);
  /** None or one. Looks again when the list changes: a room joined elsewhere appears. */
  protected readonly rooms = computed<RoomHandle[]>(() => {
    this.#lines();
    try {
      return [this.#client.room(this.id())];
    } catch (error) {
      if (error instanceof ConclaveError && error.code === 'not-found') return [];
      throw error;
    }
  });
}
