import { Component, input } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import { ownRoom } from '../own-room.ts';
import { RoomSettings } from './room-settings.ts';
import { Translate } from '../../ui/language.ts';

/** The route of one room's settings. */
@Component({
  selector: 'cv-room-settings-page',
  imports: [MatButton, RouterLink, RoomSettings, Translate],
  template: `
    <div class="page">
      @for (room of rooms(); track room.id) {
        <cv-room-settings [room]="room" />
      } @empty {
        <div class="page-body">
          <h1>{{ 'This room is not among yours' | t }}</h1>
          <p>
            <a matButton="filled" routerLink="/directory">{{ 'Find a room' | t }}</a>
          </p>
        </div>
      }
    </div>
  `,
})
export class RoomSettingsPage {
  readonly id = input.required<string>();
  protected readonly rooms = ownRoom(this.id);
}
