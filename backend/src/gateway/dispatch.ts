import { Injectable } from '@nestjs/common';
import { ConclaveError, type ClientFrame, type ClientFrameType, type RoomId, type ServerFrame } from '../../../libs/protocol/src/index.ts';
import { FreshReads } from '../database/fresh-reads.ts';
import { GroupStatuses } from '../groups/group-status.service.ts';
import { GroupStore } from '../groups/group-store.ts';
import { DirectSums } from '../housekeeping/sums.service.ts';
import { Standing } from '../moderation/standing.service.ts';
import { encodeWith, type Connection } from '../presence/connection.ts';
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

type Joined = Extract<ServerFrame, { type: 'joined' }>;

/** What everybody who joins a room is told alike: who belongs to it, what moderators decided, its group and its log. */
@Injectable()
export class RoomOutlook {
  readonly #reads = new FreshReads((room: RoomId) => this.#read(room));

  constructor(
    private readonly rooms: Rooms,
    private readonly standing: Standing,
    private readonly store: GroupStore,
    private readonly statuses: GroupStatuses,
  ) {}

  /** As it is after this was asked for; many who come at once share what is read. */
  of(room: RoomId): Promise<Pick<Joined, 'acts' | 'group' | 'head'> & { members: string }> {
    return this.#reads.of(room);
  }

  async #read(room: RoomId) {
    const members = JSON.stringify(await this.rooms.members(room));
    return { members, acts: await this.standing.acts(room), group: await this.statuses.of(room), head: await this.store.head(room) };
  }
}

/** Joins a room for live delivery, and tells how it stands. */
@Injectable()
export class RoomEntry {
  constructor(
    private readonly rooms: Rooms,
    private readonly directory: Directory,
    private readonly presence: Presence,
    private readonly outlook: RoomOutlook,
    private readonly standing: Standing,
  ) {}

  async join(connection: Connection, room: RoomId): Promise<void> {
    const { user } = connection.speaker!;
    await this.rooms.ofMember(room, user);
    if (connection.closed) return;
    this.presence.join(connection, room);
    try {
      const row = await this.rooms.ofMember(room, user);
      const certificate = await this.standing.certificate(room, user);
      const { members, ...outlook } = await this.outlook.of(room);
      const joined: Omit<Joined, 'members'> = {
        type: 'joined',
        room,
        summary: this.directory.summary(row),
        settings: settingsOf(row),
        certificate,
        online: this.presence.online(room, user),
        ...outlook,
      };
      connection.tellEncoded(encodeWith(joined, 'members', members));
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
