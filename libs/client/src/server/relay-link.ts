import { ConclaveError, encodeSubmission, type DeviceId, type Eid, type RoomId, type ServerFrame } from '../../../protocol/src/index.ts';
import type { Envelope, Link, LinkEvents } from '../delivery/link.ts';
import { Emitter } from '../emitter.ts';
import type { ServerSocket } from './socket.ts';

type Pending = { envelope: Envelope; recipients: Set<DeviceId>; n: number | null };
type Lane = { next: number; queue: Pending[]; resumeTimer: ReturnType<typeof setTimeout> | null };

/** Submissions of one room under way at once: enough to fill a round trip, few enough to repeat. */
const window = 32;
const ackDelayMs = 50;
const bufferedMax = 1_000_000;
/** With the socket's buffer full, so long until the lanes look again. */
const chokedMs = 200;

/**
 * Link over the server's socket (delivery.md D3, D4). Each room is a lane: submissions are numbered from 1 on every connection and go
 * out in the order they came. A refusal makes the server refuse whatever follows until it is resubmitted or skipped, so the lane stops
 * there, mends, and goes on.
 */
export class RelayLink extends Emitter<LinkEvents> implements Link {
  readonly #lanes = new Map<RoomId, Lane>();
  readonly #acks = new Map<RoomId, { eids: Eid[]; commits: number[] }>();
  #ackTimer: ReturnType<typeof setTimeout> | null = null;
  #chokeTimer: ReturnType<typeof setTimeout> | null = null;
  readonly #joined = new Set<RoomId>();

  constructor(private readonly socket: ServerSocket) {
    super();
    socket.on('welcome', () => this.#disconnected()); // a connection replaced without a close begins anew, too
    socket.on('closed', () => this.#disconnected());
    socket.on('joined', ({ room }) => this.#roomJoined(room));
    socket.on('held', (frame) => this.#held(frame));
    socket.on('refused', (frame) => this.#refused(frame));
    socket.on('envelope', ({ room, author, ciphertext }) =>
      this.emit('arrived', { room, ciphertext, via: 'relay', from: author, acknowledge: (eid) => this.#batch(room).eids.push(eid) }),
    );
  }

  reaches(): boolean {
    return this.socket.online;
  }

  carry(envelope: Envelope, recipients: DeviceId[]): void {
    const lane = this.#lane(envelope.room);
    const known = lane.queue.find((pending) => pending.envelope.eid === envelope.eid && pending.n === null);
    if (known) recipients.forEach((device) => known.recipients.add(device));
    else lane.queue.push({ envelope, recipients: new Set(recipients), n: null });
    this.#pump(envelope.room, lane);
  }

  release(eid: Eid): void {
    for (const lane of this.#lanes.values())
      lane.queue = lane.queue.filter((pending) => pending.envelope.eid !== eid || pending.n !== null);
  }

  /** A commit of the log was persisted, at this position. */
  acknowledgeCommit(room: RoomId, pos: number): void {
    this.#batch(room).commits.push(pos);
  }

  #batch(room: RoomId): { eids: Eid[]; commits: number[] } {
    const batch = this.#acks.get(room) ?? { eids: [], commits: [] };
    this.#acks.set(room, batch);
    this.#ackTimer ??= setTimeout(() => this.#flushAcks(), ackDelayMs);
    return batch;
  }

  #flushAcks(): void {
    this.#ackTimer = null;
    for (const [room, { eids, commits }] of this.#acks) {
      this.#acks.delete(room);
      // Lost with the connection is harmless: the server hands over again, and what is known is acknowledged silently (D2).
      for (let i = 0; i < Math.max(eids.length, commits.length); i += 200)
        this.socket.send({ type: 'acknowledge', room, eids: eids.slice(i, i + 200), commits: commits.slice(i, i + 200) });
    }
  }

  #lane(room: RoomId): Lane {
    const lane = this.#lanes.get(room) ?? { next: 1, queue: [], resumeTimer: null };
    this.#lanes.set(room, lane);
    return lane;
  }

  #pump(room: RoomId, lane: Lane): void {
    if (!this.#joined.has(room) || lane.resumeTimer) return;
    let underWay = lane.queue.filter((pending) => pending.n !== null).length;
    for (const pending of lane.queue) {
      if (pending.n !== null) continue;
      if (underWay >= window) return;
      if (this.socket.buffered > bufferedMax) return this.#choked();
      const n = lane.next;
      if (!this.socket.sendBinary(this.#frame(pending, n))) return;
      pending.n = n;
      lane.next++;
      underWay++;
    }
  }

  /** The buffer may be full of other rooms' bytes: no answer of this one would wake its lane again. */
  #choked(): void {
    this.#chokeTimer ??= setTimeout(() => {
      this.#chokeTimer = null;
      for (const [room, lane] of this.#lanes) this.#pump(room, lane);
    }, chokedMs);
  }

  #frame({ envelope, recipients }: Pending, n: number): Uint8Array<ArrayBuffer> {
    return encodeSubmission({ n, room: envelope.room, recipients: [...recipients], ciphertext: envelope.ciphertext });
  }

  #held({ room, n }: Extract<ServerFrame, { type: 'held' }>): void {
    const lane = this.#lane(room);
    const pending = lane.queue.find((candidate) => candidate.n === n);
    if (!pending) return;
    lane.queue.splice(lane.queue.indexOf(pending), 1);
    this.emit('held', { eid: pending.envelope.eid, devices: [...pending.recipients] });
    this.#pump(room, lane);
  }

  #refused({ room, n, code, epoch, retryAfterMs }: Extract<ServerFrame, { type: 'refused' }>): void {
    const lane = this.#lane(room);
    const pending = lane.queue.find((candidate) => candidate.n === n);
    if (!pending) return;
    if (code === 'resubmit') return; // it follows the refused one and is sent again with it
    if (new ConclaveError(code, '').shouldRetry()) {
      this.#renumber(lane, n - 1); // at once: an earlier one may be refused, too, before this one goes again
      lane.resumeTimer ??= setTimeout(() => this.#resume(room, lane), retryAfterMs ?? 1_000);
      return;
    }
    lane.queue.splice(lane.queue.indexOf(pending), 1);
    this.socket.send({ type: 'skip', room, n });
    this.#renumber(lane, n);
    this.emit('refused', {
      eid: pending.envelope.eid,
      room,
      devices: [...pending.recipients],
      code,
      ...(epoch === undefined ? {} : { epoch }),
    });
    this.#pump(room, lane);
  }

  /** After a refusal that passes by itself: from there on everything goes out again, under the same numbers. */
  #resume(room: RoomId, lane: Lane): void {
    lane.resumeTimer = null;
    this.#pump(room, lane);
  }

  /** Everything numbered above `n` was refused with it: number it anew from there. */
  #renumber(lane: Lane, n: number): void {
    for (const pending of lane.queue) if (pending.n !== null && pending.n > n) pending.n = null;
    lane.next = n + 1;
  }

  #roomJoined(room: RoomId): void {
    this.#joined.add(room);
    this.#pump(room, this.#lane(room));
    this.emit('changed', null);
  }

  /** Numbers are per connection; whatever had no answer goes again, and the server knows it by its eid. */
  #disconnected(): void {
    this.#joined.clear();
    this.#acks.clear();
    if (this.#chokeTimer) clearTimeout(this.#chokeTimer);
    this.#chokeTimer = null;
    for (const lane of this.#lanes.values()) {
      if (lane.resumeTimer) clearTimeout(lane.resumeTimer);
      lane.resumeTimer = null;
      lane.next = 1;
      for (const pending of lane.queue) pending.n = null;
    }
    this.emit('changed', null);
  }
}
