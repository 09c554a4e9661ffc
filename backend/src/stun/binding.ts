import { isIPv6 } from 'node:net';

/*
 * The Binding method of STUN (RFC 8489), and nothing else of it: what a server needs to tell a client how it looks from outside.
 * An answer holds XOR-MAPPED-ADDRESS only, or which attributes are not understood; it is at most 24 bytes longer than the request.
 */
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const BINDING_ERROR = 0x0111;
const MAGIC_COOKIE = 0x2112_a442;
const XOR_MAPPED_ADDRESS = 0x0020;
const ERROR_CODE = 0x0009;
const UNKNOWN_ATTRIBUTES = 0x000a;
const HEADER = 20;
const requestMax = 548;
/** Below this an attribute must be understood (RFC 8489 14). These are, in that they change nothing in the answer. */
const optionalFrom = 0x8000;
const understood: ReadonlySet<number> = new Set([0x0006, 0x0008, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e]);
const unknownMax = 4;

/** The answer to a datagram, or null when it is no Binding request: whatever else comes is met with silence. */
export function answerBinding(datagram: Buffer, address: string, port: number): Buffer | null {
  if (datagram.length < HEADER || datagram.length > requestMax || datagram.length % 4 !== 0) return null;
  if (datagram.readUInt16BE(0) !== BINDING_REQUEST || datagram.readUInt32BE(4) !== MAGIC_COOKIE) return null;
  if (datagram.readUInt16BE(2) !== datagram.length - HEADER) return null;
  const unknown = unknownAttributes(datagram);
  if (!unknown) return null;
  const transaction = datagram.subarray(4, HEADER);
  if (unknown.length > 0) return message(BINDING_ERROR, transaction, [errorCode(420), unknownList(unknown)]);
  return message(BINDING_SUCCESS, transaction, [xorMapped(transaction, address, port)]);
}

/** Null when the attributes do not add up. */
function unknownAttributes(datagram: Buffer): number[] | null {
  const unknown: number[] = [];
  let at = HEADER;
  while (at < datagram.length) {
    const type = datagram.readUInt16BE(at);
    at += 4 + Math.ceil(datagram.readUInt16BE(at + 2) / 4) * 4;
    if (type < optionalFrom && !understood.has(type) && unknown.length < unknownMax) unknown.push(type);
  }
  return at === datagram.length ? unknown : null;
}

function message(type: number, transaction: Buffer, attributes: Buffer[]): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(
    attributes.reduce((sum, { length }) => sum + length, 0),
    2,
  );
  return Buffer.concat([head, transaction, ...attributes]);
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

/** The transaction begins with the magic cookie: an IPv4 address takes the cookie alone, an IPv6 address all of it (RFC 8489 14.2). */
function xorMapped(transaction: Buffer, address: string, port: number): Buffer {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  const bytes = isIPv6(plain) ? ipv6Bytes(plain) : plain.split('.').map(Number);
  const value = Buffer.from([0, isIPv6(plain) ? 2 : 1, 0, 0, ...bytes.map((byte, i) => byte ^ transaction[i]!)]);
  value.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
  return attribute(XOR_MAPPED_ADDRESS, value);
}

function ipv6Bytes(address: string): number[] {
  const [left = '', right = ''] = address.split('%')[0]!.split('::');
  const groups = (text: string) => (text ? text.split(':').map((group) => Number.parseInt(group, 16)) : []);
  const [before, after] = [groups(left), groups(right)];
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
  return all.flatMap((group) => [group >> 8, group & 255]);
}

function errorCode(code: number): Buffer {
  return attribute(ERROR_CODE, Buffer.from([0, 0, Math.floor(code / 100), code % 100]));
}

function unknownList(types: number[]): Buffer {
  return attribute(UNKNOWN_ATTRIBUTES, Buffer.from(types.flatMap((type) => [type >> 8, type & 255])));
}
