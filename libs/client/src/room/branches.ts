import type { Mid, RoomId } from '../../../protocol/src/index.ts';
import type { MessageState } from '../views/message.ts';
import type { TimelineItem } from '../views/timeline.ts';
import type { Branch } from './branch.ts';
import type { EntryRow } from './rows.ts';

type Kept = { branch: Branch; names: string[] };

/** The private conversations that branched from a room: one at most goes on, earlier ones are kept while something is on its way. */
export class Branches {
  readonly #kept = new Map<RoomId, Kept>();
  #active: RoomId | null = null;

  /** The one that words go to now. */
  get active(): Branch | null {
    return this.#active === null ? null : (this.#kept.get(this.#active)?.branch ?? null);
  }

  keep(id: RoomId, branch: Branch, active: boolean, names: string[]): void {
    this.#kept.set(id, { branch, names });
    if (active) this.#active = id;
    else if (this.#active === id) this.#active = null;
  }

  of(id: RoomId): Branch | undefined {
    return this.#kept.get(id)?.branch;
  }

  /** Who was there, oneself excluded; empty once it is no longer kept. */
  names(id: RoomId): string[] {
    return this.#kept.get(id)?.names ?? [];
  }

  /** The conversation that still has these words on their way. */
  holding(mid: Mid): Branch | undefined {
    return [...this.#kept.values()].find(({ branch }) => branch.has(mid))?.branch;
  }

  /** Null for words of a conversation that is over and no longer kept. */
  stateOf(row: EntryRow): MessageState | null {
    return (row.private && this.of(row.private)?.stateOf(row)) || null;
  }

  waiting(): TimelineItem[] {
    return [...this.#kept.values()].flatMap(({ branch }) => branch.waiting());
  }

  markRead(): void {
    for (const { branch } of this.#kept.values()) branch.markRead();
  }
}
