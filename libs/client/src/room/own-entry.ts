import type { RoomContext } from './context.ts';
import type { Write } from '../storage/store.ts';
import { keys, placeOf, type AuthorRow, type EntryRow, type OutboxRow, type Recipient } from './rows.ts';

/** What a sealed row becomes in the timeline, and the writes that put it there beside its envelope: all of them in one batch. */
export function ownEntry(
  ctx: Pick<RoomContext, 'room' | 'shownIn' | 'me' | 'clock'>,
  row: OutboxRow,
  to: Recipient[],
): { key: string; entry: EntryRow; writes: Write[] } {
  const { room, me, clock } = ctx;
  const { mid, aseq, at, body, statement, ttl } = row;
  const { order, signature, generation, epoch } = row.sealed!;
  const entry: EntryRow = {
    mid,
    user: me.user,
    device: me.device,
    aseq,
    order,
    at,
    arrived: clock.now(),
    body,
    statement,
    signature,
    generation: generation ?? 0,
    epoch: epoch ?? 0,
    ahead: false,
    to,
    ...(ttl === undefined ? {} : { ttl }),
    ...(ctx.shownIn ? { private: room } : {}),
  };
  const place = placeOf(ctx, entry);
  const head: AuthorRow = { user: me.user, deviceKey: new Uint8Array(0), first: 1, aseq, mid, highest: aseq, read: aseq };
  return {
    key: place.key,
    entry,
    writes: [
      { ...place, value: entry },
      { table: 'mids', key: keys.mid(room, mid), value: place },
      { table: 'authors', key: keys.sequence(room, me.device, aseq), value: mid },
      { table: 'authors', key: keys.author(room, me.device), value: head },
    ],
  };
}
