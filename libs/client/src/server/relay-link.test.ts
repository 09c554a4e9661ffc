import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeSubmission, type ClientFrame, type ErrorCode, type ServerFrame } from '../../../protocol/src/index.ts';
import { Emitter } from '../emitter.ts';
import { RelayLink } from './relay-link.ts';

const room = '00000000-0000-4000-8000-000000000001';
const elsewhere = '00000000-0000-4000-8000-000000000002';
const bob = '00000000-0000-4000-8000-00000000000b';
const cy = '00000000-0000-4000-8000-00000000000c';
const envelope = (byte: number, of = room) => ({ room: of, eid: `e${byte}`, ciphertext: new Uint8Array([byte]) });

/** Takes frames and remembers them; says what the story says. No server behind it. */
class FakeSocket extends Emitter<Record<string, never>> {
  online = true;
  buffered = 0;
  readonly frames: ClientFrame[] = [];
  readonly submissions: ReturnType<typeof decodeSubmission>[] = [];
  send(frame: ClientFrame): boolean {
    if (this.online) this.frames.push(frame);
    return this.online;
  }
  sendBinary(frame: Uint8Array): boolean {
    if (this.online) this.submissions.push(decodeSubmission(frame));
    return this.online;
  }
  hears(frame: ServerFrame | { type: 'closed' } | Record<string, unknown>): void {
    this.emit(frame['type'] as string, frame as never);
  }
  connect(...rooms: string[]): void {
    this.online = true;
    this.hears({ type: 'welcome' });
    for (const each of rooms) this.hears({ type: 'joined', room: each });
  }
  lose(): void {
    this.online = false;
    this.hears({ type: 'closed' });
  }
  /** Numbers and first bytes of what was submitted since. */
  sent(of = room): [n: number, byte: number][] {
    const list = this.submissions
      .filter((submission) => submission.room === of)
      .map(({ n, ciphertext }): [number, number] => [n, ciphertext[0]!]);
    this.submissions.length = 0;
    return list;
  }
}

describe('the relay link (delivery.md D3, D4)', () => {
  let socket: FakeSocket;
  let link: RelayLink;
  const refuse = (n: number, code: ErrorCode, retryAfterMs?: number) =>
    socket.hears({ type: 'refused', room, n, code, text: '', ...(retryAfterMs ? { retryAfterMs } : {}) });

  beforeEach(() => {
    vi.useFakeTimers();
    socket = new FakeSocket();
    link = new RelayLink(socket as never);
    socket.connect(room);
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const carry = (...bytes: number[]) => bytes.forEach((byte) => link.carry(envelope(byte), [bob]));

  it('numbers each room’s submissions from 1, in the order they came', () => {
    socket.hears({ type: 'joined', room: elsewhere });
    carry(1, 2);
    link.carry(envelope(9, elsewhere), [bob]);
    expect(socket.submissions.filter(({ room: of }) => of === elsewhere).map(({ n }) => n)).toEqual([1]);
    expect(socket.sent()).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('waits with a room until it has been joined', () => {
    link.carry(envelope(9, elsewhere), [bob]);
    expect(socket.sent(elsewhere)).toEqual([]);
    socket.hears({ type: 'joined', room: elsewhere });
    expect(socket.sent(elsewhere)).toEqual([[1, 9]]);
  });

  it('has at most 32 of a room under way, and sends the next when one is held', () => {
    carry(...Array.from({ length: 40 }, (_, i) => i + 1));
    expect(socket.sent()).toHaveLength(32);
    socket.hears({ type: 'held', room, n: 1, eid: 'e1', pos: 1 });
    expect(socket.sent()).toEqual([[33, 33]]);
  });

  it('tells for whom it is held, once', () => {
    const held = vi.fn();
    link.on('held', held);
    link.carry(envelope(1), [bob, cy]);
    socket.hears({ type: 'held', room, n: 1, eid: 'e1', pos: 1 });
    socket.hears({ type: 'held', room, n: 1, eid: 'e1', pos: 1 });
    expect(held).toHaveBeenCalledExactlyOnceWith({ eid: 'e1', devices: [bob, cy] });
  });

  it('skips what is refused for good, and sends what followed under new numbers', () => {
    const refused = vi.fn();
    link.on('refused', refused);
    carry(1, 2, 3);
    socket.sent();
    refuse(1, 'stale-epoch');
    expect(socket.frames).toEqual([{ type: 'skip', room, n: 1 }]);
    expect(socket.sent()).toEqual([
      [2, 2],
      [3, 3],
    ]);
    refuse(2, 'resubmit'); // the server's word on the first time these went
    refuse(3, 'resubmit');
    expect(socket.sent()).toEqual([]);
    expect(refused).toHaveBeenCalledExactlyOnceWith({ eid: 'e1', room, devices: [bob], code: 'stale-epoch' });
  });

  it.each(['slow-down', 'unavailable', 'internal', 'not-ready'] as const)('waits after %s, then goes on under the same numbers', (code) => {
    const refused = vi.fn();
    link.on('refused', refused);
    carry(1, 2);
    socket.sent();
    refuse(1, code, 5_000);
    carry(3);
    vi.advanceTimersByTime(4_900);
    expect(socket.sent()).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(socket.sent()).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(refused).not.toHaveBeenCalled();
  });

  it('goes back to the earliest of several refusals, whichever is heard first', () => {
    carry(1, 2, 3);
    socket.sent();
    refuse(3, 'slow-down', 500);
    refuse(1, 'unavailable', 1_000);
    refuse(3, 'resubmit');
    vi.advanceTimersByTime(1_000);
    expect(socket.sent()).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  it('leaves no number out when an earlier one is refused for good while a later one waits to go again', () => {
    carry(1, 2, 3);
    socket.sent();
    refuse(3, 'slow-down', 500);
    refuse(1, 'stale-epoch');
    expect([socket.frames, socket.sent()]).toEqual([[{ type: 'skip', room, n: 1 }], []]);
    vi.advanceTimersByTime(500);
    expect(socket.sent()).toEqual([
      [2, 2],
      [3, 3],
    ]);
  });

  it('sends again on the next connection what had no answer, numbered from 1, and not what had', () => {
    carry(1, 2, 3);
    socket.hears({ type: 'held', room, n: 1, eid: 'e1', pos: 1 });
    socket.lose();
    socket.sent();
    carry(4);
    socket.connect(room);
    expect(socket.sent()).toEqual([
      [1, 2],
      [2, 3],
      [3, 4],
    ]);
  });

  it('forgets what needs no carrying any more before it has left', () => {
    socket.lose();
    carry(1, 2);
    link.release('e1');
    socket.connect(room);
    expect(socket.sent()).toEqual([[1, 2]]);
  });

  it('adds recipients to what has not left yet instead of sending it twice', () => {
    socket.lose();
    carry(1);
    link.carry(envelope(1), [cy]);
    socket.connect(room);
    expect(socket.submissions.map(({ recipients }) => recipients)).toEqual([[bob, cy]]);
  });

  it('strands no lane behind a full buffer that other rooms filled', () => {
    socket.buffered = 2_000_000;
    carry(1);
    expect(socket.sent()).toEqual([]);
    socket.buffered = 0;
    vi.advanceTimersByTime(1_000);
    expect(socket.sent()).toEqual([[1, 1]]);
  });

  it('acknowledges in batches of at most 200, envelopes and commits together', () => {
    link.on('arrived', ({ ciphertext, acknowledge }) => acknowledge(`e${ciphertext[0]! + 256 * ciphertext[1]!}`));
    for (let i = 0; i < 450; i++)
      socket.hears({ type: 'envelope', room, author: bob, at: 1, ciphertext: new Uint8Array([i % 256, i >> 8]) });
    link.acknowledgeCommit(room, 7);
    expect(socket.frames).toEqual([]);
    vi.advanceTimersByTime(100);
    const acks = socket.frames.filter((frame) => frame.type === 'acknowledge');
    expect(acks.map(({ eids, commits }) => [eids.length, commits.length])).toEqual([
      [200, 1],
      [200, 0],
      [50, 0],
    ]);
    expect(new Set(acks.flatMap(({ eids }) => eids)).size).toBe(450);
  });

  it('leaves no timer behind when the connection is lost', () => {
    carry(1);
    refuse(1, 'slow-down', 60_000);
    socket.buffered = 2_000_000;
    socket.lose();
    expect(vi.getTimerCount()).toBe(0);
  });
});
