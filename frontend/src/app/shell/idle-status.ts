import { inject, Injectable } from '@angular/core';
import { CONCLAVE } from '../conclave.ts';

const touches = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;
const AWAY_MS = 300_000;
const LOOK_MS = 5_000;

/**
 * Away by itself after five minutes without a touch in any tab of this browser, and back at the next (PRES1). One tab holds the connection; the
 * others tell it.
 */
@Injectable({ providedIn: 'root' })
export class IdleStatus {
  readonly #client = inject(CONCLAVE);
  readonly #tabs = new BroadcastChannel('conclave.touched');
  #touchedAt = Date.now();
  #toldAt = 0;

  watch(): void {
    const touched = () => this.#touched();
    for (const type of touches) addEventListener(type, touched, { passive: true, capture: true });
    this.#tabs.addEventListener('message', () => this.#back());
    // By the wall clock: a laptop that slept was not touched either.
    setInterval(() => Date.now() - this.#touchedAt >= AWAY_MS && this.#client.status.idle(true), LOOK_MS);
  }

  #touched(): void {
    this.#back();
    if (this.#touchedAt - this.#toldAt < LOOK_MS) return;
    this.#toldAt = this.#touchedAt;
    this.#tabs.postMessage('touched');
  }

  #back(): void {
    this.#touchedAt = Date.now();
    this.#client.status.idle(false);
  }
}
