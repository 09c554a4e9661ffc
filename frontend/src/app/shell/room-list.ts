import { Component, inject } from '@angular/core';
import { RouterLink, RouterLinkActive } from '@angular/router';
import type { RoomLine } from '../../../../libs/client/src/index.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Avatar } from '../ui/avatar.ts';
import { Icon } from '../ui/icon.ts';
import { statusWords } from '../ui/status-words.ts';
import { briefTime } from '../ui/times.ts';
import { t, Translate } from '../ui/language.ts';

/** My rooms: who said what last, and how much of it is new. */
@Component({
  selector: 'cv-room-list',
  imports: [RouterLink, RouterLinkActive, Avatar, Icon, Translate],
  template: `
    <ul data-testid="room-list">
      @for (room of rooms(); track room.id) {
        <li>
          @if (room.name) {
            <a
              [routerLink]="['/rooms', room.id]"
              routerLinkActive="open"
              ariaCurrentWhenActive="page"
              data-testid="room-item"
              [attr.data-room-name]="room.name"
            >
              @if (room.with; as other) {
                <cv-avatar [id]="other.user" [name]="room.name" [image]="other.avatar" [status]="other.status" />
              } @else {
                <cv-avatar [id]="room.id" [name]="room.icon ?? room.name" [square]="true" />
              }
              <span class="words">
                <span class="line">
                  <span class="name" [class.strong]="room.unread"
                    ><bdi>{{ room.name }}</bdi>
                    @if (room.kind === 'password' || room.kind === 'hidden') {
                      <cv-icon class="kind" [name]="room.kind === 'password' ? 'lock' : 'hidden'" /><span class="visually-hidden">{{
                        (room.kind === 'password' ? 'Room with a password' : 'Hidden room') | t
                      }}</span>
                    }
                  </span>
                  @if (room.with; as other) {
                    <span class="visually-hidden">{{ standing(other.status, other.statusText) }}</span>
                  }
                  @if (room.last; as last) {
                    <time class="soft">{{ brief(last.at) }}</time>
                  }
                </span>
                <span class="line">
                  <span class="last soft" dir="auto">
                    @if (room.draft) {
                      <span class="draft">{{ 'Draft:' | t }}</span>
                    }
                    {{ room.draft || lastWords(room) }}
                  </span>
                  @if (room.level === 'nothing') {
                    <cv-icon class="kind" name="bellOff" /><span class="visually-hidden">{{ 'Muted' | t }}</span>
                  }
                  @if (room.mentions && !room.with) {
                    <span class="badge mention" data-testid="mentions"
                      ><span aria-hidden="true">&#64;{{ room.mentions > 99 ? '99+' : room.mentions }}</span
                      ><span class="visually-hidden">{{ '{count} mention you' | t: { count: room.mentions } }}</span></span
                    >
                  }
                  @if (room.unread) {
                    <span class="badge" [class.quiet]="room.level !== 'everything'" data-testid="unread"
                      ><span aria-hidden="true">{{ room.unread > 99 ? '99+' : room.unread }}</span
                      ><span class="visually-hidden">{{ '{unread} unread' | t: { unread: room.unread } }}</span></span
                    >
                  }
                </span>
              </span>
            </a>
          } @else {
            <span class="skeleton"></span>
          }
        </li>
      } @empty {
        <li class="none soft">{{ 'You are in no room yet. Join one that is listed, or make your own.' | t }}</li>
      }
    </ul>
    <a class="find" routerLink="/directory" data-testid="directory-link"><cv-icon name="search" /> {{ 'Find or create a room' | t }}</a>
  `,
  styleUrl: './room-list.scss',
})
export class RoomList {
  protected readonly rooms = toSignal(inject(CONCLAVE).rooms);

  protected readonly standing = statusWords;

  protected brief(at: number): string {
    return briefTime(at, Date.now());
  }

  protected lastWords(room: RoomLine): string {
    if (room.last && room.with) return room.last.text;
    if (room.last) return `${room.last.author}: ${room.last.text}`;
    return room.topic || (room.members > 1 ? t('{members} members', { members: room.members }) : t('Only you so far'));
  }
}
