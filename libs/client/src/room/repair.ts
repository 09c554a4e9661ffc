import { encodeContent, timing, type Ask, type DeviceId, type SealedMessage } from '../../../protocol/src/index.ts';
import type { EpochChange, Leaf } from '../sealing/sealer.ts';
import type { RoomContext } from './context.ts';
import { before, keys, type AuthorRow, type EntryRow } from './rows.ts';

export type RepairHooks = {
  /** Seals and sends to some devices; not kept, not numbered. */
  send: (content: Uint8Array, recipients: DeviceId[]) => Promise<boolean>;
  /** The hole stays: say so in the timeline. */
  gap: (device: DeviceId, row: AuthorRow, from: number, to: number) => Promise<void>;
  mended: (device: DeviceId) => Promise<void>;
  online: () => DeviceId[];
};

/** After asking, this long before the hole is shown. */
const showAfterMs = 6_000;
const answersMax = 100;
/** Any one entry fits (freezing.ts), and so does a bundle of this in an envelope. */
const answerBytes = 49 * 1024;
const answerEveryMs = 10_000;

/** Holes in an author's sequence (delivery.md D4): wait 2 s, ask the others, then show the gap with one button. Never blocks anything. */
export class Repair {
  /** By author: which hole is being waited for, by its first number. */
  readonly #waits = new Map<DeviceId, { timer: ReturnType<typeof setTimeout>; from: number }>();
  /** Authors with a hole: the notice of a hole that closes may be from before a restart. */
  readonly #holed = new Set<DeviceId>();
  /** By author: how far members say that their words go. A server that keeps the last ones back is seen by this alone. */
  readonly #told = new Map<DeviceId, number>();
  #stopped = false;
  readonly #answered = new Map<string, number>();

  constructor(
    private readonly ctx: RoomContext,
    private readonly hooks: RepairHooks,
    private readonly authors: ReadonlyMap<DeviceId, AuthorRow>,
  ) {}

  /** After the authors were loaded. */
  load(): void {
    for (const [device, row] of this.authors) if (row.highest > row.aseq) this.#holed.add(device);
  }

  /** Remembers since when each device is in the group: that is where answers to it begin. */
  async joined({ added, removed, generation, epoch }: EpochChange, leaves: readonly Leaf[]): Promise<void> {
    const { room, store, me } = this.ctx;
    // A device that put its own old leaf out and came in anew was there all the time: what it could not open meanwhile is owed to it.
    const again = new Set(removed.map(({ device }) => device));
    const since = new Set(added.map(({ device }) => device).filter((device) => !again.has(device)));
    // Whoever came in by itself has not seen the others come: they count from now, unless it knew them before.
    if (added.some(({ device }) => device === me.device))
      for (const { device } of leaves) if ((await store.get('authors', keys.joinedAt(room, device))) === undefined) since.add(device);
    if (since.size === 0) return;
    await store.write([...since].map((device) => ({ table: 'authors', key: keys.joinedAt(room, device), value: { generation, epoch } })));
  }

  /** To be called whenever an author's head has moved or a queue has been drained. */
  judge(device: DeviceId): void {
    const row = this.authors.get(device);
    const open = row && this.#end(device, row) > row.aseq;
    if (open) {
      this.#holed.add(device);
      // One hole was mended, and there is another behind it: nobody was asked for that one yet.
      if (this.#waits.get(device)?.from !== row.aseq + 1)
        this.#wait(device, row.aseq + 1, timing.gapWaitMs, () => this.#askThenShow(device));
    } else if (this.#holed.delete(device)) {
      this.#forget(device);
      this.ctx.soon(() => this.hooks.mended(device));
    }
  }

  /** Asks everybody who is there. */
  async ask(device: DeviceId): Promise<void> {
    const hole = await this.#hole(device);
    if (hole) await this.hooks.send(encodeContent({ kind: 'ask', ask: { device, ...hole } }), this.hooks.online());
  }

  /**
   * A member has what nothing here points to: it alone is asked at first. Words after those that came here are missing then, and that is shown
   * when nobody brings them; earlier ones, or of an author never heard, may be nobody's to give.
   */
  async fetch(device: DeviceId, from: number, to: number, peer: DeviceId): Promise<void> {
    await this.hooks.send(encodeContent({ kind: 'ask', ask: { device, from, to } }), [peer]);
    const row = this.authors.get(device);
    if (!row || to <= row.highest) return;
    this.#told.set(device, Math.max(to, this.#told.get(device) ?? 0));
    this.judge(device);
  }

  /** Answers with what is here, but never with what was said before the one who asks had joined. */
  async answer(asker: DeviceId, { device, from, to }: Ask): Promise<void> {
    const { room, store, clock } = this.ctx;
    const key = `${asker} ${device} ${from}`;
    if (clock.now() - (this.#answered.get(key) ?? 0) < answerEveryMs) return;
    if (this.#answered.size > 1_000) this.#answered.clear();
    this.#answered.set(key, clock.now());
    const joined = await store.get<{ generation: number; epoch: number }>('authors', keys.joinedAt(room, asker));
    const messages: { author: DeviceId; message: SealedMessage }[] = [];
    let bytes = 0;
    const range = {
      prefix: keys.sequences(room, device),
      after: keys.sequence(room, device, from - 1),
      before: keys.sequence(room, device, to + 1),
      limit: answersMax,
    };
    for (const { value: mid } of await store.range<string>('authors', range)) {
      const entry = await this.#entry(mid);
      if (!entry || (joined && before(entry, joined))) continue;
      bytes += entry.statement.length + 128;
      if (bytes > answerBytes) break; // the rest when it is asked for
      messages.push({ author: device, message: { order: entry.order, signature: entry.signature, statement: entry.statement } });
    }
    if (messages.length) await this.hooks.send(encodeContent({ kind: 'bundle', messages }), [asker]);
  }

  stop(): void {
    this.#stopped = true;
    for (const device of [...this.#waits.keys()]) this.#forget(device);
  }

  async #askThenShow(device: DeviceId): Promise<void> {
    const asked = await this.#hole(device);
    if (!asked) return;
    await this.ask(device);
    this.#wait(device, asked.from, showAfterMs, async () => {
      this.#forget(device); // whatever moves next asks again: who could answer may have been away
      const row = this.authors.get(device);
      const hole = await this.#hole(device);
      if (row && hole) await this.hooks.gap(device, row, hole.from, hole.to);
    });
  }

  #wait(device: DeviceId, from: number, ms: number, then: () => Promise<void>): void {
    if (this.#stopped) return;
    this.#forget(device);
    this.#waits.set(device, { timer: setTimeout(() => this.ctx.soon(then), ms), from });
  }

  #forget(device: DeviceId): void {
    clearTimeout(this.#waits.get(device)?.timer);
    this.#waits.delete(device);
  }

  /** The first hole: what is missing between the contiguous head and what came after it. */
  async #hole(device: DeviceId): Promise<{ from: number; to: number } | null> {
    const row = this.authors.get(device);
    if (!row || this.#end(device, row) <= row.aseq) return null;
    const { room, store } = this.ctx;
    const [next] = await store.range<string>('authors', {
      prefix: keys.sequences(room, device),
      after: keys.sequence(room, device, row.aseq),
      limit: 1,
    });
    const to = next ? Number(next.key.slice(-10)) - 1 : this.#end(device, row);
    return to > row.aseq ? { from: row.aseq + 1, to } : null;
  }

  #end(device: DeviceId, { highest }: AuthorRow): number {
    return Math.max(highest, this.#told.get(device) ?? 0);
  }

  async #entry(mid: string): Promise<EntryRow | undefined> {
    const { room, store } = this.ctx;
    const place = await store.get<{ table: 'messages' | 'operations'; key: string }>('mids', keys.mid(room, mid));
    return place && store.get<EntryRow>(place.table, place.key);
  }
}
