import { Component, inject, input } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Icon } from './icon.ts';
import { invitationWords } from './invitation-words.ts';
import type { Invitation, Invitations } from './invitations.ts';
import { Translate } from './language.ts';

/** The links that still work, each with how long it does, and the way to withdraw it. */
@Component({
  selector: 'cv-open-invitations',
  imports: [Icon, MatButton, Translate],
  template: `
    @if (invitations().open(); as open) {
      <ul class="list">
        @for (invitation of open; track invitation.id) {
          <li class="line">
            <cv-icon name="link" />
            <span [id]="'invitation-' + invitation.id">{{ words(invitation) }}</span>
            <button matButton (click)="invitations().withdraw(invitation)" [attr.aria-describedby]="'invitation-' + invitation.id">
              {{ 'Withdraw' | t }}
            </button>
          </li>
        } @empty {
          <li class="soft">{{ 'None at the moment.' | t }}</li>
        }
      </ul>
    } @else {
      <span class="skeleton"></span>
    }
  `,
  styles: `
    .line {
      display: flex;
      align-items: center;
      gap: 0.75rem;
      padding-block: 0.5rem;
    }
    .line > span {
      flex: 1;
    }
    .line > cv-icon {
      color: var(--ink-soft);
    }
    .skeleton {
      block-size: 3rem;
    }
  `,
})
export class OpenInvitations {
  readonly invitations = input.required<Invitations>();
  readonly #rooms = toSignal(inject(CONCLAVE).rooms);

  protected words(invitation: Invitation): string {
    return invitationWords(invitation, this.#rooms());
  }
}
