import type { TimelineItem } from '../views/timeline.ts';
import type { OutboxRow } from './rows.ts';
import type { Blocked } from './leaving.ts';

type Author = Extract<TimelineItem, { type: 'message' }>['author'];

/** Pure: words that have not left, as they stand below everything that has. */
export function waitingItems(
  rows: readonly OutboxRow[],
  author: Author,
  blocked: Blocked,
  online: boolean,
  privateWith: string[] | null = null,
): TimelineItem[] {
  const why = blocked && (blocked !== 'joining' || online) ? blocked : online ? 'sending' : 'offline';
  const isText = (row: OutboxRow): row is OutboxRow & { body: { kind: 'text' } } => !row.sealed && row.body.kind === 'text';
  return rows.filter(isText).map(({ mid, at, body, failed }) => ({
    type: 'message',
    key: `~${mid}`,
    mid,
    author,
    mine: true,
    writtenAt: at,
    orderedAt: at,
    text: body.text,
    edited: false,
    deleted: false,
    replyTo: body.replyTo ?? null,
    quote: null,
    files: body.files ?? [],
    mentions: body.mentions ?? [],
    mentioned: false,
    reactions: [],
    clockAhead: false,
    imported: false,
    private: privateWith,
    hidden: null,
    vanishesAt: null,
    state: failed ? { state: 'failed', reason: failed } : { state: 'waiting', why },
  }));
}
