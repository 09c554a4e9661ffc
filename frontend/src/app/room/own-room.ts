import { computed, inject, type Signal } from '@angular/core';
import { ConclaveError } from '../../../../libs/protocol/src/errors.ts';
import type { RoomHandle } from '../../../../libs/client/src/index.ts';
import { CONCLAVE, toSignal } from '../conclave.ts';

/** The room of this id, or none where it is not among one's own. Looks again when the list changes: a room joined elsewhere appears. */
export function ownRoom(id: () => string): Signal<RoomHandle[]> {
  const client = inject(CONCLAVE);
  const lines = toSignal(client.rooms);
  return computed(() => {
    lines();
    try {
      return [client.room(id())];
    } catch (error) {
      if (error instanceof ConclaveError && error.code === 'not-found') return [];
      throw error;
    }
  });
}
