import { Component, inject, input } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { BesideQr } from './beside-qr.ts';
import { CopyButton } from './copy-button.ts';
import { Icon } from './icon.ts';
import { invitationWords } from './invitation-words.ts';
import type { Invitation, Invitations } from './invitations.ts';
import { t, Translate } from './language.ts';

/** How often and how long a link works, and then the link itself. What is put inside stands above the terms; an `h2` and a `.hint` in it frame the link. */
@Component({
  selector: 'cv-new-invitation',
  imports: [BesideQr, CopyButton, Icon, MatButton, Translate],
  templateUrl: './new-invitation.html',
  styles: `
    .terms {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr));
      gap: 1rem;
    }
  `,
  host: { class: 'stack' },
})
export class NewInvitation {
  readonly invitations = input.required<Invitations>();
  /** What one chooses from. */
  readonly uses = input.required<number[]>();
  readonly days = input.required<number[]>();
  readonly #client = inject(CONCLAVE);
  readonly #rooms = toSignal(this.#client.rooms);
  protected readonly canShare = 'share' in navigator;

  protected words(invitation: Invitation): string {
    return invitationWords(invitation, this.#rooms());
  }

  protected share(url: string): void {
    const title = t('Join {site}', { site: this.#client.site.value?.name ?? 'Conclave' });
    // Rejects when the person closes the sheet.
    navigator.share({ title, url }).catch(() => undefined);
  }
}
