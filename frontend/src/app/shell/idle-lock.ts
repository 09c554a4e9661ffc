import { inject, Injectable, type DestroyRef } from '@angular/core';
import { CONCLAVE, toSignal } from '../conclave.ts';

const touches = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;
const LOOK_MS = 5_000;

/** Locks this device when nobody has touched it for as long as its owner, or whoever runs the site, allows (ACC16). */
@Injectable({ providedIn: 'root' })
export class IdleLock {
  readonly #client = inject(CONCLAVE);
  readonly #lock = toSignal(this.#client.localLock.view);
  #touchedAt = Date.now();

  watch(destroyed: DestroyRef): void {
    this.#touchedAt = Date.now();
    // Looked at before it counts: the first touch after a night's sleep must find the lock, not put it off.
    const touched = () => {
      this.#look();
      this.#touchedAt = Date.now();
    };
    const seen = () => this.#look();
    document.addEventListener('visibilitychange', seen);
    for (const type of touches) addEventListener(type, touched, { passive: true, capture: true });
    // Looked at by the wall clock: a laptop that slept was not touched either, and timers stood still.
    const timer = setInterval(() => this.#look(), LOOK_MS);
    destroyed.onDestroy(() => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', seen);
      for (const type of touches) removeEventListener(type, touched, { capture: true });
    });
  }

  #look(): void {
    const { passphrase, passkey, afterMs, limitMs } = this.#lock();
    const after = Math.min(afterMs ?? Infinity, limitMs ?? Infinity);
    if ((passphrase || passkey) && Date.now() - this.#touchedAt >= after) void this.#client.lock();
  }
}
