import { Component, computed, DestroyRef, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Icon } from '../ui/icon.ts';
import { connectionWords } from './connection-words.ts';

@Component({
  selector: 'cv-connection-banner',
  imports: [MatButton, Icon],
  template: `<div role="status" data-testid="connection-banner" [attr.data-state]="connection().state">
    @if (words(); as text) {
      <p>
        <cv-icon [name]="connection().state === 'connecting' ? 'connecting' : 'warning'" />
        <span>{{ text }}</span>
        @if (connection().state === 'waiting') {
          <button matButton (click)="retry()">Try now</button>
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
    span {
      flex: 1;
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
