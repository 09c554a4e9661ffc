import { WebSocket } from 'ws';
import { NodePerson } from '../../node-person.ts';
import { TestServer } from '../../server.ts';
import { freePort } from '../../lab/free-port.ts';

const answerMs = 5_000;
type Heard = { open: boolean; frames: { type: string; code?: string; text?: string }[] };

/** A socket by hand: says these frames as soon as it is open, and tells what came until it was closed or `enough`. */
function visit(server: TestServer, origin: string, frames: string[], enough: (heard: Heard) => boolean): Promise<Heard> {
  return new Promise((resolve) => {
    const heard: Heard = { open: false, frames: [] };
    const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/socket`, { origin });
    const end = () => {
      clearTimeout(timer);
      socket.terminate();
      resolve(heard);
    };
    const timer = setTimeout(end, answerMs);
    socket.on('error', end).on('close', end);
    socket.on('open', () => {
      heard.open = true;
      frames.forEach((frame) => socket.send(frame));
      if (enough(heard)) end();
    });
    socket.on('message', (data: Buffer, binary) => {
      if (!binary) heard.frames.push(JSON.parse(data.toString()) as Heard['frames'][number]);
      if (enough(heard)) end();
    });
  });
}

const heardOf = ({ frames }: Heard, type: string) => frames.find((frame) => frame.type === type);

/** Foreign origins stay outside, a ticket is good once, and what is nested too deep is not even parsed. */
export async function doors(): Promise<string[]> {
  const server = await TestServer.start();
  const ann = new NodePerson(server, 'ann');
  try {
    await ann.setUp('Lobby');
    const { device } = ann;
    const answer = await fetch(`${server.origin}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'ann', password: ann.password }),
    });
    const { accessToken } = (await answer.json()) as { accessToken: string };
    const ticket = async () => {
      const given = await fetch(`${server.origin}/api/auth/ticket`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
        body: JSON.stringify({ device }),
      });
      return ((await given.json()) as { ticket: string }).ticket;
    };
    const hello = async (again?: string) => JSON.stringify({ type: 'hello', version: 1, ticket: again ?? (await ticket()), device });
    const findings: string[] = [];

    const foreign = await visit(server, 'https://evil.example', [], ({ open }) => open);
    if (foreign.open) findings.push('origin: a page of another origin may open a socket');

    const first = await hello();
    if (!heardOf(await visit(server, server.origin, [first], (heard) => heardOf(heard, 'welcome') !== undefined), 'welcome'))
      findings.push('door: a good ticket is not welcome');
    const second = await visit(
      server,
      server.origin,
      [first],
      (heard) => heardOf(heard, 'welcome') !== undefined || heardOf(heard, 'bye') !== undefined,
    );
    if (heardOf(second, 'welcome')) findings.push('ticket: the same ticket is welcome twice');

    const deep = `{"type":"ping","deep":${'['.repeat(2_000)}${']'.repeat(2_000)}}`;
    const nested = await visit(server, server.origin, [await hello(), deep], (heard) => heardOf(heard, 'error') !== undefined);
    if (!heardOf(nested, 'error')?.text?.includes('nested'))
      findings.push('depth: 2,000 levels of JSON are parsed before they are refused');
    return findings;
  } finally {
    ann.stop();
    await server.stop();
  }
}

/** Whoever does not read is cut off before the server has kept much for it. */
export async function outboundCap(): Promise<string[]> {
  const { WebSocketServer } = await import('ws');
  const { Connection, framed } = await import('../../../backend/src/presence/connection.ts');
  const port = await freePort();
  const server = new WebSocketServer({ port, host: '127.0.0.1', perMessageDeflate: false });
  const arrived = new Promise<{ socket: WebSocket; wire: import('node:net').Socket }>((resolve) =>
    server.once('connection', (socket, request) => resolve({ socket, wire: request.socket })),
  );
  const reader = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  try {
    await new Promise((resolve) => reader.once('open', resolve));
    reader.pause();
    const { socket, wire } = await arrived;
    const connection = new Connection(socket, wire, '127.0.0.1');
    const frame = framed(Buffer.alloc(56 * 1024), true);
    let most = 0;
    for (let i = 0; i < 600; i++) {
      connection.tellEncoded(frame);
      if (i % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, socket.bufferedAmount);
    }
    return most > 5 * 1024 * 1024 ? [`outbound: ${Math.round(most / 1024 / 1024)} MiB are kept for somebody who does not read`] : [];
  } finally {
    reader.terminate();
    server.clients.forEach((client) => client.terminate());
    await new Promise((resolve) => server.close(resolve));
  }
}
