import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Connection, framed } from './connection.ts';

describe('what is written to a connection', () => {
  let http: Server;
  let client: WebSocket;
  let connection: Connection;
  let heard: { data: Buffer; binary: boolean }[];

  beforeEach(async () => {
    heard = [];
    http = createServer();
    const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
    const arrived = new Promise<Connection>((resolve) =>
      http.on('upgrade', (request, wire, head) =>
        server.handleUpgrade(request, wire, head, (socket) => resolve(new Connection(socket, wire, 'here'))),
      ),
    );
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
    client.on('message', (data: Buffer, binary) => heard.push({ data, binary }));
    connection = await arrived;
    await new Promise((resolve) => (client.readyState === client.OPEN ? resolve(null) : client.once('open', resolve)));
  });
  afterEach(() => {
    client.terminate();
    http.close();
  });

  it('arrives whole and in order at every length that a header can have, among pings, and before the close', async () => {
    const payloads = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000].map((length) => Buffer.alloc(length, 'abcdefgh'[length % 8]));
    let pings = 0;
    client.on('ping', () => pings++);
    for (const [i, payload] of payloads.entries()) {
      connection.tellEncoded(framed(payload, i % 2 === 0));
      if (i % 3 === 0) connection.socket.ping();
    }
    const closed = new Promise<number>((resolve) => client.once('close', resolve));
    connection.bye('slow-down', 'enough');
    expect(await closed).toBe(1000);
    expect(heard.slice(0, -1)).toEqual(payloads.map((data, i) => ({ data, binary: i % 2 === 0 })));
    expect(JSON.parse(heard.at(-1)!.data.toString())).toMatchObject({ type: 'bye', code: 'slow-down' });
    expect(pings).toBe(3);
  });

  it('is nothing any more once it has said goodbye', async () => {
    const closed = new Promise((resolve) => client.once('close', resolve));
    connection.bye('slow-down', 'enough');
    connection.tellEncoded(framed(Buffer.from('late'), false));
    await closed;
    expect(heard.map(({ data }) => data.toString()).join('')).not.toContain('late');
  });
});
