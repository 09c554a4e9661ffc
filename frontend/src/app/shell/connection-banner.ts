import { Component, computed, DestroyRef, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Icon } from '../ui/icon.ts';
import { connectionWords } from './connection-words.ts';
import { Translate } from '../ui/language.ts';

@Component({
  selector: 'cv-connection-banner',
  imports: [MatButton, Icon, RouterLink, Translate],
  template: `<div role="status" data-testid="connection-banner" [attr.data-state]="connection().state">
    @if (words(); as text) {
      <p>
        <cv-icon [name]="connection().state === 'connecting' ? 'connecting' : 'warning'" />
        <span>{{ text }}</span>
        @if (connection().state === 'waiting') {
          <span class="acts">
            <button matButton (click)="retry()">{{ 'Try now' | t }}</button>
            <a matButton routerLink="/reach" data-testid="reach-link">{{ 'Reach members' | t }}</a>
            <a matButton routerLink="/doctor" data-testid="doctor-link">{{ 'What is wrong?' | t }}</a>
          </span>
        }
      </p>
    }
  </div>`,
  styles: `
    p {
      display: flex;
      align-items: center;
      gap: 0.625rem;
      padding: 0.375rem 1rem;
      min-block-size: 2.75rem;
      background: var(--amber-soft);
      color: var(--amber);
      font-size: 0.875rem;
      line-height: 1.35;
      --mat-button-text-label-text-color: var(--amber);
    }
    p > span {
      flex: 1;
      min-inline-size: 12rem;
    }
    p > .acts {
      flex: none;
      display: flex;
      flex-wrap: wrap;
    }
    @media (max-width: 47.99rem) {
      p {
        flex-wrap: wrap;
        column-gap: 0.625rem;
        row-gap: 0;
      }
      p > .acts {
        flex: 1 0 100%;
        margin-inline-start: 1.25rem;
      }
    }
  `,
})
export class ConnectionBanner {
  readonly #client = inject(CONCLAVE);
  readonly #now = signal(Date.now());
  protected readonly connection = toSignal(this.#client.connection);
  protected readonly words = computed(() => connectionWords(this.connection(), this.#now()));

  constructor() {
    const clock = setInterval(() => this.#now.set(Date.now()), 1000);
    inject(DestroyRef).onDestroy(() => clearInterval(clock));
  }

  protected retry(): void {
    this.#client.reconnect();
  }
}
