import 'reflect-metadata';
import { Controller, ForbiddenException, Headers, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JwtService } from '@nestjs/jwt';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { randomBytes } from 'node:crypto';
import type { Server, Socket } from 'socket.io';

/* Nest's own gateway over Socket.IO, as its documentation shows it; tokens by @nestjs/jwt with a secret given as a string. */
const jwt = new JwtService({ secret: process.env['BENCH_SECRET']! });
const tickets = new Set<string>();

@Controller()
class Tickets {
  @Post('ticket')
  async make(@Headers('authorization') header = ''): Promise<{ ticket: string }> {
    try {
      await jwt.verifyAsync(header.replace('Bearer ', ''));
    } catch {
      throw new ForbiddenException();
    }
    const ticket = randomBytes(24).toString('base64url');
    tickets.add(ticket);
    return { ticket };
  }
}

@WebSocketGateway({ transports: ['websocket'], perMessageDeflate: false })
class Gateway {
  @WebSocketServer()
  server!: Server;

  handleConnection(client: Socket): void {
    const ticket = (client.handshake.auth as { ticket?: string }).ticket ?? '';
    if (ticket !== 'none' && !tickets.delete(ticket)) client.disconnect();
  }

  @SubscribeMessage('join')
  async join(@ConnectedSocket() client: Socket, @MessageBody() { room, name }: { room: string; name: string }): Promise<void> {
    await client.join([room, `device ${name}`]);
    client.emit('joined', room);
    client.to(room).emit('came', name);
  }

  @SubscribeMessage('say')
  say(@ConnectedSocket() client: Socket, @MessageBody() { room, data }: { room: string; data: string }): void {
    client.to(room).emit('said', data);
  }

  @SubscribeMessage('signal')
  signal(@MessageBody() { to, data }: { to: string; data: string }): void {
    this.server.to(`device ${to}`).emit('signal', data);
  }
}

@Module({ controllers: [Tickets], providers: [Gateway] })
class Yardstick {}

const app = await NestFactory.create(Yardstick, { logger: false });
app.useWebSocketAdapter(new IoAdapter(app));
await app.listen(Number(process.env['PORT']), '127.0.0.1');
console.log('listening');
