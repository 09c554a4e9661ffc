import type { ClientFrame, OwnStatus, ServerFrame, StatusRequest } from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import type { RestClient } from '../server/rest-client.ts';

type Frames = { [T in 'status' | 'welcome']: Extract<ServerFrame, { type: T }> };
/** What is needed of the socket. */
type Line = {
  send: (frame: ClientFrame) => boolean;
  on: <T extends keyof Frames>(type: T, listener: (frame: Frames[T]) => void) => () => void;
};

/** What one says of oneself (PRES1): chosen for the account, on whichever device; and whether nobody touches this one. */
export class OwnStatusBoard {
  readonly view = new MutableCell<OwnStatus>({ status: 'online', text: '', until: null });
  #idle = false;
  #socket: Line | null = null;

  constructor(private readonly rest: RestClient) {}

  /** Listens on the socket of whoever is signed in. Returns the way to stop. */
  attach(socket: Line): () => void {
    this.#socket = socket;
    const stops = [
      socket.on('status', ({ status, text, until }) => this.view.set({ status, text, until })),
      // Each connection begins as touched.
      socket.on('welcome', () => this.#idle && socket.send({ type: 'status', idle: true })),
    ];
    return () => {
      this.#socket = null;
      stops.forEach((stop) => stop());
    };
  }

  /** `until`: when the words end, ms since 1970. Throws ConclaveError `slow-down`. */
  async choose(request: StatusRequest): Promise<void> {
    await this.rest.ask('PUT', '/api/me/status', { json: request });
    this.view.set({ text: '', until: null, ...request });
  }

  /** Nobody has touched this device for a while, or somebody does again. */
  idle(on: boolean): void {
    if (this.#idle === on) return;
    this.#idle = on;
    this.#socket?.send({ type: 'status', idle: on });
  }
}
