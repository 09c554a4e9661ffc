import { Component, computed, inject, signal } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { ConclaveError } from '../../../../libs/protocol/src/errors.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { errorWords } from '../ui/error-words.ts';
import { Arrival } from '../arrival.ts';
import { Door } from './door.ts';
import { tokenFaultWords } from './token-faults.ts';
import { t, Translate } from '../ui/language.ts';

/** Where an embedding site sends its people (ACC10): by `#jwt=`, `?jwt=`, or, having failed at the server, by `#problem=`. */
@Component({
  selector: 'cv-sso',
  imports: [Door, RouterLink, Translate],
  template: `
    <cv-door [heading]="(problem() ? 'That did not work' : 'Signing you in…') | t">
      @if (problem(); as text) {
        <p class="alert" role="alert" data-testid="sso-problem">{{ text }}</p>
        @if (signInUrl(); as url) {
          <p>
            <a [href]="url">{{ 'Go back and sign in again' | t }}</a>
          </p>
        }
        <p class="small">
          <a routerLink="/">{{ 'Other ways to sign in' | t }}</a>
        </p>
      } @else {
        <span class="skeleton" role="status">{{ 'One moment.' | t }}</span>
      }
    </cv-door>
  `,
})
export class Sso {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  readonly #site = toSignal(this.#client.site);
  protected readonly problem = signal<string | null>(null);
  protected readonly signInUrl = computed(() => this.#site()?.handoff?.signInUrl ?? null);

  constructor() {
    const arrival = inject(Arrival);
    const jwt = arrival.take('jwt');
    const reason = arrival.take('problem');
    if (reason !== null) this.problem.set(tokenFaultWords(reason));
    else if (jwt) void this.#enter(jwt);
    else this.problem.set(t('The other site sent no token along. Go back there and follow its link to the chat.'));
  }

  async #enter(jwt: string): Promise<void> {
    try {
      await this.#client.doors.handOver(jwt);
      await this.#router.navigateByUrl('/', { replaceUrl: true });
    } catch (error) {
      this.problem.set(error instanceof ConclaveError && error.reason ? tokenFaultWords(error.reason) : errorWords(error));
    }
  }
}
