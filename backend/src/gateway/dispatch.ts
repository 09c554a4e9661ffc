import { Injectable } from '@nestjs/common';
import { ConclaveError, type ClientFrame, type ClientFrameType, type RoomId } from '../../../libs/protocol/src/index.ts';
import { GroupStatuses } from '../groups/group-status.service.ts';
import { GroupStore } from '../groups/group-store.ts';
import { DirectSums } from '../housekeeping/sums.service.ts';
import { Standing } from '../moderation/standing.service.ts';
import type { Connection } from '../presence/connection.ts';
import { Presence } from '../presence/presence.service.ts';
import { Acknowledgements } from '../relay/acknowledgements.service.ts';
import { Expiry } from '../relay/expiry.service.ts';
import { Handover } from '../relay/handover.service.ts';
import { skip } from '../relay/lanes.ts';
import { Directory } from '../rooms/directory.service.ts';
import { settingsOf } from '../rooms/room-row.ts';
import { Rooms } from '../rooms/rooms.service.ts';
import { Signals } from '../signaling/signals.service.ts';

type Handlers = { [T in ClientFrameType]: (connection: Connection, frame: Extract<ClientFrame, { type: T }>) => Promise<void> | void };

/** A room's group and log, as they stand. */
@Injectable()
export class GroupView {
  constructor(
    private readonly store: GroupStore,
    private readonly statuses: GroupStatuses,
  ) {}

  async of(room: RoomId) {
    return { group: await this.statuses.of(room), head: await this.store.head(room) };
  }
}

/** Joins a room for live delivery, and tells how it stands. */
@Injectable()
export class RoomEntry {
  constructor(
    private readonly rooms: Rooms,
    private readonly directory: Directory,
    private readonly presence: Presence,
    private readonly groups: GroupView,
    private readonly standing: Standing,
  ) {}

  async join(connection: Connection, room: RoomId): Promise<void> {
    const { user } = connection.speaker!;
    await this.rooms.ofMember(room, user);
    if (connection.closed) return;
    this.presence.join(connection, room);
    try {
      const row = await this.rooms.ofMember(room, user);
      const [members, standing, { group, head }] = [
        await this.rooms.members(room),
        await this.standing.of(room, user),
        await this.groups.of(room),
      ];
      connection.tell({
        type: 'joined',
        room,
        summary: this.directory.summary(row),
        settings: settingsOf(row),
        members,
        ...standing,
        online: this.presence.online(room, user),
        group,
        head,
      });
    } catch (error) {
      this.presence.leave(connection, room);
      throw error;
    }
  }
}

/** What devices keep and what they were not able to keep. */
@Injectable()
export class Keeping {
  constructor(
    readonly acknowledgements: Acknowledgements,
    readonly handover: Handover,
    readonly expiry: Expiry,
  ) {}
}

/** One handler for each frame there is: one that is missing does not compile. */
@Injectable()
export class Dispatch {
  readonly #handlers: Handlers;

  // One more than five: each frame there is.
  constructor(
    entry: RoomEntry,
    directory: Directory,
    signals: Signals,
    { acknowledgements, handover, expiry }: Keeping,
    figures: DirectSums,
    presence: Presence,
  ) {
    this.#handlers = {
      hello: () => {
        throw new ConclaveError('bad-frame', 'hello was said before');
      },
      ping: (connection) => connection.tell({ type: 'pong', time: Date.now() }),
      join: (connection, { room }) => entry.join(connection, room),
      drain: (connection, { room, after }) => handover.drain(connection, room, after),
      acknowledge: (connection, { room, eids, commits }) => {
        // Only what was sent to this device is found by it: what is not, is ignored.
        acknowledgements.add(room, connection.speaker!.device, eids, commits);
      },
      skip: (connection, { room, n }) => skip(connection, room, n),
      signal: (connection, { room, to, data }) => signals.pass(connection, room, to, data),
      watch: (connection, frame) => directory.watch(connection, frame.directory),
      status: (connection, { idle }) => {
        const wait = connection.idleness.take();
        if (wait > 0) throw new ConclaveError('slow-down', 'away and back too often: say so once it lasts', wait);
        presence.setIdle(connection, idle);
      },
      sums: (connection, frame) => figures.hear(connection, frame),
      acknowledgeExpired: (connection, { notices }) => expiry.acknowledge(connection.speaker!.user, notices),
    };
  }

  async serve(connection: Connection, frame: ClientFrame): Promise<void> {
    const handler = this.#handlers[frame.type] as (connection: Connection, frame: ClientFrame) => Promise<void> | void;
    await handler(connection, frame);
  }
}
