import type { WebSocket } from 'ws';
import {
  decodeRelayed,
  type ClientFrame,
  type RelayedEnvelope,
  type ServerFrame,
  type ServerFrameType,
} from '../../../libs/protocol/src/index.ts';

type Frame<T extends ServerFrameType> = Extract<ServerFrame, { type: T }>;
const LONGEST_MS = 30_000; // a slow machine has long been done

/** A socket that remembers what it was told. */
export class Client {
  readonly frames: ServerFrame[] = [];
  readonly envelopes: RelayedEnvelope[] = [];
  readonly closed: Promise<number>;
  readonly opened: Promise<void>;
  #wake: (() => void)[] = [];

  constructor(readonly socket: WebSocket) {
    this.opened = new Promise((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', reject);
    });
    this.opened.catch(() => undefined);
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('message', (data: Buffer, binary) => {
      if (binary) this.envelopes.push(decodeRelayed(new Uint8Array(data)));
      else this.frames.push(JSON.parse(data.toString()) as ServerFrame);
      this.#wake.splice(0).forEach((wake) => wake());
    });
  }

  say(frame: ClientFrame): void {
    this.socket.send(JSON.stringify(frame));
  }

  raw(data: string | Uint8Array, binary = false): void {
    this.socket.send(data, { binary });
  }

  /** The next frame of this type; it is taken out. */
  async next<T extends ServerFrameType>(type: T, matching: (frame: Frame<T>) => boolean = () => true): Promise<Frame<T>> {
    return this.until(`a ${type} frame`, () => {
      const at = this.frames.findIndex((frame) => frame.type === type && matching(frame as Frame<T>));
      return at < 0 ? undefined : (this.frames.splice(at, 1)[0] as Frame<T>);
    });
  }

  async until<T>(what: string, look: () => T | undefined): Promise<T> {
    const deadline = Date.now() + LONGEST_MS;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${what} did not come; had ${JSON.stringify(this.frames).slice(0, 500)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake.push(() => (clearTimeout(timer), resolve()));
      });
    }
  }

  close(): void {
    this.socket.close();
  }
}
