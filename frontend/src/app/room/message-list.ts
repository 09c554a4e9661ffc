import {
  afterRenderEffect,
  Component,
  computed,
  DestroyRef,
  effect,
  inject,
  input,
  output,
  signal,
  untracked,
  viewChild,
  viewChildren,
  type ElementRef,
} from '@angular/core';
import { injectVirtualizer } from '@tanstack/angular-virtual';
import type { TimelineView } from '../../../../libs/client/src/index.ts';
import { Icon } from '../ui/icon.ts';
import { dayName } from '../ui/times.ts';
import type { MessageAct } from './message-act.ts';
import { MessageRow } from './message-row.ts';
import { NoticeRow } from './notice-row.ts';
import { rowsOf, type MessageItem, type Row } from './rows.ts';
import { Translate } from '../ui/language.ts';

/** As near to the end as counts as "at the end": the height of about one line and a half. */
const END_PX = 48;
/** Older items are fetched when no more than this is left above: about a screen. */
const NEAR_TOP_PX = 800;

/** The timeline in chat mode: keeps its place when older rows come in above, follows the end only while one is at the end. */
@Component({
  selector: 'cv-message-list',
  imports: [MessageRow, NoticeRow, Icon, Translate],
  templateUrl: './message-list.html',
  styleUrl: './message-list.scss',
})
export class MessageList {
  readonly timeline = input.required<TimelineView>();
  /** Names of pictures, by person. */
  readonly faces = input<ReadonlyMap<string, string | null>>(new Map());
  /** A message to be shown; another object each time. */
  readonly target = input<{ mid: string } | null>(null);
  readonly act = output<MessageAct>();
  readonly react = output<{ item: MessageItem; emoji: string; on: boolean }>();
  readonly older = output();
  readonly newer = output();
  /** Back from an old message to the newest. */
  readonly latest = output();
  readonly jump = output<string>();
  readonly seen = output();
  readonly askForGap = output<string>();
  readonly acknowledgeKey = output<string>();

  protected readonly rows = computed(() => rowsOf(this.timeline()));
  protected readonly scroller = viewChild<ElementRef<HTMLElement>>('scroller');
  private readonly slots = viewChildren<ElementRef<HTMLElement>>('slot');
  protected readonly virtualizer = injectVirtualizer<HTMLElement, HTMLElement>(() => ({
    scrollElement: this.scroller(),
    count: this.rows().length,
    estimateSize: (index) => estimate(this.rows()[index]),
    getItemKey: (index) => this.rows()[index]?.key ?? index,
    anchorTo: 'end',
    followOnAppend: !this.timeline().hasNewer,
    scrollEndThreshold: END_PX,
    overscan: 8,
    paddingStart: 16,
    paddingEnd: 12,
    // Below the button that floats at the top.
    scrollPaddingStart: 56,
  }));
  protected readonly atEnd = signal(true);
  /** Messages of others that came while following was refused. */
  protected readonly missed = signal(0);
  readonly #acknowledgedAbove = signal(0);
  protected readonly above = computed(() => Math.max(0, this.timeline().arrivedAbove - this.#acknowledgedAbove()));
  readonly #destroyed = inject(DestroyRef);
  #lastKey: string | null = null;
  #placed = false;
  #askedFrom: string | null = null;
  #askedTo: string | null = null;
  /** The message that was jumped to. */
  protected readonly found = signal<string | null>(null);
  #revealed: { mid: string } | null = null;

  constructor() {
    afterRenderEffect(() => {
      for (const slot of this.slots()) this.virtualizer.measureElement(slot.nativeElement);
    });
    afterRenderEffect(() => {
      if (this.#placed || !this.rows().length || !this.scroller()) return;
      this.#placed = true;
      untracked(() => this.#openAt());
      // What fits on the screen causes no scroll event.
      requestAnimationFrame(() => this.scrolled());
    });
    effect(() => {
      const { items } = this.timeline();
      untracked(() => this.#count(items));
    });
    afterRenderEffect(() => {
      this.timeline();
      // Rows that came or went cause no scroll event while one stands at the top, or while all fits on the screen.
      if (this.#placed) untracked(() => this.#holdTop());
    });
    afterRenderEffect(() => {
      this.rows();
      this.target();
      untracked(() => this.#reveal());
    });
    afterRenderEffect((cleanup) => {
      const scroller = this.scroller()?.nativeElement;
      if (!scroller) return;
      // The composer grows, a keyboard opens: whoever was at the end stays there.
      const observer = new ResizeObserver(() => this.atEnd() && this.#placed && this.virtualizer().scrollToEnd());
      observer.observe(scroller);
      cleanup(() => observer.disconnect());
    });
    const look = () => this.#tellSeen();
    document.addEventListener('visibilitychange', look);
    addEventListener('focus', look);
    this.#destroyed.onDestroy(() => {
      document.removeEventListener('visibilitychange', look);
      removeEventListener('focus', look);
    });
  }

  /** To the newest row, and follow from there. */
  toEnd(): void {
    this.missed.set(0);
    this.atEnd.set(true);
    if (this.timeline().hasNewer) this.latest.emit();
    this.virtualizer().scrollToEnd();
  }

  /** Puts the message that is sought into the middle of the screen, as soon as it is among the rows. */
  #reveal(): void {
    const target = this.target();
    if (!target || target === this.#revealed || !this.#placed) return;
    const index = this.rows().findIndex((row) => row.type === 'message' && row.item.mid === target.mid);
    if (index < 0) return;
    this.#revealed = target;
    this.atEnd.set(false);
    this.found.set(null);
    this.virtualizer.scrollToIndex(index, { align: 'center' });
    requestAnimationFrame(() => this.found.set(target.mid));
  }

  protected scrolled(): void {
    const scroller = this.scroller()?.nativeElement;
    if (this.#destroyed.destroyed || !scroller) return;
    // Asked of the element: our listener runs before the virtualizer's, which still knows the place before.
    const below = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
    if (below < NEAR_TOP_PX) this.#askNewer();
    this.atEnd.set(below <= END_PX && !this.timeline().hasNewer);
    if (scroller.scrollTop < NEAR_TOP_PX) this.#askOlder();
    if (!this.atEnd()) return;
    this.missed.set(0);
    this.#tellSeen();
  }

  protected upToEarlier(): void {
    this.#acknowledgedAbove.set(this.timeline().arrivedAbove);
    const marker = this.rows().findIndex((row) => row.type === 'unread');
    if (marker >= 0) this.virtualizer.scrollToIndex(marker, { align: 'start' });
    else this.virtualizer.scrollBy(-(this.scroller()?.nativeElement.clientHeight ?? 400));
  }

  protected dayName(at: number): string {
    return dayName(at, Date.now());
  }

  #openAt(): void {
    const marker = this.rows().findIndex((row) => row.type === 'unread');
    if (marker < 0) return this.toEnd();
    this.virtualizer.scrollToIndex(marker, { align: 'start' });
  }

  #count(items: TimelineView['items']): void {
    const from = this.#lastKey === null ? -1 : items.findIndex((item) => item.key === this.#lastKey);
    const before = this.#lastKey;
    this.#lastKey = items.at(-1)?.key ?? null;
    if (before === null || from < 0) return;
    const fresh = items.slice(from + 1).filter((item) => item.type === 'message' && !item.mine).length;
    if (!fresh) return;
    if (this.atEnd()) this.#tellSeen();
    else this.missed.update((count) => count + fresh);
  }

  /** At the very top a day's separator is what the virtualizer holds on to, and it stays on top: go back to the message that was there. */
  #holdTop(): void {
    const was = this.#askedFrom;
    const index = this.rows().findIndex((row) => row.key === was);
    const top = this.scroller()?.nativeElement.scrollTop ?? 0;
    if (was !== null && was !== this.timeline().items[0]?.key && index > 0 && top < 64) {
      this.virtualizer.scrollToIndex(index, { align: 'start' });
    }
    this.#askedFrom = was === this.timeline().items[0]?.key ? was : null;
    requestAnimationFrame(() => requestAnimationFrame(() => this.scrolled()));
  }

  /** Once per oldest item: the answer changes it, or there is nothing more. */
  #askOlder(): void {
    const { items, hasOlder } = this.timeline();
    const oldest = items[0]?.key;
    if (!this.#placed || !hasOlder || !oldest || this.#askedFrom === oldest) return;
    this.#askedFrom = oldest;
    this.older.emit();
  }

  /** Once per newest item, after a jump. */
  #askNewer(): void {
    const { items, hasNewer } = this.timeline();
    const newest = items.at(-1)?.key;
    if (!this.#placed || !hasNewer || !newest || this.#askedTo === newest) return;
    this.#askedTo = newest;
    this.newer.emit();
  }

  #tellSeen(): void {
    if (this.atEnd() && !this.timeline().hasNewer && document.visibilityState === 'visible' && document.hasFocus()) this.seen.emit();
  }
}

function estimate(row: Row | undefined): number {
  if (row?.type !== 'message') return 48;
  return (row.first ? 66 : 44) + 22 * Math.floor(row.item.text.length / 70);
}
