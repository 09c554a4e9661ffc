import { Injectable } from '@angular/core';

/** Files on the way to a room that opens next: chosen on another page, they go through its composer like all others. In memory only. */
@Injectable({ providedIn: 'root' })
export class Carried {
  #now: { room: string; files: readonly File[] } | null = null;

  give(room: string, files: readonly File[]): void {
    this.#now = files.length ? { room, files } : null;
  }

  /** Once, and for that room alone: whoever opens another one has changed their mind. */
  take(room: string): readonly File[] {
    const carried = this.#now;
    this.#now = null;
    return carried?.room === room ? carried.files : [];
  }
}
