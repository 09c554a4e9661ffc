import { Component, inject } from '@angular/core';
import { RouterLink, RouterLinkActive } from '@angular/router';
import type { RoomLine } from '../../../../libs/client/src/views.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Avatar } from '../ui/avatar.ts';
import { Icon } from '../ui/icon.ts';
import { briefTime } from '../ui/times.ts';

/** My rooms: who said what last, and how much of it is new. */
@Component({
  selector: 'cv-room-list',
  imports: [RouterLink, RouterLinkActive, Avatar, Icon],
  template: `
    <ul data-testid="room-list">
      @for (room of rooms(); track room.id) {
        <li>
          <a
            [routerLink]="['/rooms', room.id]"
            routerLinkActive="open"
            ariaCurrentWhenActive="page"
            data-testid="room-item"
            [attr.data-room-name]="room.name"
          >
            <cv-avatar [id]="room.id" [name]="room.name" [square]="true" />
            <span class="words">
              <span class="line">
                <bdi class="name" [class.strong]="room.unread">{{ room.name }}</bdi>
                @if (room.last; as last) {
                  <time class="soft">{{ brief(last.at) }}</time>
                }
              </span>
              <span class="line">
                <span class="last soft" dir="auto">{{ lastWords(room) }}</span>
                @if (room.unread) {
                  <span class="badge"
                    ><span aria-hidden="true">{{ room.unread > 99 ? '99+' : room.unread }}</span
                    ><span class="visually-hidden">{{ room.unread }} unread</span></span
                  >
                }
              </span>
            </span>
          </a>
        </li>
      } @empty {
        <li class="none soft">You are in no room yet. Join one that is listed, or make your own.</li>
      }
    </ul>
    <a class="find" routerLink="/directory" data-testid="directory-link"><cv-icon name="search" /> Find or create a room</a>
  `,
  styleUrl: './room-list.scss',
})
export class RoomList {
  protected readonly rooms = toSignal(inject(CONCLAVE).rooms);

  protected brief(at: number): string {
    return briefTime(at, Date.now());
  }

  protected lastWords(room: RoomLine): string {
    if (room.last) return `${room.last.author}: ${room.last.text}`;
    return room.topic || (room.members > 1 ? `${room.members} members` : 'Only you so far');
  }
}
