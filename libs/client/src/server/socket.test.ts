import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConclaveError, encodeRelayed, timing } from '../../../protocol/src/index.ts';
import { ServerSocket } from './socket.ts';

const device = '00000000-0000-4000-8000-00000000000a';
const welcome = { type: 'welcome', version: 1, user: device, device, incarnation: 'i', time: 1, rooms: [] };

/** A WebSocket that the story opens, feeds and closes. */
class FakeWebSocket {
  static all: FakeWebSocket[] = [];
  readyState = 0;
  bufferedAmount = 0;
  binaryType = 'blob';
  closed = false;
  readonly sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  constructor(readonly url: string) {
    FakeWebSocket.all.push(this);
  }
  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }
  close(): void {
    this.closed = true;
    this.readyState = 3;
  }
  opens(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  says(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === 'string' || frame instanceof ArrayBuffer ? frame : JSON.stringify(frame) });
  }
  drops(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

describe('the socket to the server', () => {
  let ticket: () => Promise<unknown>;
  let ended: number;
  let socket: ServerSocket;
  const latest = () => FakeWebSocket.all.at(-1)!;
  const connect = async () => {
    await vi.advanceTimersByTimeAsync(0);
    latest().opens();
    latest().says(welcome);
  };

  beforeEach(() => {
    vi.useFakeTimers();
    FakeWebSocket.all = [];
    ended = 0;
    ticket = async () => ({ ticket: 't1', expiresAt: 1 });
    const rest = { origin: 'https://chat.example', as: () => ticket(), onSessionEnded: () => void ended++ };
    socket = new ServerSocket(rest as never, (url) => new FakeWebSocket(url) as never);
    socket.start(device);
  });
  afterEach(() => {
    socket.stop();
    expect(vi.getTimerCount()).toBe(0); // nothing runs on after stop
    vi.useRealTimers();
  });

  it('says who it is with a fresh ticket, and is online with the welcome, not before', async () => {
    await vi.advanceTimersByTimeAsync(0);
    expect(latest().url).toBe('wss://chat.example/socket');
    latest().opens();
    expect(latest().sent).toEqual([{ type: 'hello', version: 1, ticket: 't1', device }]);
    expect(socket.send({ type: 'ping' })).toBe(false);
    latest().says(welcome);
    expect(socket.online).toBe(true);
    expect(socket.send({ type: 'ping' })).toBe(true);
  });

  it('is not brought down by rubbish, and passes what is well-formed', async () => {
    await connect();
    const heard: string[] = [];
    socket.on('pong', () => heard.push('pong'));
    socket.on('envelope', ({ author }) => heard.push(author));
    for (const rubbish of ['{', 'null', '7', '{"type":"news"}', '{"type":"toString"}', '{"type":"pong"}', new ArrayBuffer(3)])
      latest().says(rubbish);
    expect(heard).toEqual([]);
    latest().says({ type: 'pong', time: 1 });
    latest().says(encodeRelayed({ room: device, author: device, at: 1, ciphertext: new Uint8Array([1]) }).buffer);
    expect(heard).toEqual(['pong', device]);
    expect(socket.online).toBe(true);
  });

  it('comes back by itself, telling once that it was lost', async () => {
    await connect();
    const closed = vi.fn();
    socket.on('closed', closed);
    latest().drops();
    expect(closed).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(600); // the first wait is half a second at most
    expect(FakeWebSocket.all).toHaveLength(2);
    await connect();
    expect(socket.online).toBe(true);
  });

  it('stays away when the session was ended, and says so', async () => {
    await connect();
    latest().says({ type: 'bye', code: 'session-ended', text: '' });
    latest().drops();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(ended).toBe(1);
    expect(FakeWebSocket.all).toHaveLength(1);
  });

  it('comes back no earlier than a full server asks', async () => {
    await connect();
    latest().says({ type: 'bye', code: 'server-full', text: '', retryAfterMs: 60_000 });
    latest().drops();
    expect(socket.state.value).toMatchObject({ state: 'waiting', reason: 'server-full' });
    await vi.advanceTimersByTimeAsync(59_000);
    expect(FakeWebSocket.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(FakeWebSocket.all).toHaveLength(2);
  });

  it('takes silence beyond two heartbeats for loss, but not a socket that answers', async () => {
    await connect();
    for (let i = 0; i < 4; i++) {
      await vi.advanceTimersByTimeAsync(timing.socketHeartbeatMs);
      latest().says({ type: 'pong', time: 1 });
    }
    expect(socket.online).toBe(true);
    await vi.advanceTimersByTimeAsync(3 * timing.socketHeartbeatMs);
    expect(socket.online).toBe(false);
  });

  it('gives up a connection that is never welcomed, and tries another', async () => {
    await vi.advanceTimersByTimeAsync(0);
    latest().opens();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(FakeWebSocket.all[0]!.closed).toBe(true);
    expect(FakeWebSocket.all.length).toBeGreaterThan(1);
  });

  it('backs off up to 6 s while the server is away', async () => {
    socket.stop();
    let asked = 0;
    ticket = async () => {
      asked++;
      throw new ConclaveError('unavailable', '');
    };
    socket.start(device);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked).toBeGreaterThan(600 / 6 - 1);
    expect(asked).toBeLessThan(600);
  });

  it('tells those who listen when a person’s retry replaces a silent connection', async () => {
    await connect();
    const closed = vi.fn();
    socket.on('closed', closed);
    socket.retry();
    expect(closed).not.toHaveBeenCalled(); // heard of just now
    await vi.advanceTimersByTimeAsync(6_000);
    socket.retry();
    expect(closed).toHaveBeenCalledOnce();
  });

  it('does not trust a socket of a network that has changed, though it was heard of just now (MESH10)', async () => {
    await connect();
    const old = latest();
    socket.retry('changed');
    expect(old.closed).toBe(true);
    await connect();
    expect([latest() === old, socket.online]).toEqual([false, true]);
  });
});
