import { DestroyRef, effect, inject, InjectionToken, linkedSignal, signal, untracked, type Signal } from '@angular/core';
import type { Cell } from '../../../libs/client/src/cell.ts';
import type { ConclaveClient } from '../../../libs/client/src/index.ts';
import { createClient } from './create-client.ts';

/** The client core, made once and started by app.config.ts. The screens know nothing else of it. */
export const CONCLAVE = new InjectionToken<ConclaveClient>('the client core', { providedIn: 'root', factory: createClient });

/** A cell of the core as a signal, for as long as the injector that asks lives. */
export function toSignal<T>(cell: Cell<T>): Signal<T> {
  const value = signal(cell.value);
  inject(DestroyRef).onDestroy(cell.subscribe((next) => value.set(next)));
  return value.asReadonly();
}

/** Like toSignal, for a cell that may be another one later, such as that of the open room. */
export function follow<T>(source: () => Cell<T>): Signal<T> {
  const value = linkedSignal(() => source().value);
  effect((onCleanup) => {
    const cell = source();
    onCleanup(untracked(() => cell.subscribe((next) => value.set(next))));
  });
  return value.asReadonly();
}
