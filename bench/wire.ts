import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const OPEN_MS = 20_000;

/** Which frames are deliveries: all of this kind and size, in bytes. Whatever else a server says is none. */
export type Deliveries = { binary: boolean; from: number; to?: number };
const none: Deliveries = { binary: true, from: Number.POSITIVE_INFINITY };
type Tap = (payload: Buffer, binary: boolean) => void;

/**
 * A WebSocket client that does as little as possible: the load shares a core with nothing of the server's, but must not be what limits it.
 * Deliveries are only counted, and shown to `onDelivery` where somebody wants to see them.
 */
export class Wire {
  deliveries = 0;
  closed = false;
  onOther: Tap | null = null;
  onDelivery: Tap | null = null;
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of a delivery that are still to come. */
  #skip = 0;

  private constructor(
    readonly socket: Socket,
    private readonly counted: Deliveries,
  ) {
    socket.on('data', (chunk) => this.#read(chunk as Buffer));
    socket.on('close', () => (this.closed = true));
    socket.on('error', () => (this.closed = true));
  }

  static open(port: number, path: string, counted = none): Promise<Wire> {
    const { promise, resolve, reject } = Promise.withResolvers<Wire>();
    const socket = connect(port, '127.0.0.1');
    const timer = setTimeout(() => (socket.destroy(), reject(new Error(`no WebSocket at port ${port} within ${OPEN_MS} ms`))), OPEN_MS);
    socket.setNoDelay(true);
    socket.once('error', reject);
    const key = randomBytes(16).toString('base64');
    const headers = [`Host: 127.0.0.1:${port}`, 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Key: ${key}`];
    socket.write([`GET ${path} HTTP/1.1`, ...headers, 'Sec-WebSocket-Version: 13', '', ''].join('\r\n'));
    let answer = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      const end = answer.indexOf('\r\n\r\n');
      if (end < 0) return;
      clearTimeout(timer);
      socket.off('data', onData);
      if (!answer.toString('latin1').startsWith('HTTP/1.1 101')) return reject(new Error(answer.toString('latin1').split('\r\n', 1)[0]));
      const wire = new Wire(socket, counted);
      if (answer.length > end + 4) setImmediate(() => wire.#read(answer.subarray(end + 4)));
      resolve(wire);
    };
    socket.on('data', onData);
    return promise;
  }

  sendText(text: string): void {
    this.socket.write(frame(Buffer.from(text), 1));
  }
  sendBinary(payload: Uint8Array): void {
    this.socket.write(frame(payload, 2));
  }
  close(): void {
    this.socket.destroy();
  }

  /** The next other text frame that fits. */
  heard(fits: (text: string) => boolean, ms = 20_000): Promise<string> {
    return new Promise((resolve, reject) => {
      const before = this.onOther;
      const timer = setTimeout(() => ((this.onOther = before), reject(new Error('the server did not say it'))), ms);
      this.onOther = (payload, binary) => {
        before?.(payload, binary);
        const text = binary ? '' : payload.toString();
        if (binary || !fits(text)) return;
        clearTimeout(timer);
        this.onOther = before;
        resolve(text);
      };
    });
  }

  #read(chunk: Buffer): void {
    let data = chunk;
    if (this.#skip > 0) {
      if (data.length <= this.#skip) return void (this.#skip -= data.length);
      data = data.subarray(this.#skip);
      this.#skip = 0;
    }
    if (this.#rest.length > 0) data = Buffer.concat([this.#rest, data]);
    let at = 0;
    while (at < data.length) {
      const next = this.#frame(data, at);
      if (next < 0) break;
      at = next;
    }
    this.#rest = at < data.length ? Buffer.from(data.subarray(at)) : Buffer.alloc(0);
  }

  #counts(opcode: number, length: number): boolean {
    const { binary, from, to = Number.POSITIVE_INFINITY } = this.counted;
    return opcode === (binary ? 2 : 1) && length >= from && length <= to;
  }

  /** Where the next frame begins, or -1 when this one is not whole yet. */
  #frame(data: Buffer, at: number): number {
    if (data.length - at < 2) return -1;
    const short = data[at + 1]! & 127;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (data.length - at < header) return -1;
    const length = short < 126 ? short : short === 126 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2));
    const end = at + header + length;
    const opcode = data[at]! & 15;
    if (this.#counts(opcode, length)) {
      if (end > data.length && this.onDelivery) return -1;
      this.deliveries++;
      this.onDelivery?.(data.subarray(at + header, end), opcode === 2);
      if (end <= data.length) return end;
      this.#skip = end - data.length;
      return data.length;
    }
    if (end > data.length) return -1;
    if (opcode === 9) this.socket.write(frame(data.subarray(at + header, end), 10));
    else this.onOther?.(data.subarray(at + header, end), opcode === 2);
    return end;
  }
}

/** A masked frame, as clients must send. */
function frame(payload: Uint8Array, opcode: number): Buffer {
  const wide = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8;
  const out = Buffer.allocUnsafe(2 + wide + 4 + payload.length);
  out[0] = 0x80 | opcode;
  out[1] = 0x80 | (wide === 0 ? payload.length : wide === 2 ? 126 : 127);
  if (wide === 2) out.writeUInt16BE(payload.length, 2);
  if (wide === 8) out.writeBigUInt64BE(BigInt(payload.length), 2);
  const mask = 2 + wide;
  out.writeUInt32BE((Math.random() * 0xffffffff) >>> 0, mask);
  for (let i = 0; i < payload.length; i++) out[mask + 4 + i] = payload[i]! ^ out[mask + (i & 3)]!;
  return out;
}
