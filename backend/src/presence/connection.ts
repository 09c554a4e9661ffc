import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { DeviceId, ErrorCode, OwnStatus, RoomId, ServerFrame, UserId } from '../../../libs/protocol/src/index.ts';
import { Budget } from './budget.ts';

/** Who speaks on a socket, since its ticket was accepted. */
export type Speaker = { user: UserId; device: DeviceId; session: string };
/** A frame exactly as it is on the wire, with its WebSocket header: made once, sent to many in one piece. */
export type Encoded = { bytes: Buffer };

const LAGGING = 1024 * 1024;
const HOPELESS = 4 * LAGGING;
const STALLED_MS = 10_000;
const CLOSE_GRACE_MS = 2_000;

export const encode = (frame: ServerFrame): Encoded => framed(Buffer.from(JSON.stringify(frame)), false);

/** With one field more, whose JSON was made before: what is large, and the same for many, is written once. */
export const encodeWith = (frame: object, field: string, json: string): Encoded =>
  framed(Buffer.from(`${JSON.stringify(frame).slice(0, -1)},"${field}":${json}}`), false);

/** As servers send it: whole, not masked, not compressed (RFC 6455, 5.2). */
export function framed(payload: Uint8Array, binary: boolean): Encoded {
  const { length } = payload;
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const bytes = Buffer.allocUnsafe(header + length);
  bytes[0] = 0x80 | (binary ? 2 : 1);
  bytes[1] = header === 2 ? length : header === 4 ? 126 : 127;
  if (header === 4) bytes.writeUInt16BE(length, 2);
  if (header === 10) bytes.writeBigUInt64BE(BigInt(length), 2);
  bytes.set(payload, header);
  return { bytes };
}

/**
 * One socket. What is said to it within a tick leaves in one write: the system call is the price of a broadcast. Written past `ws`, which
 * would send the header of each frame as a piece of its own; its own frames, pings and the close, go the same way in order.
 */
export class Connection {
  speaker: Speaker | null = null;
  /** Rooms joined for live delivery; taken away in the same tick as the membership. */
  readonly rooms = new Set<RoomId>();
  watchesDirectory = false;
  /** What its owner chose; and whether nobody touches the device. */
  status: OwnStatus = { status: 'online', text: '', until: null };
  idle = false;
  readonly idleness = new Budget(0.2, 10);
  readonly envelopes = new Budget(20, 60);
  readonly signals = new Budget(20, 40);
  /** Joining, draining, acknowledging, watching. */
  readonly commands = new Budget(100, 300);
  lastHeard = Date.now();
  #outbox: Encoded[] = [];
  #queued = 0;
  #lagging: NodeJS.Timeout | null = null;
  #closing = false;

  constructor(
    readonly socket: WebSocket,
    readonly wire: Duplex,
    readonly address: string,
  ) {}

  get closed(): boolean {
    return this.#closing || this.socket.readyState !== this.socket.OPEN;
  }

  tell(frame: ServerFrame): void {
    this.tellEncoded(encode(frame));
  }

  tellEncoded(encoded: Encoded): void {
    if (this.closed || this.#lagging) return;
    this.#outbox.push(encoded);
    this.#queued += encoded.bytes.length;
    const waiting = this.#queued + this.socket.bufferedAmount;
    if (waiting > HOPELESS) return this.socket.terminate();
    if (waiting > LAGGING) return this.#lag();
    if (this.#outbox.length === 1) setImmediate(() => this.#flush());
  }

  /** Says why, then closes. Nothing else is sent or heard from here on. */
  bye(code: ErrorCode, text: string, retryAfterMs?: number, closeCode = 1000): void {
    if (this.closed) return;
    this.tell({ type: 'bye', code, text, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
    this.#flush();
    this.#closing = true;
    this.socket.close(closeCode);
    setTimeout(() => this.socket.terminate(), CLOSE_GRACE_MS).unref();
  }

  #flush(): void {
    const frames = this.#outbox;
    this.#outbox = [];
    this.#queued = 0;
    if (this.closed || frames.length === 0) return;
    this.wire.cork();
    for (const { bytes } of frames) this.wire.write(bytes);
    this.wire.uncork();
  }

  /** Reads too slowly: nothing more is queued. Once it has caught up it must come again and drain; if it never does, it is cut. */
  #lag(): void {
    this.#flush();
    const since = Date.now();
    this.#lagging = setInterval(() => {
      if (this.closed || Date.now() - since > STALLED_MS) this.#stopLagging(() => this.socket.terminate());
      else if (this.socket.bufferedAmount === 0) {
        this.#stopLagging(() => this.bye('slow-down', 'this connection did not keep up: connect again and drain', 0, 1013));
      }
    }, 250);
    this.#lagging.unref();
  }

  #stopLagging(then: () => void): void {
    clearInterval(this.#lagging!);
    this.#lagging = null;
    then();
  }
}
