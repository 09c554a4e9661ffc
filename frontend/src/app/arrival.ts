import { Injectable } from '@angular/core';

type Brought = { jwt: string | null; problem: string | null; reset: string | null; room: string | null };

/**
 * What somebody brought along in the address: a site's token, its problem, a one-time link, or an invitation into a room. Taken before the router moves, and out of
 * the address bar at once: there it would go into the history, bookmarks and screenshots.
 */
@Injectable({ providedIn: 'root' })
export class Arrival {
  readonly #brought: Brought;

  constructor() {
    const [fragment, query] = [new URLSearchParams(location.hash.slice(1)), new URLSearchParams(location.search)];
    this.#brought = {
      jwt: fragment.get('jwt') ?? query.get('jwt'),
      problem: fragment.get('problem'),
      reset: fragment.get('reset'),
      room: fragment.get('room'),
    };
    if (Object.values(this.#brought).some((value) => value !== null)) history.replaceState(history.state, '', location.pathname);
  }

  has(what: keyof Brought): boolean {
    return this.#brought[what] !== null;
  }
  /** Once. */
  take(what: keyof Brought): string | null {
    const value = this.#brought[what];
    this.#brought[what] = null;
    return value;
  }
}
