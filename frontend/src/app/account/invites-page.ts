import { Component, inject, input, linkedSignal } from '@angular/core';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Invitations } from '../ui/invitations.ts';
import { NewInvitation } from '../ui/new-invitation.ts';
import { OpenInvitations } from '../ui/open-invitations.ts';
import { PageHead } from '../ui/page-head.ts';
import { Translate } from '../ui/language.ts';

/** Invitations to the site: a link and its QR code, how often and how long it works, and the way to withdraw it (ACC3). */
@Component({
  selector: 'cv-invites-page',
  imports: [NewInvitation, OpenInvitations, PageHead, Translate],
  templateUrl: './invites-page.html',
  styleUrl: './invites-page.scss',
})
export class InvitesPage {
  /** Query parameter: the room one came from. */
  readonly room = input<string>();
  readonly #client = inject(CONCLAVE);
  protected readonly rooms = toSignal(this.#client.rooms);
  protected readonly chosen = linkedSignal<ReadonlySet<string>>(() => new Set(this.room() ? [this.room()!] : []));
  protected readonly invitations = new Invitations({
    make: async (uses, days) => {
      const invite = await this.#client.account.invite({ uses, days, rooms: [...this.chosen()] });
      return { ...invite, link: `${location.origin}/register#invite=${invite.secret}` };
    },
    open: () => this.#client.account.invites(),
    withdraw: (id) => this.#client.account.revokeInvite(id),
  });

  constructor() {
    void this.invitations.load();
  }

  protected toggle(room: string): void {
    this.chosen.update((chosen) => {
      const next = new Set(chosen);
      if (!next.delete(room)) next.add(room);
      return next;
    });
  }
}
