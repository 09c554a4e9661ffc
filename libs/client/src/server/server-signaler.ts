import type { DeviceId, RoomId } from '../../../protocol/src/index.ts';
import { Emitter } from '../emitter.ts';
import type { Signaler, SignalerEvents } from '../mesh/signaler.ts';
import type { ServerSocket } from './socket.ts';

/** Signaler over the server's socket. */
export class ServerSignaler extends Emitter<SignalerEvents> implements Signaler {
  constructor(private readonly socket: ServerSocket) {
    super();
    socket.on('signal', ({ room, from, data }) => this.emit('signal', { room, from, data }));
    socket.on('joined', () => this.emit('ready', null));
  }

  signal(room: RoomId, to: DeviceId, data: string): boolean {
    return this.socket.send({ type: 'signal', room, to, data });
  }
}
