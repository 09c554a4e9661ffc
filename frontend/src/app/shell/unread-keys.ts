import { inject, Injectable, type DestroyRef } from '@angular/core';
import { Router } from '@angular/router';
import type { RoomLine } from '../../../../libs/client/src/index.ts';
import { CONCLAVE } from '../conclave.ts';

/** Alt-Shift with an arrow goes to the next room up or down the list that has something unread and is not muted (PRES2). */
@Injectable({ providedIn: 'root' })
export class UnreadKeys {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);

  watch(until: DestroyRef): void {
    const pressed = (event: KeyboardEvent) => {
      if (!event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey) return;
      if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
      event.preventDefault();
      const room = nextUnread(this.#client.rooms.value, this.#here(), event.key === 'ArrowDown' ? 1 : -1);
      if (room) void this.#router.navigate(['/rooms', room]);
    };
    document.addEventListener('keydown', pressed);
    until.onDestroy(() => document.removeEventListener('keydown', pressed));
  }

  #here(): string | null {
    return /^\/rooms\/([^/?#]+)/.exec(this.#router.url)?.[1] ?? null;
  }
}

/** Pure: from where one is, around the end of the list. Null where nothing is unread. */
export function nextUnread(lines: readonly Pick<RoomLine, 'id' | 'unread' | 'level'>[], here: string | null, step: 1 | -1): string | null {
  const at = lines.findIndex(({ id }) => id === here);
  const start = at < 0 && step < 0 ? 0 : at;
  for (let n = 1; n <= lines.length; n++) {
    const line = lines[(start + step * n + 2 * lines.length) % lines.length]!;
    if (line.id !== here && line.unread > 0 && line.level !== 'nothing') return line.id;
  }
  return null;
}
