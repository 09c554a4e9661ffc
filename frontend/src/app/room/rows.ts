import type { TimelineItem, TimelineView } from '../../../../libs/client/src/index.ts';
import { dayOf } from '../ui/times.ts';

export type MessageItem = Extract<TimelineItem, { type: 'message' }>;
export type NoticeItem = Extract<TimelineItem, { type: 'notice' }>;

/** One row of the list on the screen. `first` and `last` of a group: one author, no more than five minutes between two. */
export type Row =
  | { type: 'day'; key: string; at: number }
  | { type: 'unread'; key: 'unread' }
  | { type: 'message'; key: string; item: MessageItem; first: boolean; last: boolean }
  | { type: 'notice'; key: string; item: NoticeItem };

const GROUP_MS = 5 * 60_000;

export function rowsOf({ items, firstUnread }: Pick<TimelineView, 'items' | 'firstUnread'>): Row[] {
  const rows: Row[] = [];
  items.forEach((item, i) => {
    const before = items[i - 1];
    if (!before || dayOf(before.orderedAt) !== dayOf(item.orderedAt)) {
      rows.push({ type: 'day', key: `day-${dayOf(item.orderedAt)}-${days(rows, item.orderedAt)}`, at: item.orderedAt });
    }
    if (item.key === firstUnread && before) rows.push({ type: 'unread', key: 'unread' });
    if (item.type === 'notice') rows.push({ type: 'notice', key: item.key, item });
    else
      rows.push({
        type: 'message',
        key: item.key,
        item,
        first: !joined(before, item, firstUnread),
        last: !joined(item, items[i + 1], firstUnread),
      });
  });
  return rows;
}

/** Whether `after` goes on with the group that `before` is in. The unread marker cuts a group. */
function joined(before: TimelineItem | undefined, after: TimelineItem | undefined, firstUnread: string | null): boolean {
  return (
    before?.type === 'message' &&
    after?.type === 'message' &&
    after.key !== firstUnread &&
    before.author.user === after.author.user &&
    dayOf(before.orderedAt) === dayOf(after.orderedAt) &&
    after.orderedAt - before.orderedAt <= GROUP_MS
  );
}

/** Keys must be unique even if a day comes twice, which only a disordered timeline does. */
function days(rows: Row[], at: number): number {
  return rows.filter((row) => row.type === 'day' && dayOf(row.at) === dayOf(at)).length;
}

/** Join and leave notices left out; whoever came first or was put out by a moderator stays. */
export function withoutComings(timeline: TimelineView): TimelineView {
  const items = timeline.items.filter((item) => item.type !== 'notice' || (item.notice.kind !== 'joined' && item.notice.kind !== 'left'));
  return { ...timeline, items };
}
