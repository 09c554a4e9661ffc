import type { Mid } from '../../../protocol/src/index.ts';
import type { Write } from '../storage/store.ts';
import type { RoomContext } from './context.ts';
import { keys, type EntryRow } from './rows.ts';

type Orphan = { key: string; target: Mid; at: number };

const most = 1_000;
const longestMs = 30 * 86_400_000;

/** Operations whose target has not come: at most so many in a room, for so long (delivery.md D9). The oldest go first. */
export class Orphans {
  constructor(private readonly ctx: RoomContext) {}

  /** The writes that go with an entry; none unless it is an operation on something unknown. */
  async with(place: { table: string; key: string }, { body }: EntryRow): Promise<Write[]> {
    if (!('target' in body) || (await this.#known(body.target))) return [];
    const now = this.ctx.clock.now();
    const waiting = [...((await this.ctx.store.get<Orphan[]>('meta', this.#key)) ?? []), { key: place.key, target: body.target, at: now }];
    const kept = waiting.filter(({ at }) => now - at < longestMs).slice(-most);
    const dropped = waiting.filter((orphan) => !kept.includes(orphan));
    const writes: Write[] = [{ table: 'meta', key: this.#key, value: kept }];
    for (const { key, target } of dropped) if (!(await this.#known(target))) writes.push({ table: 'operations', key, value: undefined });
    return writes;
  }

  get #key(): string {
    return `orphans/${this.ctx.room}`;
  }

  async #known(target: Mid): Promise<boolean> {
    return (await this.ctx.store.get('mids', keys.mid(this.ctx.room, target))) !== undefined;
  }
}
