import { A11yModule } from '@angular/cdk/a11y';
import { Component, computed, input, output } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import type { MemberView, RoomView, RosterView } from '../../../../libs/client/src/index.ts';
import { Avatar } from '../ui/avatar.ts';
import { Icon } from '../ui/icon.ts';
import { Swipe } from '../ui/swipe.ts';
import { statusWords } from '../ui/status-words.ts';
import { reachIcon, reachWords } from './reach.ts';
import { Translate } from '../ui/language.ts';

/** Who is in the room and how each is reached: a column on wide screens, a drawer on narrow ones. */
@Component({
  selector: 'cv-members',
  imports: [A11yModule, Swipe, Avatar, Icon, MatButton, RouterLink, Translate],
  template: `
    @if (modal()) {
      <button class="backdrop" type="button" tabindex="-1" [attr.aria-label]="'Close members' | t" (click)="closed.emit()"></button>
    }
    <div
      class="panel"
      [attr.aria-label]="'Members' | t"
      [class.modal]="modal()"
      [attr.role]="modal() ? 'dialog' : 'complementary'"
      [attr.aria-modal]="modal() ? true : null"
      [cdkTrapFocus]="modal()"
      [cdkTrapFocusAutoCapture]="modal()"
      cvSwipe
      (swipeOn)="modal() && closed.emit()"
    >
      <header>
        <h2>
          {{ 'Members' | t }} <span class="soft">{{ roster().members.length }}</span>
        </h2>
        <button class="icon-button" type="button" [attr.aria-label]="'Close members' | t" (click)="closed.emit()">
          <cv-icon name="close" />
        </button>
      </header>
      @if (addressHidden()) {
        <p class="hidden small" data-testid="address-hidden">
          <cv-icon name="hidden" /> {{ 'Your address is hidden from members here.' | t }}
        </p>
      }
      <ul>
        @for (member of sorted(); track member.user) {
          <li data-testid="member" [attr.data-user]="member.username" [attr.data-reach]="member.reach" [attr.data-status]="member.status">
            <cv-avatar [id]="member.user" [name]="member.name" [image]="member.avatar" [status]="member.status" />
            <span class="words">
              <button class="name" type="button" (click)="about.emit(member.user)" data-testid="about-member">
                <bdi>{{ member.name }}</bdi>
                @if (member.verified) {
                  <cv-icon class="verified" name="check" /><span class="visually-hidden">{{ 'verified' | t }}</span>
                }
              </button>
              <span class="reach small" [class]="'reach small ' + member.reach"
                ><cv-icon [name]="icon(member.reach)" /> {{ reach(member) }}</span
              >
              @if (member.status !== 'offline' && (member.status !== 'online' || member.statusText)) {
                <span class="soft small" dir="auto" data-testid="member-status">{{ standing(member.status, member.statusText) }}</span>
              }
              @if (member.role !== 'member' || member.muted || member.blocked) {
                <span class="chips">
                  @if (member.role !== 'member') {
                    <span class="chip">{{ (member.role === 'owner' ? 'Owner' : 'Moderator') | t }}</span>
                  }
                  @if (member.muted) {
                    <span class="chip grave">{{ 'Muted' | t }}</span>
                  }
                  @if (member.blocked) {
                    <span class="chip grave">{{ 'Blocked by you' | t }}</span>
                  }
                </span>
              }
              @if (member.keyChanged) {
                <span class="changed small">
                  <span><cv-icon name="key" /> {{ 'New account key. Ask them whether they reset it.' | t }}</span>
                  <button matButton="outlined" type="button" (click)="acknowledge.emit(member.user)">{{ 'I have checked' | t }}</button>
                </span>
              }
            </span>
          </li>
        }
      </ul>
      @if (view().kind !== 'direct') {
        <a matButton="tonal" [routerLink]="['/rooms', roomId(), 'settings']" fragment="invite"
          ><cv-icon name="invite" /> {{ 'Invite people' | t }}</a
        >
      }
      @if (view().settings.newcomersDays; as days) {
        <p class="soft small">{{ 'Who comes later sees what is written here, {days} days back.' | t: { days } }}</p>
      }
      @if (view().code; as code) {
        <details class="code small">
          <summary>{{ 'Code of this room' | t }}</summary>
          <p class="soft">
            {{
              'Whoever sees the same digits at the same moment shares these keys, and nobody stands between. They change whenever somebody comes or goes.'
                | t
            }}
          </p>
          <p class="digits" data-testid="room-code">{{ code }}</p>
        </details>
      }
      <a class="doctor small" routerLink="/doctor">{{ 'Somebody is not reached? Connection doctor' | t }}</a>
    </div>
  `,
  styleUrl: './members.scss',
  host: { '(keydown.escape)': 'modal() && closed.emit()' },
})
export class Members {
  readonly roster = input.required<RosterView>();
  readonly roomId = input.required<string>();
  readonly view = input.required<RoomView>();
  readonly modal = input(false);
  /** Oneself shows no address here (MESH10). */
  readonly addressHidden = input(false);
  readonly closed = output();
  readonly acknowledge = output<string>();
  /** Somebody wants to know more of this person. */
  readonly about = output<string>();
  protected readonly icon = reachIcon;
  protected readonly standing = statusWords;
  protected readonly reach = reachWords;

  /** Oneself first, then who is here, then who is away; each by name. */
  protected readonly sorted = computed(() => {
    const rank = (member: MemberView) => (member.self ? 0 : member.reach === 'away' ? 2 : 1);
    return [...this.roster().members].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  });
}
