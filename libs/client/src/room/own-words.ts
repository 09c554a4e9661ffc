import type { Roster } from '../sealing/sealer.ts';
import type { MessageState } from '../views/message.ts';
import type { TimelineItem } from '../views/timeline.ts';
import type { Branches } from './branches.ts';
import type { RoomContext } from './context.ts';
import type { Outbox } from './outbox.ts';
import type { EntryRow } from './rows.ts';
import { stateOf } from './timeline.ts';
import { waitingItems } from './waiting.ts';

/** How far one's own words have come (MSG2), said in the room or in a private conversation shown in it. */
export class OwnWords {
  constructor(
    private readonly ctx: RoomContext,
    private readonly outbox: Outbox,
    private readonly branches: Branches,
    private readonly roster: () => Roster | null,
  ) {}

  stateOf(row: EntryRow): MessageState | null {
    if (row.private) return this.branches.stateOf(row);
    const roster = this.roster();
    const leaves = roster && new Set(roster.leaves.map(({ device }) => device));
    const { me, socket, delivery } = this.ctx;
    const outgoing = this.outbox.rows.of(row.mid);
    const state = stateOf(row, outgoing, this.outbox.reached.receipts, me.user, socket.online, (device) => leaves?.has(device) ?? true);
    if (state.state === 'waiting' && this.outbox.again.asks(row.mid)) return { state: 'waiting', why: 'audience-grew' };
    const stuck = state.state === 'waiting' && state.why === 'sending' && !delivery.mayLeaveFor(outgoing?.remaining ?? []);
    return stuck ? { state: 'waiting', why: 'no-relay' } : state;
  }

  /** What has no place in the order yet. */
  waiting(): TimelineItem[] {
    const { me, socket, people } = this.ctx;
    const author = { user: me.user, device: me.device, name: people.name(me.user) };
    return [...waitingItems(this.outbox.rows.all, author, this.outbox.blocked, socket.online), ...this.branches.waiting()];
  }
}
