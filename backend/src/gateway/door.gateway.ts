import { Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';
import type { RawData } from 'ws';
import { ConclaveError, decodeSubmission, limits, timing } from '../../../libs/protocol/src/index.ts';
import { Connection } from '../presence/connection.ts';
import { Aftermath } from './aftermath.service.ts';
import { Relay } from '../relay/relay.service.ts';
import { Dispatch } from './dispatch.ts';
import { DoorPolicy } from './door-policy.ts';
import { Entrance } from './entrance.service.ts';
import { readFrame } from './frames.ts';
import type { Arrival } from './ws.adapter.ts';

const BAD_FRAMES = 10;
const FRAMES_WAITING = 256;
const FULL_RETRY_MS = 30_000;
const HELLO_REFUSED = 1008;
const CLOSE_GRACE_MS = 1_000;

/** What a visitor is on the way to a speaker and after. */
type Visit = {
  connection: Connection;
  chain: Promise<void>;
  waiting: number;
  bad: number;
  stage: 'new' | 'in';
  settled: boolean;
};

@WebSocketGateway()
export class Door implements OnGatewayConnection<Arrival> {
  readonly #logger = new Logger(Door.name);

  constructor(
    private readonly policy: DoorPolicy,
    private readonly entrance: Entrance,
    private readonly dispatch: Dispatch,
    private readonly relay: Relay,
    private readonly after: Aftermath,
  ) {}

  handleConnection({ socket, wire, address }: Arrival): void {
    const connection = new Connection(socket, wire, address);
    const visit: Visit = { connection, chain: Promise.resolve(), waiting: 0, bad: 0, stage: 'new', settled: false };
    // Malformed WebSocket frames: ws says so with its close code; who does not answer that is cut.
    socket.on('error', () => setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref());
    socket.on('pong', () => (connection.lastHeard = Date.now()));
    if (this.policy.isFull) {
      this.#settle(visit);
      return connection.bye('server-full', 'this server has as many connections as it takes', FULL_RETRY_MS, 1013);
    }
    const tooLate = setTimeout(() => connection.bye('bad-ticket', 'no ticket came in time', undefined, HELLO_REFUSED), timing.helloMs);
    const heartbeat = setInterval(() => beat(connection), timing.socketHeartbeatMs);
    socket.on('message', (data, binary) => this.#hear(visit, data, binary, () => clearTimeout(tooLate)));
    socket.once('close', () => {
      clearTimeout(tooLate);
      clearInterval(heartbeat);
      this.#settle(visit);
      this.after.left(connection);
    });
  }

  /** Frames of one connection are served one after the other (delivery.md D4): concurrent handlers would reorder a sender's messages. */
  #hear(visit: Visit, data: RawData, binary: boolean, entered: () => void): void {
    const { connection } = visit;
    if (connection.closed) return;
    connection.lastHeard = Date.now();
    // Before the ticket one frame is all that is held for a stranger.
    if (++visit.waiting >= (visit.stage === 'in' ? FRAMES_WAITING : 1)) connection.socket.pause();
    visit.chain = visit.chain
      .then(() => this.#serve(visit, asBuffer(data), binary, entered))
      .catch((error: unknown) => this.#fail(visit, error))
      .finally(() => {
        if (--visit.waiting <= FRAMES_WAITING / 2 && connection.socket.isPaused) connection.socket.resume();
      });
  }

  async #serve(visit: Visit, data: Buffer, binary: boolean, entered: () => void): Promise<void> {
    const { connection } = visit;
    if (connection.closed) return;
    if (visit.stage !== 'in') return this.#enter(visit, data, binary, entered);
    if (binary) return this.relay.accept(connection, submission(data));
    const frame = readFrame(data.toString('utf8'));
    // Signals have a budget of their own, and are refused; everything else may wait: so nothing is lost.
    const wait = frame.type === 'signal' ? 0 : connection.commands.take();
    if (wait > 0) await sleep(wait);
    await this.dispatch.serve(connection, frame);
  }

  async #enter(visit: Visit, data: Buffer, binary: boolean, entered: () => void): Promise<void> {
    const { connection } = visit;
    try {
      if (data.length > limits.frameBeforeTicket)
        throw new ConclaveError('too-large', `the first frame has at most ${limits.frameBeforeTicket} bytes`);
      const frame = binary ? null : readFrame(data.toString('utf8'));
      if (frame?.type !== 'hello') throw new ConclaveError('bad-ticket', 'the first frame must be hello, with a ticket');
      await this.entrance.enter(connection, frame);
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      connection.tell({ type: 'error', code: error.code, text: error.message });
      return connection.bye(error.code, error.message, error.retryAfterMs, HELLO_REFUSED);
    }
    visit.stage = 'in';
    entered();
    this.#settle(visit);
    await this.after.entered(connection);
  }

  /** Every bad frame is answered; too many of them close the connection. What is thrown here ends no one else's. */
  #fail(visit: Visit, error: unknown): void {
    const { connection } = visit;
    if (!(error instanceof ConclaveError)) {
      this.#logger.error(error);
      connection.tell({ type: 'error', code: 'internal', text: 'something went wrong here; it was logged' });
      if (visit.stage !== 'in') connection.bye('internal', 'something went wrong here; it was logged', 1_000, 1011);
      return;
    }
    const { code, message: text, retryAfterMs } = error;
    connection.tell({ type: 'error', code, text, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
    if (code === 'bad-frame' && ++visit.bad >= BAD_FRAMES)
      connection.bye('bad-frame', 'too many malformed frames', undefined, HELLO_REFUSED);
  }

  #settle(visit: Visit): void {
    if (visit.settled) return;
    visit.settled = true;
    this.policy.settled(visit.connection.address);
  }
}

function submission(data: Buffer) {
  try {
    return decodeSubmission(data);
  } catch (error) {
    if (error instanceof RangeError) throw new ConclaveError('bad-frame', error.message);
    throw error;
  }
}

function beat(connection: Connection): void {
  if (Date.now() - connection.lastHeard > timing.sessionGoneMs) connection.socket.terminate();
  else if (!connection.closed) connection.socket.ping();
}

function asBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
