import { compareOrder, type DeviceId, type UserId } from '../../../protocol/src/index.ts';
import type { MessageState } from '../views/message.ts';
import type { TimelineItem } from '../views/timeline.ts';
import type { EntryRow, OutboxRow, ReceiptRow } from './rows.ts';

/* Pure: stored rows → what is shown. The same rows give the same timeline on every device, in whatever order they came. */

type MessageItem = Extract<TimelineItem, { type: 'message' }>;

/** One message with the operations on it (delivery.md D9): only its author edits and deletes, delete wins, else the highest order. */
export function fold(
  key: string,
  row: EntryRow,
  operations: EntryRow[],
  me: { user: UserId },
  nameOf: (user: UserId) => string,
  privateWith: string[] | null = null,
): MessageItem | null {
  if (row.body.kind !== 'text') return null;
  const byAuthor = operations.filter((operation) => operation.user === row.user);
  const deleted = byAuthor.some(({ body }) => body.kind === 'delete');
  const edit = byAuthor
    .filter(({ body }) => body.kind === 'edit')
    .sort(byOrder)
    .at(-1);
  const text = edit?.body.kind === 'edit' ? edit.body.text : row.body.text;
  return {
    type: 'message',
    key,
    mid: row.mid,
    author: { user: row.user, device: row.device, name: nameOf(row.user) },
    mine: row.user === me.user,
    writtenAt: row.at,
    orderedAt: row.order.ms,
    text: deleted ? '' : text,
    edited: !deleted && edit !== undefined,
    deleted,
    replyTo: row.body.replyTo ?? null,
    quote: null,
    files: deleted ? [] : (row.body.files ?? []),
    mentions: deleted ? [] : (row.body.mentions ?? []),
    mentioned: !deleted && (row.body.mentions?.includes(me.user) ?? false),
    reactions: deleted ? [] : reactionsOf(operations, me.user),
    clockAhead: row.ahead,
    imported: row.importedKey !== undefined,
    private: privateWith,
    hidden: null,
    vanishesAt: null,
    state: null,
  };
}

function byOrder(a: EntryRow, b: EntryRow): number {
  return (
    compareOrder(a, b) || (a.mid < b.mid ? -1 : 1) // two entries under one number: the same one wins everywhere
  );
}

/** Each person's last word on each emoji counts. */
function reactionsOf(operations: EntryRow[], me: UserId): MessageItem['reactions'] {
  const last = new Map<string, { emoji: string; user: UserId; on: boolean }>();
  for (const { body, user } of operations.filter(({ body }) => body.kind === 'react').sort(byOrder))
    if (body.kind === 'react') last.set(`${user} ${body.emoji}`, { emoji: body.emoji, user, on: body.on });
  const byEmoji = new Map<string, UserId[]>();
  for (const { emoji, user, on } of last.values()) if (on) byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), user]);
  return [...byEmoji].map(([emoji, users]) => ({ emoji, users: users.sort(), mine: users.includes(me) }));
}

/**
 * MSG2 for a message of this device: n of m people, by what their receipts say (delivery.md D6). m is fixed at sealing and shrinks when
 * the last device of somebody who never got it has left the group.
 */
export function stateOf(
  row: Pick<EntryRow, 'aseq' | 'to'>,
  outbox: OutboxRow | undefined,
  receipts: ReadonlyMap<DeviceId, ReceiptRow>,
  me: UserId,
  online: boolean,
  inGroup: (device: DeviceId) => boolean = () => true,
): MessageState {
  if (outbox?.failed) return { state: 'failed', reason: outbox.failed };
  const has = (device: DeviceId, how: 'delivered' | 'read') => {
    const receipt = receipts.get(device);
    return receipt !== undefined && row.aseq >= (receipt.from ?? 1) && row.aseq <= receipt[how];
  };
  const others = (row.to ?? []).filter(
    ({ user, devices }) => user !== me && devices.some((device) => inGroup(device) || has(device, 'delivered')),
  );
  const reached = (how: 'delivered' | 'read') => others.filter(({ devices }) => devices.some((device) => has(device, how))).length;
  const read = reached('read');
  if (read > 0) return { state: 'read', n: read, m: others.length };
  const delivered = reached('delivered');
  if (delivered > 0 || !outbox) return { state: 'delivered', n: delivered, m: others.length };
  if (outbox.held.length > 0) return { state: 'held' };
  if (outbox.acknowledged.length > 0) return { state: 'direct' };
  return { state: 'waiting', why: online ? 'sending' : 'offline' };
}
