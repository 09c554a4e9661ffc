import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/* As much of a TURN client (RFC 8656) as it takes to ask for an allocation and for permissions, over UDP. */
const COOKIE = 0x2112a442;
const ALLOCATE = 0x0003;
const CREATE_PERMISSION = 0x0008;
const USERNAME = 0x0006;
const INTEGRITY = 0x0008;
const ERROR_CODE = 0x0009;
const PEER = 0x0012;
const REALM = 0x0014;
const NONCE = 0x0015;
const FAMILY = 0x0017;
const TRANSPORT = 0x0019;
const SUCCESS = 0x0100;
const ANSWER_MS = 5_000;

type Attribute = [type: number, value: Buffer];
type Answer = { type: number; attributes: Map<number, Buffer> };

export class TurnClient {
  readonly #socket: Socket = createSocket('udp4');
  readonly #port: number;
  readonly #username: string;
  readonly #password: string;
  #realm: Buffer = Buffer.alloc(0);
  #nonce: Buffer = Buffer.alloc(0);

  constructor(port: number, username: string, password: string) {
    this.#port = port;
    this.#username = username;
    this.#password = password;
  }

  /** The error code of an allocation for this address family, 0 when it was granted. */
  async allocate(family: 4 | 6): Promise<number> {
    const wanted: Attribute[] = [
      [TRANSPORT, Buffer.from([17, 0, 0, 0])],
      [FAMILY, Buffer.from([family === 4 ? 1 : 2, 0, 0, 0])],
    ];
    const challenge = await this.#ask(ALLOCATE, wanted);
    this.#realm = challenge.attributes.get(REALM)!;
    this.#nonce = challenge.attributes.get(NONCE)!;
    return codeOf(await this.#ask(ALLOCATE, [...wanted, ...this.#credentials()]));
  }

  /** The error code of a permission for this peer, 0 when it was granted. Nothing is sent to the peer. */
  async permit(peer: string): Promise<number> {
    const id = randomBytes(12);
    return codeOf(await this.#ask(CREATE_PERMISSION, [[PEER, xorAddress(peer, id)], ...this.#credentials()], id));
  }

  close(): void {
    this.#socket.close();
  }

  #credentials(): Attribute[] {
    return [
      [USERNAME, Buffer.from(this.#username)],
      [REALM, this.#realm],
      [NONCE, this.#nonce],
    ];
  }

  #ask(method: number, attributes: Attribute[], id = randomBytes(12)): Promise<Answer> {
    const isSigned = attributes.some(([type]) => type === USERNAME);
    const message = isSigned ? this.#signed(method, attributes, id) : encode(method, attributes, id, 0);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('coturn does not answer')), ANSWER_MS);
      this.#socket.once('message', (data) => {
        clearTimeout(timer);
        resolve(decode(data));
      });
      this.#socket.send(message, this.#port, '127.0.0.1');
    });
  }

  #signed(method: number, attributes: Attribute[], id: Buffer): Buffer {
    const key = createHash('md5').update(`${this.#username}:${this.#realm.toString()}:${this.#password}`).digest();
    const body = encode(method, attributes, id, 24);
    const mac = createHmac('sha1', key).update(body).digest();
    return Buffer.concat([body, attribute([INTEGRITY, mac])]);
  }
}

function encode(method: number, attributes: Attribute[], id: Buffer, more: number): Buffer {
  const body = Buffer.concat(attributes.map(attribute));
  const head = Buffer.alloc(20);
  head.writeUInt16BE(method, 0);
  head.writeUInt16BE(body.length + more, 2);
  head.writeUInt32BE(COOKIE, 4);
  id.copy(head, 8);
  return Buffer.concat([head, body]);
}

function attribute([type, value]: Attribute): Buffer {
  const out = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  out.writeUInt16BE(type, 0);
  out.writeUInt16BE(value.length, 2);
  value.copy(out, 4);
  return out;
}

function decode(data: Buffer): Answer {
  const attributes = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= data.length;) {
    const length = data.readUInt16BE(at + 2);
    attributes.set(data.readUInt16BE(at), data.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return { type: data.readUInt16BE(0), attributes };
}

function codeOf({ type, attributes }: Answer): number {
  if ((type & 0x0110) === SUCCESS) return 0;
  const error = attributes.get(ERROR_CODE)!;
  return error[2]! * 100 + error[3]!;
}

/** XOR-PEER-ADDRESS: the address, blurred with cookie and transaction id so that no middlebox rewrites it. */
function xorAddress(address: string, id: Buffer): Buffer {
  const mask = Buffer.alloc(16);
  mask.writeUInt32BE(COOKIE, 0);
  id.copy(mask, 4);
  const bytes = isIPv6(address) ? bytesOfIPv6(address) : Buffer.from(address.split('.').map(Number));
  const out = Buffer.alloc(4 + bytes.length);
  out[1] = bytes.length === 4 ? 1 : 2;
  out.writeUInt16BE(9_999 ^ (COOKIE >>> 16), 2);
  bytes.forEach((byte, i) => (out[4 + i] = byte ^ mask[i]!));
  return out;
}

function bytesOfIPv6(address: string): Buffer {
  const [left = '', right] = address.split('::');
  const groups = (text: string | undefined) => (text ? text.split(':').map((group) => Number.parseInt(group, 16)) : []);
  const [head, tail] = [groups(left), groups(right)];
  const words = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
  const out = Buffer.alloc(16);
  words.forEach((word, i) => out.writeUInt16BE(word, 2 * i));
  return out;
}
