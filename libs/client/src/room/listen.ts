import type { ErrorCode, RoomId, ServerFrame } from '../../../protocol/src/index.ts';
import type { Agreement } from './agreement.ts';
import type { Attendance } from './attendance.ts';
import type { RoomContext } from './context.ts';
import type { Group } from './group.ts';
import type { HouseRules } from './house-rules.ts';
import type { Inbox } from './inbox.ts';
import type { Outbox } from './outbox.ts';
import type { Typing } from './typing.ts';

type Parts = {
  group: Group;
  inbox: Inbox;
  outbox: Outbox;
  attendance: Attendance;
  agreement: Agreement;
  rules: HouseRules;
  typing: Typing;
  /** Called or set otherwise, or another role of one's own. */
  changed: (frame: Extract<ServerFrame, { type: 'changed' }>) => Promise<void>;
  /** Members came, went, or have other roles. */
  members: () => Promise<void>;
  joined: (frame: Extract<ServerFrame, { type: 'joined' }>) => Promise<void>;
  drained: () => void;
  /** Others have come or gone. */
  present: () => Promise<void>;
  /** The relay refused what was no entry of ours. */
  asideRefused: () => void;
  names: () => Promise<void>;
  show: () => void;
  showRoster: () => void;
};

/** Aside refusals after which the same may be said at a later epoch. */
const worthAgain: ReadonlySet<ErrorCode> = new Set(['stale-epoch', 'removal-pending', 'not-a-leaf']);

/** What a room hears of, each event as one step of its queue. Returns the way to stop. */
export function listen(ctx: RoomContext, parts: Parts): () => void {
  const { socket, delivery, people, mesh, room } = ctx;
  const { group, inbox, outbox, attendance } = parts;
  const mine =
    <T extends { room: RoomId }>(then: (event: T) => Promise<void>) =>
    (event: T) =>
      event.room === room && ctx.soon(() => then(event));
  const stops = [
    socket.on(
      'joined',
      mine(async (frame) => {
        await attendance.joined(frame);
        await parts.joined(frame);
        await parts.rules.joined(frame);
        await group.joined(frame.group);
        if (!group.strayed) outbox.again.offerAgain();
        await parts.rules.settle();
        parts.show();
        socket.send({ type: 'drain', room, after: 0 });
      }),
    ),
    socket.on(
      'presence',
      mine(async (frame) => {
        attendance.presence(frame);
        await parts.present();
        parts.show();
      }),
    ),
    socket.on(
      'members',
      mine(async (frame) => {
        await attendance.members(frame);
        await parts.members();
        parts.show();
      }),
    ),
    socket.on(
      'changed',
      mine(async (frame) => {
        await parts.changed(frame);
        parts.show();
      }),
    ),
    // An act on the whole site is obeyed in every room.
    socket.on('moderated', (frame) => (frame.room === null || frame.room === room) && ctx.soon(() => parts.rules.moderated(frame))),
    socket.on(
      'group',
      mine((frame) => group.told(frame.group)),
    ),
    socket.on(
      'committed',
      mine((frame) => group.committed(frame)),
    ),
    socket.on(
      'drained',
      mine(async ({ more, upTo }) => {
        if (more) return void socket.send({ type: 'drain', room, after: upTo });
        group.drained();
        parts.drained();
      }),
    ),
    socket.on('closed', () => ctx.soon(async () => parts.show())),
    delivery.on(
      'arrived',
      mine((arrival) => inbox.receive(arrival)),
    ),
    // These two name no room: most are not ours, and cost one look.
    delivery.on('acknowledged', ({ eid, devices }) => outbox.rows.in(eid) && ctx.soon(() => outbox.acknowledged(eid, devices))),
    delivery.on('held', ({ eid, devices }) => outbox.rows.in(eid) && ctx.soon(() => outbox.held(eid, devices))),
    delivery.on(
      'refused',
      mine(async ({ eid, devices, code }) => {
        if (!(await outbox.refused(eid, devices, code)) && worthAgain.has(code)) parts.asideRefused();
      }),
    ),
    mesh.on('changed', () => {
      parts.agreement.linksChanged();
      parts.rules.linksChanged();
      parts.showRoster();
    }),
    mesh.on('told', ({ from, body }) => ctx.soon(() => parts.agreement.hear(from, body))),
    mesh.on('told', ({ from, body }) => ctx.soon(() => parts.rules.hear(from, body))),
    mesh.on('told', ({ from, body }) => parts.typing.hear(from, body)),
    people.changed.subscribe(() => ctx.soon(() => parts.names().then(() => parts.show()))),
  ];
  return () => stops.forEach((stop) => stop());
}
