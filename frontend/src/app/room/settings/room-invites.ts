import { Component, computed, inject, input, signal, type OnInit } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import type { RoomHandle } from '../../../../../libs/client/src/index.ts';
import type { RoomInvite } from '../../../../../libs/protocol/src/rooms.ts';
import { CONCLAVE, follow, toSignal } from '../../conclave.ts';
import { CopyButton } from '../../ui/copy-button.ts';
import { Icon } from '../../ui/icon.ts';
import { Qr } from '../../ui/qr.ts';
import { fromNow } from '../../ui/times.ts';
import { Toasts } from '../../ui/toasts.ts';
import { Translate } from '../../ui/language.ts';

/** A link into this room for people with an account (ROOM8). What opens the room stands in the link only. */
@Component({
  selector: 'cv-room-invites',
  imports: [MatButton, RouterLink, CopyButton, Icon, Qr, Translate],
  template: `
    <section class="card stack" id="invite">
      <h2>{{ 'Invite into this room' | t }}</h2>
      @if (made(); as link) {
        <div class="made">
          <cv-qr [text]="link" [label]="'QR code of the invitation link' | t" />
          <div class="stack">
            <input
              class="input"
              readonly
              [attr.aria-label]="'Invitation link' | t"
              [value]="link"
              (focus)="$any($event.target).select()"
              data-testid="room-invite-link"
            />
            <span class="row">
              <cv-copy-button [text]="link" [label]="'Copy link' | t" />
              <button matButton (click)="made.set(null)">{{ 'Make another' | t }}</button>
            </span>
            <p class="hint">
              {{ 'Shown only now. Whoever opens it signed in becomes a member, and members’ devices let them in without asking.' | t }}
            </p>
          </div>
        </div>
      } @else {
        <p class="soft">
          {{ 'For people who have an account here.' | t }}
          @if (admin()) {
            {{ 'Somebody new needs' | t }}
            <a routerLink="/invite" [queryParams]="{ room: room().id }">{{ 'an invitation to the site' | t }}</a>.
          }
          @if (view().kind === 'password') {
            {{ 'They need the password as well: tell it to them another way.' | t }}
          }
        </p>
        <div class="terms">
          <label class="field">
            <span class="name">{{ 'Works for' | t }}</span>
            <select #uses class="input">
              <option value="1">{{ 'one person' | t }}</option>
              <option value="10">{{ '10 people' | t }}</option>
              <option value="100">{{ '100 people' | t }}</option>
            </select>
          </label>
          <label class="field">
            <span class="name">{{ 'Ends after' | t }}</span>
            <select #days class="input">
              <option value="1">{{ 'one day' | t }}</option>
              <option value="7" selected>{{ '7 days' | t }}</option>
              <option value="30">{{ '30 days' | t }}</option>
            </select>
          </label>
        </div>
        <p>
          <button matButton="filled" [disabled]="busy()" (click)="make(+uses.value, +days.value)" data-testid="make-room-invite">
            {{ (busy() ? 'Making the link…' : 'Make a link') | t }}
          </button>
        </p>
      }
      @if (invites().length) {
        <ul class="list">
          @for (invite of invites(); track invite.id) {
            <li class="line">
              <cv-icon name="link" />
              <span>{{
                (invite.usesLeft === 1 ? 'Works once more, ends {when}' : 'Works {count} more times, ends {when}')
                  | t: { count: invite.usesLeft, when: when(invite) }
              }}</span>
              <button matButton (click)="revoke(invite)">{{ 'Withdraw' | t }}</button>
            </li>
          }
        </ul>
      }
    </section>
  `,
  styles: `
    .made {
      display: flex;
      flex-wrap: wrap;
      gap: 1.25rem;
    }
    .made > .stack {
      flex: 1;
      min-inline-size: 14rem;
      align-content: start;
    }
    .terms {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr));
      gap: 1rem;
    }
    .line {
      display: flex;
      align-items: center;
      gap: 0.75rem;
      padding-block: 0.375rem;
    }
    .line span {
      flex: 1;
    }
  `,
})
export class RoomInvites implements OnInit {
  readonly room = input.required<RoomHandle>();
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  protected readonly view = follow(() => this.room().view);
  readonly #session = toSignal(this.#client.session);
  protected readonly admin = computed(() => {
    const session = this.#session();
    return session.state === 'ready' && session.user.role === 'admin';
  });
  protected readonly made = signal<string | null>(null);
  protected readonly invites = signal<RoomInvite[]>([]);
  protected readonly busy = signal(false);

  ngOnInit(): void {
    void this.#load();
  }

  protected when({ expiresAt }: RoomInvite): string {
    return fromNow(expiresAt, Date.now());
  }

  protected async make(uses: number, days: number): Promise<void> {
    this.busy.set(true);
    await this.#toasts.attempt(async () => {
      const { fragment } = await this.room().administration.invite(uses, days);
      this.made.set(`${location.origin}/#room=${fragment}`);
    });
    this.busy.set(false);
    await this.#load();
  }

  protected async revoke({ id }: RoomInvite): Promise<void> {
    await this.#toasts.attempt(() => this.room().administration.revoke(id));
    await this.#load();
  }

  async #load(): Promise<void> {
    await this.#toasts.attempt(async () => this.invites.set(await this.room().administration.invites()));
  }
}
