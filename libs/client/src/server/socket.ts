import {
  ConclaveError,
  decodeRelayed,
  limits,
  serverFrames,
  Ticket,
  timing,
  type ClientFrame,
  type DeviceId,
  type RelayedEnvelope,
  type ServerFrame,
  type ServerFrameType,
} from '../../../protocol/src/index.ts';
import { backoff } from '../backoff.ts';
import { MutableCell, type Cell } from '../cell.ts';
import { Emitter } from '../emitter.ts';
import type { ConnectionView } from '../views/session.ts';
import type { RestClient } from './rest-client.ts';

type FrameEvents = { [T in ServerFrameType]: Extract<ServerFrame, { type: T }> };
type Events = FrameEvents & { envelope: RelayedEnvelope; closed: null };

/** Makes a WebSocket; Node and browsers share the interface. */
export type SocketFactory = (url: string) => WebSocket;

/** Whoever comes back 10 s after the server at the latest has what was said meanwhile: the longest wait leaves time for that. */
const policy = { baseMs: 500, capMs: 6_000, floorMs: 100 };
const connectTimeoutMs = 10_000;

/**
 * The one socket to the server. Opens with a fresh ticket, says who it is, and comes back with jittered back-off whenever it is lost:
 * each `welcome` is a new beginning for whoever listens. A socket can look alive for long after the network is gone, so silence beyond
 * two heartbeats counts as loss.
 */
export class ServerSocket extends Emitter<Events> {
  readonly #state = new MutableCell<ConnectionView>({ state: 'connecting', since: Date.now() });
  #socket: WebSocket | null = null;
  #device: DeviceId | null = null;
  #attempt = 0;
  #lastHeard = 0;
  #lost = Date.now();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #heartbeat: ReturnType<typeof setInterval> | null = null;
  #round = 0;

  constructor(
    private readonly rest: RestClient,
    private readonly open: SocketFactory,
  ) {
    super();
  }

  get state(): Cell<ConnectionView> {
    return this.#state;
  }
  get online(): boolean {
    return this.#state.value.state === 'online';
  }

  start(device: DeviceId): void {
    this.stop();
    this.#device = device;
    this.#lost = Date.now();
    void this.#connect();
  }

  stop(): void {
    this.#device = null;
    this.#drop();
  }

  /** Leaves the server on purpose: nothing is tried until `start`. */
  leave(): void {
    const wasOnline = this.online;
    this.stop();
    this.#state.set({ state: 'private' });
    if (wasOnline) this.emit('closed', null);
  }

  /**
   * Tries now: the person asked, the page is seen again, the network came back. A socket heard of just now is left alone, unless the
   * network has changed: then it belongs to an address that is gone, and would look alive for a minute.
   */
  retry(network: 'same' | 'changed' = 'same'): void {
    if (!this.#device) return;
    const wasOnline = this.online;
    if (wasOnline && network === 'same' && Date.now() - this.#lastHeard < 5_000) return;
    this.#attempt = 0;
    if (wasOnline) this.#lost = Date.now();
    this.#drop();
    if (wasOnline) this.emit('closed', null);
    void this.#connect();
  }

  /** False when there is no open socket: the caller keeps what it wanted to send. */
  send(frame: ClientFrame): boolean {
    return this.#write(JSON.stringify(frame));
  }
  sendBinary(frame: Uint8Array<ArrayBuffer>): boolean {
    return this.#write(frame);
  }
  /** Bytes accepted but not yet on the way. */
  get buffered(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  #write(data: string | Uint8Array<ArrayBuffer>): boolean {
    if (!this.online || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(data);
    return true;
  }

  async #connect(): Promise<void> {
    const round = ++this.#round;
    this.#state.set({ state: 'connecting', since: this.#lost });
    try {
      const { ticket } = await this.rest.as('POST', '/api/auth/ticket', Ticket, { json: { device: this.#device } });
      if (round !== this.#round || !this.#device) return;
      const socket = this.open(`${this.rest.origin.replace(/^http/, 'ws')}/socket`);
      socket.binaryType = 'arraybuffer';
      this.#socket = socket;
      socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', version: limits.protocolVersion, ticket, device: this.#device }));
      socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => this.#hear(event.data);
      socket.onclose = () => socket === this.#socket && this.#closed();
      this.#timer = setTimeout(() => this.#closed(), connectTimeoutMs);
    } catch (error) {
      if (round !== this.#round) return;
      if (error instanceof ConclaveError && (error.code === 'unauthenticated' || error.code === 'session-ended')) return this.#drop();
      this.#wait(error instanceof ConclaveError ? error : null);
    }
  }

  #hear(data: string | ArrayBuffer): void {
    this.#lastHeard = Date.now();
    try {
      if (typeof data !== 'string') return this.emit('envelope', decodeRelayed(new Uint8Array(data)));
      const frame = parseFrame(data);
      if (!frame) return;
      if (frame.type === 'welcome') this.#welcomed();
      else if (frame.type === 'bye') this.#bye = frame;
      this.emit(frame.type, frame);
    } catch (error) {
      // A server that speaks nonsense must not take the client down with it; the frame is worth nothing.
      if (!(error instanceof RangeError) && !(error instanceof SyntaxError)) throw error;
    }
  }

  #bye: FrameEvents['bye'] | null = null;

  #welcomed(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    this.#attempt = 0;
    this.#bye = null;
    this.#state.set({ state: 'online' });
    this.#heartbeat = setInterval(() => this.#beat(), timing.socketHeartbeatMs);
  }

  #beat(): void {
    if (Date.now() - this.#lastHeard > 2 * timing.socketHeartbeatMs) this.#closed();
    else this.send({ type: 'ping' });
  }

  #closed(): void {
    const wasOnline = this.online;
    const bye = this.#bye;
    if (wasOnline) this.#lost = Date.now();
    this.#drop();
    if (wasOnline) this.emit('closed', null);
    if (bye?.code === 'session-ended') {
      this.rest.onSessionEnded();
      return;
    }
    if (this.#device) this.#wait(bye ? new ConclaveError(bye.code, bye.text, bye.retryAfterMs) : null);
  }

  #wait(error: ConclaveError | null): void {
    const wait = Math.max(backoff(this.#attempt++, policy), error?.retryAfterMs ?? 0);
    const reason = error?.code === 'server-full' ? 'server-full' : error?.code === 'not-ready' ? 'restarting' : 'unreachable';
    // Short first tries are shown as connecting, so that a blip is not an alarm.
    this.#state.set(
      wait < 2_000
        ? { state: 'connecting', since: this.#lost }
        : { state: 'waiting', since: this.#lost, retryAt: Date.now() + wait, reason },
    );
    this.#timer = setTimeout(() => void this.#connect(), wait);
  }

  #drop(): void {
    this.#round++;
    this.#bye = null;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    this.#timer = this.#heartbeat = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    if (this.online) this.#state.set({ state: 'connecting', since: this.#lost });
  }
}

function parseFrame(data: string): ServerFrame | null {
  const raw = JSON.parse(data) as { type?: unknown };
  if (typeof raw?.type !== 'string' || !Object.hasOwn(serverFrames, raw.type)) return null; // a newer server may say more
  const result = serverFrames[raw.type as ServerFrameType].safeParse(raw);
  return result.success ? result.data : null;
}
