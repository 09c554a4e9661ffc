import { Injectable } from '@nestjs/common';
import { ConclaveError, limits, type ClientFrame } from '../../../libs/protocol/src/index.ts';
import { Tickets } from '../auth/tickets.service.ts';
import { Database } from '../database/database.ts';
import type { Connection } from '../presence/connection.ts';
import { Presence } from '../presence/presence.service.ts';
import { Rooms } from '../rooms/rooms.service.ts';
import { Statuses } from '../users/statuses.service.ts';

type Hello = Extract<ClientFrame, { type: 'hello' }>;

const PER_USER = 8;

/** From a ticket to a speaker. */
@Injectable()
export class Entrance {
  constructor(
    private readonly database: Database,
    private readonly tickets: Tickets,
    private readonly presence: Presence,
    private readonly rooms: Rooms,
    private readonly statuses: Statuses,
  ) {}

  /** Throws ConclaveError: the connection is then told and closed. */
  async enter(connection: Connection, { version, ticket, device }: Hello): Promise<void> {
    if (version !== limits.protocolVersion)
      throw new ConclaveError('bad-request', `this server speaks version ${limits.protocolVersion}: reload the page`);
    const { user, session } = await this.tickets.enter(ticket, device);
    const rooms = await this.rooms.mine(user);
    const status = await this.statuses.of(user);
    if (this.presence.socketsOf(user) >= PER_USER) throw new ConclaveError('slow-down', `at most ${PER_USER} connections a person`, 30_000);
    if (connection.closed) return;
    connection.speaker = { user, device, session };
    connection.status = status;
    this.presence.admit(connection);
    // The session may have ended while its ticket was looked at, when nobody knew yet of this socket.
    if (!(await this.tickets.isLive(session))) {
      this.presence.dismiss(connection);
      throw new ConclaveError('session-ended', 'you were signed out');
    }
    const { incarnation } = this.database;
    connection.tell({ type: 'welcome', version, user, device, incarnation, time: Date.now(), rooms });
    connection.tell({ type: 'status', ...connection.status });
  }
}
