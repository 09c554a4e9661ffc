import type { DeviceId, Mid } from '../../../protocol/src/index.ts';
import type { MessageDetails } from '../views/message.ts';
import type { RoomContext } from './context.ts';
import { keys, type EntryRow, type OutboxRow, type ReceiptRow, type Recipient } from './rows.ts';

type State = MessageDetails['people'][number]['state'];

/** Of one message: when it was written and came, and of one's own who has it by now (MSG2). Null when it is not stored here. */
export async function detailsOf(
  { store, room, me, people }: Pick<RoomContext, 'store' | 'room' | 'me' | 'people'>,
  mid: Mid,
  outbox: OutboxRow | undefined,
  receipts: ReadonlyMap<DeviceId, ReceiptRow>,
): Promise<MessageDetails | null> {
  const place = await store.get<{ table: 'messages'; key: string }>('mids', keys.mid(room, mid));
  const row = place && (await store.get<EntryRow>(place.table, place.key));
  if (!row) return null;
  const others = (row.to ?? []).filter(({ user }) => user !== me.user);
  return {
    writtenAt: row.at,
    orderedAt: row.order.ms,
    arrivedAt: row.device === me.device ? null : row.arrived,
    device: row.device,
    people: others.map((to) => ({ user: to.user, name: people.name(to.user), state: furthest(row.aseq, to, outbox, receipts) })),
  };
}

/** The best of a person's devices counts. */
function furthest(aseq: number, { devices }: Recipient, outbox: OutboxRow | undefined, receipts: ReadonlyMap<DeviceId, ReceiptRow>): State {
  const said = (device: DeviceId, how: 'delivered' | 'read') => {
    const receipt = receipts.get(device);
    return receipt !== undefined && aseq >= (receipt.from ?? 1) && aseq <= receipt[how];
  };
  if (devices.some((device) => said(device, 'read'))) return 'read';
  if (devices.some((device) => said(device, 'delivered'))) return 'delivered';
  if (devices.some((device) => outbox?.acknowledged.includes(device))) return 'direct';
  if (devices.some((device) => outbox?.held.includes(device))) return 'held';
  return 'waiting';
}
