import type { INestApplicationContext, WebSocketAdapter } from '@nestjs/common';
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { EMPTY } from 'rxjs';
import { WebSocketServer, type WebSocket } from 'ws';
import { limits } from '../../../libs/protocol/src/index.ts';
import type { DoorPolicy } from './door-policy.ts';

export const SOCKET_PATH = '/socket';

/** A socket together with what its upgrade request told. */
export type Arrival = { socket: WebSocket; wire: Duplex; address: string };
type Serve = (arrival: Arrival) => void;

/** Nest's gateway over plain `ws`: no compression, no list of clients, frames bounded, the origin checked before the upgrade. */
export class PlainWsAdapter implements WebSocketAdapter<WebSocketServer, Arrival> {
  readonly #http: HttpServer;
  readonly #policy: DoorPolicy;
  #serve: Serve | null = null;

  constructor(app: INestApplicationContext & { getHttpServer(): HttpServer }, policy: DoorPolicy) {
    this.#http = app.getHttpServer();
    this.#policy = policy;
  }

  create(): WebSocketServer {
    const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false, maxPayload: limits.frame });
    this.#http.on('upgrade', (request: IncomingMessage, wire: Duplex, head: Buffer) => {
      wire.on('error', () => wire.destroy()); // the peer is gone: nothing is left to tell it
      const refusal = this.#policy.refuse(request, (request.url ?? '').split('?', 1)[0] === SOCKET_PATH);
      if (refusal) return refuse(wire, refusal);
      const address = this.#policy.addressOf(request);
      server.handleUpgrade(request, wire, head, (socket) => {
        this.#policy.arrived(address);
        socket.once('close', () => this.#policy.left());
        this.#serve?.({ socket, wire, address });
      });
    });
    return server;
  }

  bindClientConnect(_server: WebSocketServer, serve: Serve): void {
    this.#serve = serve;
  }

  bindClientDisconnect({ socket }: Arrival, callback: (code: number) => void): void {
    socket.once('close', callback);
  }

  /** Frames are dispatched by door.gateway.ts itself, exhaustively: there are no handlers to bind. */
  bindMessageHandlers(): typeof EMPTY {
    return EMPTY;
  }

  closeClient({ socket }: Arrival): void {
    socket.terminate();
  }

  /** Nest asks for it at the end; the HTTP server closes what it carries. */
  dispose(): void {
    this.#serve = null;
  }

  close(server: WebSocketServer): void {
    this.#serve = ({ socket }) => socket.terminate();
    server.close();
  }
}

/** What http.ts gives every other answer: this one is written by hand. */
const heads = [
  'Connection: close',
  'Content-Type: application/json; charset=utf-8',
  'Cache-Control: no-store',
  'X-Content-Type-Options: nosniff',
  'Referrer-Policy: no-referrer',
  'Strict-Transport-Security: max-age=31536000; includeSubDomains',
  "Content-Security-Policy: default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
];

function refuse(wire: Duplex, { status, code, text }: { status: string; code: string; text: string }): void {
  const body = JSON.stringify({ code, text });
  wire.once('finish', () => wire.destroy()); // else a peer that never hangs up keeps it open
  wire.end([`HTTP/1.1 ${status}`, ...heads, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'));
}
