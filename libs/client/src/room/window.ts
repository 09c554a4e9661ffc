import type { Mid, RoomId } from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import type { MessageState, TimelineItem, TimelineView } from '../views.ts';
import type { RoomContext } from './context.ts';
import { keys, type EntryRow, type NoticeRow } from './rows.ts';
import { fold } from './timeline.ts';

const pageSize = 60;

type Sources = {
  /** Own messages: what is known of their way. */
  state: (row: EntryRow) => MessageState | null;
  /** With whom a private conversation was. */
  privateWith: (conversation: RoomId) => string[];
  /** Words that have no place in the order yet; shown at the end. */
  waiting: () => TimelineItem[];
};

/**
 * The stretch of the timeline that is in memory: the newest page and whatever was scrolled to above it. Rows are folded once and again
 * only when something about them changes; the view is rebuilt at most once a turn of the event loop, so that a drain of thousands is cheap.
 */
export class TimelineWindow {
  readonly view = new MutableCell<TimelineView>({ items: [], hasOlder: false, firstUnread: null, arrivedAbove: 0 });
  readonly #rows = new Map<string, EntryRow>();
  readonly #items = new Map<string, TimelineItem>();
  readonly #keyOf = new Map<Mid, string>();
  #sorted: string[] = [];
  #oldest: string | null = null;
  #hasOlder = false;
  #firstUnread: string | null = null;
  #arrivedAbove = 0;
  #scheduled = false;
  #loaded = false;

  constructor(
    private readonly ctx: RoomContext,
    private readonly sources: Sources,
  ) {}

  /** What was placed before is in the store, and comes with its page: shown alone it could stand above a hole. */
  async load(unread: number): Promise<void> {
    this.#loaded = true;
    await this.older();
    const others = this.#sorted.filter((key) => this.#rows.has(key) && this.#rows.get(key)!.user !== this.ctx.me.user);
    this.#firstUnread = unread > 0 ? (others.at(-unread) ?? others[0] ?? null) : null;
    this.refresh();
  }

  /** One more page above. */
  async older(): Promise<void> {
    const { store, room } = this.ctx;
    const range = { prefix: keys.room(room), limit: pageSize, reverse: true, ...(this.#oldest ? { before: this.#oldest } : {}) };
    const [messages, notices] = [await store.range<EntryRow>('messages', range), await store.range<NoticeRow>('notices', range)];
    const page = [...messages, ...notices].sort((a, b) => (a.key < b.key ? 1 : -1)).slice(0, pageSize);
    this.#hasOlder = messages.length + notices.length > page.length || messages.length === pageSize || notices.length === pageSize;
    this.#oldest = page.at(-1)?.key ?? this.#oldest;
    for (const { key, value } of page) if ('notice' in value) this.#putNotice(key, value);
    for (const { key, value } of page) if ('mid' in value) await this.#putRow(key, value);
    this.#sort();
    this.#schedule();
  }

  /** An entry was stored; a historic one above the page that is shown is left to be scrolled to. */
  async placed(key: string, row: EntryRow, historic = false): Promise<void> {
    if (!this.#loaded) return;
    if ('target' in row.body) {
      const target = this.#keyOf.get(row.body.target);
      if (target) await this.#putRow(target, this.#rows.get(target)!);
    } else {
      if (historic && !this.#hasOlder && this.#sorted.length >= pageSize && key < this.#sorted[0]!) {
        this.#hasOlder = true;
        this.#oldest = this.#sorted[0]!;
      }
      if (this.#hasOlder && this.#oldest && key < this.#oldest) this.#arrivedAbove += historic ? 0 : 1;
      else {
        await this.#putRow(key, row);
        if (key < (this.#sorted.at(-1) ?? '')) this.#sort();
        else this.#sorted.push(key);
      }
    }
    this.#schedule();
  }

  noticed(key: string, row: NoticeRow | undefined): void {
    if (!this.#loaded) return;
    if (row) this.#putNotice(key, row);
    else this.#items.delete(key);
    this.#sort();
    this.#schedule();
  }

  /** Names, or states of own messages, may have changed. */
  async names(): Promise<void> {
    for (const [key, row] of this.#rows) await this.#putRow(key, row);
    this.#schedule();
  }

  refresh(): void {
    this.#schedule();
  }

  seen(): void {
    this.#firstUnread = null;
    this.#arrivedAbove = 0;
    this.#schedule();
  }

  async #putRow(key: string, row: EntryRow): Promise<void> {
    const { store, room, me, people } = this.ctx;
    const operations = (await store.range<EntryRow>('operations', { prefix: keys.operations(room, row.mid) })).map(({ value }) => value);
    const privateWith = row.private ? this.sources.privateWith(row.private) : null;
    const item = fold(key, row, operations, me, (user) => people.name(user), privateWith);
    if (!item) return;
    this.#rows.set(key, row);
    this.#keyOf.set(row.mid, key);
    this.#items.set(key, item);
  }

  #putNotice(key: string, { at, notice }: NoticeRow): void {
    this.#items.set(key, { type: 'notice', key, orderedAt: at, notice });
  }

  #sort(): void {
    this.#sorted = [...this.#items.keys()].sort();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => {
      this.#scheduled = false;
      this.view.set({ items: this.#build(), hasOlder: this.#hasOlder, firstUnread: this.#firstUnread, arrivedAbove: this.#arrivedAbove });
    });
  }

  #build(): TimelineItem[] {
    const items = this.#sorted.map((key) => {
      const item = this.#items.get(key)!;
      const row = this.#rows.get(key);
      if (item.type !== 'message' || !row?.to || row.device !== this.ctx.me.device) return item;
      const state = this.sources.state(row);
      if (JSON.stringify(item.state) === JSON.stringify(state)) return item; // the same object, so that its row on screen stays
      const fresh = { ...item, state };
      this.#items.set(key, fresh);
      return fresh;
    });
    return [...items, ...this.sources.waiting()];
  }
}
