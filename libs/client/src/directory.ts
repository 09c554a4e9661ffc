import { RoomList, type ServerFrame } from '../../protocol/src/index.ts';
import { MutableCell } from './cell.ts';
import type { RestClient } from './server/rest-client.ts';
import type { ServerSocket } from './server/socket.ts';
import type { DirectoryView } from './views/room-list.ts';

/** The list of rooms to find, live while somebody looks at it (ROOM2). */
export class Directory {
  readonly view = new MutableCell<DirectoryView>({ rooms: [], mine: new Set(), signedIn: 0, loaded: false });
  #watching = false;

  constructor(
    private readonly rest: RestClient,
    private readonly socket: ServerSocket,
  ) {
    socket.on('welcome', () => this.#watching && void this.#begin());
    socket.on('directory', (frame) => this.#changed(frame));
  }

  watch(on: boolean): void {
    this.#watching = on;
    if (on) void this.#begin();
    else this.socket.send({ type: 'watch', directory: false });
  }

  async #begin(): Promise<void> {
    if (!this.socket.send({ type: 'watch', directory: true })) return; // the next welcome begins it
    await this.reload().catch(() => undefined); // the socket is told apart: it reconnects, and then this runs again
  }

  async reload(): Promise<void> {
    const { rooms, mine, signedIn } = await this.rest.as('GET', '/api/rooms', RoomList);
    this.view.set({ rooms, mine: new Set(mine), signedIn, loaded: true });
  }

  #changed({ changed, gone, signedIn }: Extract<ServerFrame, { type: 'directory' }>): void {
    const replaced = new Set([...gone, ...changed.map(({ id }) => id)]);
    this.view.update((view) => {
      const rooms = [...view.rooms.filter(({ id }) => !replaced.has(id)), ...changed].sort((a, b) => a.name.localeCompare(b.name));
      return { ...view, rooms, signedIn };
    });
  }
}
