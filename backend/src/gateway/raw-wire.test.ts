import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Client } from '../testing/client.ts';
import { World, type Person } from '../testing/world.ts';
import { DoorPolicy } from './door-policy.ts';

/* security.md "Bad input", below the frames: bytes no WebSocket library would send. Each connection ends; bob's goes on. */
let world: World;
let ann: Person;
let bob: Client;

beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
  bob = await world.connect(await world.person('bob'));
});
afterAll(() => world.close());

const head = (more = '', path = '/socket') =>
  `GET ${path} HTTP/1.1\r\nHost: chat.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`;

async function wire(request: string): Promise<{ socket: Socket; status: string; ended: Promise<Buffer> }> {
  const socket = connect(Number(new URL(world.origin).port), '127.0.0.1');
  socket.on('error', () => undefined); // a reset is one way to end it
  const chunks: Buffer[] = [];
  const ended = new Promise<Buffer>((resolve) => socket.once('close', () => resolve(Buffer.concat(chunks))));
  socket.write(request);
  const [first] = (await once(socket, 'data')) as [Buffer];
  chunks.push(first);
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { socket, status: first.toString('latin1').split(' ', 2)[1], ended };
}

/** A frame as the standard writes it, masked with zeros; nothing is checked. */
function frame(first: number, payload: Uint8Array, { masked = true, length = payload.length } = {}): Buffer {
  const size = length < 126 ? Buffer.from([length]) : Buffer.from([126, length >> 8, length & 255]);
  size[0] |= masked ? 0x80 : 0;
  return Buffer.concat([Buffer.from([first]), size, ...(masked ? [Buffer.alloc(4)] : []), payload]);
}

const text = (value: string) => new TextEncoder().encode(value);

async function bobGoesOn(): Promise<void> {
  bob.say({ type: 'ping' });
  await bob.next('pong');
}

/** The code of the close frame the server ended with. */
function closeCode(received: Buffer): number {
  const at = received.lastIndexOf(0x88);
  return received.readUInt16BE(at + 2);
}

describe('the wire', () => {
  it.each([
    ['bad UTF-8 in a text frame', frame(0x81, Uint8Array.of(0x22, 0xff, 0xfe, 0x22)), 1007],
    ['a surrogate written as UTF-8', frame(0x81, Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)), 1007],
    ['a reserved opcode', frame(0x83, text('x')), 1002],
    ['a reserved control opcode', frame(0x8b, text('x')), 1002],
    ['a reserved bit, as if compressed', frame(0xc1, text('{}')), 1002],
    ['an unmasked frame', frame(0x81, text('{}'), { masked: false }), 1002],
    ['a continuation of nothing', frame(0x80, text('x')), 1002],
    ['a fragmented ping', frame(0x09, text('x')), 1002],
    ['a ping that is too long', frame(0x89, new Uint8Array(200)), 1002],
    ['a message begun within a message', Buffer.concat([frame(0x01, text('{')), frame(0x01, text('}'))]), 1002],
    ['a close frame with one byte', frame(0x88, Uint8Array.of(3)), 1002],
    [
      'fragments without end',
      Buffer.concat([frame(0x01, text('"')), ...Array.from({ length: 70 }, () => frame(0x00, new Uint8Array(1000).fill(97)))]),
      1009,
    ],
    [
      'empty fragments without end',
      Buffer.concat([frame(0x01, text('"')), ...Array.from({ length: 40_000 }, () => frame(0x00, new Uint8Array(0)))]),
      1008,
    ],
    ['a length beyond every limit', Buffer.from([0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]), 1009],
  ])('ends a connection that sends %s', async (_, bytes, code) => {
    const { socket, status, ended } = await wire(head());
    expect(status).toBe('101');
    socket.write(bytes);
    expect(closeCode(await ended)).toBe(code);
    await bobGoesOn();
  });

  it.each([
    ['another path', head('', '/socket/x'), '404'],
    ['a path that is no path', head('', '//'), '404'],
    ['a path of one host too many', head('', 'http://:99999999/socket'), '404'],
    ['a foreign origin', head('Origin: https://evil.example\r\n'), '403'],
    ['an origin that only begins like ours', head('Origin: http://chat.test.evil.example\r\n'), '403'],
    ['the origin null of a sandbox', head('Origin: null\r\n'), '403'],
    ['an old version', head().replace('Version: 13', 'Version: 7'), '400'],
    ['no key', head().replace(/Sec-WebSocket-Key.*\r\n/, ''), '400'],
    ['another method', head().replace('GET', 'POST'), '405'],
    ['another upgrade', head().replace('Upgrade: websocket', 'Upgrade: h2c'), '400'],
  ])('refuses an upgrade with %s, and hangs up', async (_, request, status) => {
    const refused = await wire(request);
    expect(refused.status).toBe(status);
    await refused.ended;
    await bobGoesOn();
  });

  it('takes its own origin, and a message in fragments', async () => {
    const { socket, status } = await wire(head(`Origin: http://chat.test\r\n`));
    expect(status).toBe('101');
    const hello = JSON.stringify({ type: 'hello', version: 1, ticket: await world.ticket(ann), device: ann.keys.device });
    const parts = [hello.slice(0, 40), hello.slice(40, 80), hello.slice(80)].map(text);
    const answered = once(socket, 'data');
    socket.write(Buffer.concat([frame(0x01, parts[0]), frame(0x00, parts[1]), frame(0x80, parts[2])]));
    expect(((await answered) as [Buffer])[0].toString()).toContain('"welcome"');
    socket.destroy();
  });

  it('counts nobody who is gone', async () => {
    const policy = world.server.app.get(DoorPolicy);
    await vi.waitFor(() => expect(policy.open).toBe(1), 30_000);
  });
});
