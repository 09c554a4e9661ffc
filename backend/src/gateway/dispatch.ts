import { Injectable } from '@nestjs/common';
import { ConclaveError, type ClientFrame, type ClientFrameType, type RoomId } from '../../../libs/protocol/src/index.ts';
import { GroupStatuses } from '../groups/group-status.service.ts';
import { GroupStore } from '../groups/group-store.ts';
import type { Connection } from '../presence/connection.ts';
import { Presence } from '../presence/presence.service.ts';
import { Acknowledgements } from '../relay/acknowledgements.service.ts';
import { Expiry } from '../relay/expiry.service.ts';
import { Handover } from '../relay/handover.service.ts';
import { skip } from '../relay/lanes.ts';
import { Directory } from '../rooms/directory.service.ts';
import { Rooms } from '../rooms/rooms.service.ts';
import { Signals } from '../signaling/signals.service.ts';

type Handlers = { [T in ClientFrameType]: (connection: Connection, frame: Extract<ClientFrame, { type: T }>) => Promise<void> | void };

/** Joins a room for live delivery, and tells how it stands. */
@Injectable()
export class RoomEntry {
  constructor(
    private readonly rooms: Rooms,
    private readonly directory: Directory,
    private readonly presence: Presence,
    private readonly groups: GroupStore,
    private readonly statuses: GroupStatuses,
  ) {}

  async join(connection: Connection, room: RoomId): Promise<void> {
    const { user } = connection.speaker!;
    await this.rooms.ofMember(room, user);
    if (connection.closed) return;
    this.presence.join(connection, room);
    try {
      const row = await this.rooms.ofMember(room, user);
      const [members, group, head] = [await this.rooms.members(room), await this.statuses.of(room), await this.groups.head(room)];
      connection.tell({
        type: 'joined',
        room,
        summary: this.directory.summary(row),
        members,
        online: this.presence.online(room),
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

  constructor(entry: RoomEntry, directory: Directory, signals: Signals, { acknowledgements, handover, expiry }: Keeping) {
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
      acknowledgeExpired: (connection, { notices }) => expiry.acknowledge(connection.speaker!.user, notices),
    };
  }

  async serve(connection: Connection, frame: ClientFrame): Promise<void> {
    const handler = this.#handlers[frame.type] as (connection: Connection, frame: ClientFrame) => Promise<void> | void;
    await handler(connection, frame);
  }
}
