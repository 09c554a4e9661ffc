import type { Mid, RoomId } from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import type { MessageState } from '../views/message.ts';
import type { TimelineItem, TimelineView } from '../views/timeline.ts';
import type { RoomContext } from './context.ts';
import { keys, type EntryRow, type NoticeRow } from './rows.ts';
import { fold } from './timeline.ts';
import { vanishesAt } from './vanishing.ts';

const pageSize = 60;
const quoteLength = 160;

export type Sources = {
  /** Own messages: what is known of their way. */
  state: (row: EntryRow) => MessageState | null;
  /** Why a row is not shown at once. */
  hidden: (row: EntryRow) => Extract<TimelineItem, { type: 'message' }>['hidden'];
  /** With whom a private conversation was. */
  privateWith: (conversation: RoomId) => string[];
  /** Words that have no place in the order yet; shown at the end. */
  waiting: () => TimelineItem[];
};

type Placed = { key: string; value: EntryRow | NoticeRow };

/**
 * The stretch of the timeline that is in memory: the newest page and whatever was scrolled to above it, or the surroundings of a message
 * one has jumped to. Rows are folded once and again only when something about them changes; the view is rebuilt at most once a turn of the
 * event loop, so that a drain of thousands is cheap.
 */
export class TimelineWindow {
  readonly view = new MutableCell<TimelineView>({ items: [], hasOlder: false, hasNewer: false, firstUnread: null, arrivedAbove: 0 });
  readonly #rows = new Map<string, EntryRow>();
  readonly #items = new Map<string, TimelineItem>();
  readonly #keyOf = new Map<Mid, string>();
  #sorted: string[] = [];
  #oldest: string | null = null;
  #hasOlder = false;
  /** Where the stretch ends, when it does not reach the newest. */
  #newest: string | null = null;
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
    const { page, more } = await this.#page({ reverse: true, ...(this.#oldest ? { before: this.#oldest } : {}) });
    this.#hasOlder = more;
    this.#oldest = page.at(-1)?.key ?? this.#oldest;
    await this.#putPage(page);
  }

  /** One more page below, after a jump. */
  async newer(): Promise<void> {
    if (this.#newest === null) return;
    const { page, more } = await this.#page({ after: this.#newest });
    this.#newest = more ? page.at(-1)!.key : null;
    await this.#putPage(page);
  }

  /** Back to the newest page. */
  async latest(): Promise<void> {
    if (this.#newest === null) return;
    this.#clear();
    await this.older();
  }

  /** The surroundings of this message instead of what is shown; false when it is not stored. */
  async jumpTo(mid: Mid): Promise<boolean> {
    if (this.#keyOf.has(mid)) return true;
    const { store, room } = this.ctx;
    const place = await store.get<{ table: string; key: string }>('mids', keys.mid(room, mid));
    const row = place?.table === 'messages' ? await store.get<EntryRow>('messages', place.key) : undefined;
    if (!place || !row) return false;
    this.#clear();
    this.#oldest = this.#newest = place.key;
    await this.#putRow(place.key, row);
    await this.newer();
    await this.older();
    return true;
  }

  /** An entry was stored; a historic one above the page that is shown is left to be scrolled to. */
  async placed(key: string, row: EntryRow, historic = false): Promise<void> {
    if (!this.#loaded) return;
    if ('target' in row.body) {
      const target = this.#keyOf.get(row.body.target);
      if (target) await this.#putRow(target, this.#rows.get(target)!);
      await this.#requote(row.body.target);
    } else if (this.#newest === null || key < this.#newest) {
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
    if (row && (this.#newest === null || key < this.#newest)) this.#putNotice(key, row);
    else this.#items.delete(key);
    this.#sort();
    this.#schedule();
  }

  /** It has vanished, or is too old for the room. */
  removed(key: string): void {
    this.#rows.delete(key);
    this.#items.delete(key);
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

  async #page(range: { reverse?: boolean; before?: string; after?: string }): Promise<{ page: Placed[]; more: boolean }> {
    const { store, room } = this.ctx;
    const asked = { prefix: keys.room(room), limit: pageSize, ...range };
    const [messages, notices] = [await store.range<EntryRow>('messages', asked), await store.range<NoticeRow>('notices', asked)];
    const sign = range.reverse ? -1 : 1;
    const page = [...messages, ...notices].sort((a, b) => (a.key < b.key ? -sign : sign)).slice(0, pageSize);
    return { page, more: messages.length + notices.length > page.length || messages.length === pageSize || notices.length === pageSize };
  }

  async #putPage(page: Placed[]): Promise<void> {
    for (const { key, value } of page) if ('notice' in value) this.#putNotice(key, value);
    for (const { key, value } of page) if ('mid' in value) await this.#putRow(key, value);
    this.#sort();
    this.#schedule();
  }

  #clear(): void {
    this.#rows.clear();
    this.#items.clear();
    this.#keyOf.clear();
    this.#sorted = [];
    this.#oldest = this.#newest = null;
    this.#hasOlder = false;
  }

  /** What answers this message shows its words. */
  async #requote(target: Mid): Promise<void> {
    for (const [key, row] of this.#rows) if (row.body.kind === 'text' && row.body.replyTo === target) await this.#putRow(key, row);
  }

  async #quoteOf({ body, private: conversation }: EntryRow): Promise<{ author: string; text: string } | null> {
    if (body.kind !== 'text' || !body.replyTo) return null;
    const { store, room, me, people } = this.ctx;
    const place = await store.get<{ table: string; key: string }>('mids', keys.mid(conversation ?? room, body.replyTo));
    const quoted = place?.table === 'messages' ? await store.get<EntryRow>('messages', place.key) : undefined;
    const item = quoted && place && fold(place.key, quoted, await this.#operationsOn(quoted.mid), me, (user) => people.name(user));
    return item ? { author: item.author.name, text: (item.text || (item.files[0]?.name ?? '')).slice(0, quoteLength) } : null;
  }

  async #operationsOn(mid: Mid): Promise<EntryRow[]> {
    const range = { prefix: keys.operations(this.ctx.room, mid) };
    return (await this.ctx.store.range<EntryRow>('operations', range)).map(({ value }) => value);
  }

  async #putRow(key: string, row: EntryRow): Promise<void> {
    const { me, people } = this.ctx;
    const operations = await this.#operationsOn(row.mid);
    const privateWith = row.private ? this.sources.privateWith(row.private) : null;
    const item = fold(key, row, operations, me, (user) => people.name(user), privateWith);
    if (!item) return;
    this.#rows.set(key, row);
    this.#keyOf.set(row.mid, key);
    const quote = await this.#quoteOf(row);
    this.#items.set(key, { ...item, quote, hidden: this.sources.hidden(row), vanishesAt: vanishesAt(row) });
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
      this.view.set({
        items: this.#build(),
        hasOlder: this.#hasOlder,
        hasNewer: this.#newest !== null,
        firstUnread: this.#firstUnread,
        arrivedAbove: this.#arrivedAbove,
      });
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
    return this.#newest === null ? [...items, ...this.sources.waiting()] : items;
  }
}
