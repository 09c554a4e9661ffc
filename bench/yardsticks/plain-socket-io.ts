import { createServer } from 'node:http';
import { Server } from 'socket.io';

/* Socket.IO as its documentation begins: rooms, and an event that goes to everybody else in one. */
const http = createServer();
const server = new Server(http, { transports: ['websocket'], perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('join', (room: string) => {
    void socket.join(room);
    socket.emit('joined', room);
  });
  socket.on('say', (room: string, data: string) => socket.to(room).emit('said', data));
});
http.listen(Number(process.env['PORT']), '127.0.0.1', () => console.log('listening'));
