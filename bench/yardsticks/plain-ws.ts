import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';

/* The yardstick of yardsticks: `ws` alone. Rooms are sets, everything is sent on unbatched, tokens are checked with a KeyObject. */
const key = createSecretKey(Buffer.from(process.env['BENCH_SECRET']!, 'hex'));
const rooms = new Map<string, Set<WebSocket>>();
const names = new Map<string, WebSocket>();
const tickets = new Set<string>();

function holds(token: string): boolean {
  const at = token.lastIndexOf('.');
  const mac = createHmac('sha256', key).update(token.slice(0, at)).digest();
  const given = Buffer.from(token.slice(at + 1), 'base64url');
  return given.length === mac.length && timingSafeEqual(mac, given);
}

const http = createServer((request, response) => {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined || !holds(token)) return void response.writeHead(401).end();
  const ticket = randomBytes(24).toString('base64url');
  tickets.add(ticket);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ticket }));
});
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on('connection', (socket) => {
  let room = '';
  socket.on('message', (data: Buffer, binary) => {
    if (binary) {
      for (const other of rooms.get(room) ?? []) if (other !== socket) other.send(data, { binary: true });
      return;
    }
    const frame = JSON.parse(data.toString()) as { type: string; name: string; room: string; to: string; data: string; ticket: string };
    if (frame.type === 'signal') names.get(frame.to)?.send(JSON.stringify({ type: 'signal', data: frame.data }));
    else if (frame.type === 'hello') {
      if (!tickets.delete(frame.ticket)) return socket.close();
      socket.send('{"type":"welcome"}');
    } else if (frame.type === 'join') {
      room = frame.room;
      names.set(frame.name, socket);
      rooms.set(room, (rooms.get(room) ?? new Set()).add(socket));
      socket.send(JSON.stringify({ type: 'joined', room }));
    }
  });
  socket.on('close', () => rooms.get(room)?.delete(socket));
});
http.listen(Number(process.env['PORT']), '127.0.0.1', () => console.log('listening'));
