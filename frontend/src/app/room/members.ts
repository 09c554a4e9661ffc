import { A11yModule } from '@angular/cdk/a11y';
import { Component, computed, input, output } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import type { MemberView, RosterView } from '../../../../libs/client/src/views.ts';
import { Avatar } from '../ui/avatar.ts';
import { Icon } from '../ui/icon.ts';
import { reachIcon, reachWords } from './reach.ts';

/** Who is in the room and how each is reached: a column on wide screens, a drawer on narrow ones. */
@Component({
  selector: 'cv-members',
  imports: [A11yModule, Avatar, Icon, MatButton, RouterLink],
  template: `
    @if (modal()) {
      <button class="backdrop" type="button" tabindex="-1" aria-label="Close members" (click)="closed.emit()"></button>
    }
    <aside
      aria-label="Members"
      [class.modal]="modal()"
      [attr.role]="modal() ? 'dialog' : null"
      [attr.aria-modal]="modal() ? true : null"
      [cdkTrapFocus]="modal()"
      [cdkTrapFocusAutoCapture]="modal()"
    >
      <header>
        <h2>
          Members <span class="soft">{{ roster().members.length }}</span>
        </h2>
        <button class="icon-button" type="button" aria-label="Close members" (click)="closed.emit()"><cv-icon name="close" /></button>
      </header>
      @if (addressHidden()) {
        <p class="hidden small" data-testid="address-hidden"><cv-icon name="hidden" /> Your address is hidden from members here.</p>
      }
      <ul>
        @for (member of sorted(); track member.user) {
          <li data-testid="member" [attr.data-user]="member.username" [attr.data-reach]="member.reach">
            <cv-avatar [id]="member.user" [name]="member.name" />
            <span class="words">
              <bdi class="name">{{ member.name }}</bdi>
              <span class="reach small" [class]="'reach small ' + member.reach"
                ><cv-icon [name]="icon(member.reach)" /> {{ reach(member) }}</span
              >
              @if (member.keyChanged) {
                <span class="changed small">
                  <span><cv-icon name="key" /> New account key. Ask them whether they reset it.</span>
                  <button matButton="outlined" type="button" (click)="acknowledge.emit(member.user)">I have checked</button>
                </span>
              }
            </span>
          </li>
        }
      </ul>
      <a matButton="tonal" routerLink="/invite" [queryParams]="{ room: roomId() }"><cv-icon name="invite" /> Invite people</a>
      <a class="doctor small" routerLink="/doctor">Somebody is not reached? Connection doctor</a>
    </aside>
  `,
  styleUrl: './members.scss',
  host: { '(keydown.escape)': 'modal() && closed.emit()' },
})
export class Members {
  readonly roster = input.required<RosterView>();
  readonly roomId = input.required<string>();
  readonly modal = input(false);
  /** Oneself shows no address here (MESH10). */
  readonly addressHidden = input(false);
  readonly closed = output();
  readonly acknowledge = output<string>();
  protected readonly icon = reachIcon;
  protected readonly reach = reachWords;

  /** Oneself first, then who is here, then who is away; each by name. */
  protected readonly sorted = computed(() => {
    const rank = (member: MemberView) => (member.self ? 0 : member.reach === 'away' ? 2 : 1);
    return [...this.roster().members].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  });
}
