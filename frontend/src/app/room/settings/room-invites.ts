import { Component, computed, inject, input, type OnInit } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { RoomHandle } from '../../../../../libs/client/src/index.ts';
import { CONCLAVE, follow, toSignal } from '../../conclave.ts';
import { Invitations } from '../../ui/invitations.ts';
import { NewInvitation } from '../../ui/new-invitation.ts';
import { OpenInvitations } from '../../ui/open-invitations.ts';
import { Translate } from '../../ui/language.ts';

/** A link into this room for people with an account (ROOM8). What opens the room stands in the link only. */
@Component({
  selector: 'cv-room-invites',
  imports: [NewInvitation, OpenInvitations, RouterLink, Translate],
  template: `
    <section class="card stack" id="invite">
      <h2>{{ 'Invite into this room' | t }}</h2>
      <cv-new-invitation [invitations]="invitations" [uses]="[1, 10, 100]" [days]="[1, 7, 30]">
        <p class="hint">
          {{ 'Shown only now. Whoever opens it signed in becomes a member, and members’ devices let them in without asking.' | t }}
        </p>
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
      </cv-new-invitation>
      @if (invitations.open()?.length) {
        <cv-open-invitations [invitations]="invitations" />
      }
    </section>
  `,
})
export class RoomInvites implements OnInit {
  readonly room = input.required<RoomHandle>();
  protected readonly view = follow(() => this.room().view);
  readonly #session = toSignal(inject(CONCLAVE).session);
  protected readonly admin = computed(() => {
    const session = this.#session();
    return session.state === 'ready' && session.user.role === 'admin';
  });
  protected readonly invitations = new Invitations({
    make: async (uses, days) => {
      const { id, fragment, expiresAt } = await this.room().administration.invite(uses, days);
      return { id, usesLeft: uses, expiresAt, link: `${location.origin}/#room=${fragment}` };
    },
    open: () => this.room().administration.invites(),
    withdraw: (id) => this.room().administration.revoke(id),
  });

  ngOnInit(): void {
    void this.invitations.load();
  }
}
