import { Component, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { OwnProfile } from '../../../../libs/protocol/src/accounts.ts';
import { CONCLAVE } from '../conclave.ts';
import { PageHead } from '../ui/page-head.ts';
import { Toasts } from '../ui/toasts.ts';
import { LockSection } from './lock-section.ts';
import { PasskeysSection } from './passkeys-section.ts';
import { PasswordSection } from './password-section.ts';
import { SessionsSection } from './sessions-section.ts';
import { Translate } from '../ui/language.ts';

/** How one gets in, where one is in, and what this device keeps to itself. */
@Component({
  selector: 'cv-security-page',
  imports: [LockSection, PageHead, PasskeysSection, PasswordSection, RouterLink, SessionsSection, Translate],
  template: `
    <div class="page">
      <div class="page-body">
        <cv-page-head [heading]="'Security' | t" />
        <cv-lock-section />
        @if (profile(); as me) {
          <cv-passkeys-section [hasPassword]="me.hasPassword" />
          @if (me.origin === 'local') {
            <cv-password-section [hasPassword]="me.hasPassword" (changed)="load()" />
          }
        }
        <cv-sessions-section />
        <p class="hint">
          {{ 'Keys are handed on and devices removed under' | t }} <a routerLink="/devices">{{ 'Your devices' | t }}</a>.
        </p>
      </div>
    </div>
  `,
})
export class SecurityPage {
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  protected readonly profile = signal<OwnProfile | null>(null);

  constructor() {
    void this.load();
  }

  protected async load(): Promise<void> {
    await this.#toasts.attempt(async () => this.profile.set(await this.#client.account.profile()));
  }
}
