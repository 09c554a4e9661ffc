import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Random } from '../random.ts';
import { FrameCutter, type Frame } from './frames.ts';
import { Lane, type Weather } from './lane.ts';

export type Direction = 'up' | 'down';
/** One connection through the proxy. */
export type Carried = { readonly isSocket: boolean; reset(): void; abandon(): void };
/** What becomes of one WebSocket frame on its way: itself, others, or nothing. */
export type Filter = (frame: Frame) => Buffer | null;
/** Made for each connection, so that a filter may remember what it saw of it. */
export type MakeFilter = (carried: Carried, direction: Direction) => Filter;

const pass: MakeFilter = () => (frame) => frame.bytes;

/** A TCP proxy on loopback whose network we make: every client has one to the server, the server has one to its database. */
export class Proxy {
  /** `up`: towards whom it stands for. */
  readonly #weather: Record<Direction, Weather> = { up: {}, down: {} };
  readonly #carried = new Set<Connection>();
  #refusing = false;
  #makeFilter: MakeFilter = pass;

  private constructor(
    private readonly server: Server,
    private readonly target: number,
    private readonly random: Random,
  ) {}

  static async open(target: number, random: Random): Promise<Proxy> {
    const server = createServer({ allowHalfOpen: true });
    const proxy = new Proxy(server, target, random);
    server.on('connection', (socket) => proxy.#carry(socket));
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
  get connections(): readonly Carried[] {
    return [...this.#carried];
  }

  set(direction: Direction | 'both', weather: Weather): void {
    for (const each of direction === 'both' ? (['up', 'down'] as const) : [direction]) this.#weather[each] = weather;
    this.#carried.forEach((connection) => connection.look());
  }

  /** For connections that are there and that come. */
  filter(make: MakeFilter): void {
    this.#makeFilter = make;
    this.#carried.forEach((connection) => connection.filterBy(make));
  }

  /** New connections are reset at once. */
  refuse(on: boolean): void {
    this.#refusing = on;
  }

  /** RST to both ends of everything that is open. */
  reset(): void {
    this.#carried.forEach((connection) => connection.reset());
  }

  /** Good weather; what was held goes on its way. */
  heal(): void {
    this.#refusing = false;
    this.filter(pass);
    this.set('both', {});
    this.#carried.forEach((connection) => connection.half && connection.reset());
  }

  async close(): Promise<void> {
    this.reset();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #carry(socket: Socket): void {
    if (this.#refusing) return void socket.resetAndDestroy();
    const connection = new Connection(socket, this.target, (direction) => this.#weather[direction], this.random);
    connection.filterBy(this.#makeFilter);
    this.#carried.add(connection);
    connection.onGone = () => this.#carried.delete(connection);
  }
}

class Connection implements Carried {
  isSocket = false;
  /** One end was reset and the other was not told. */
  half = false;
  onGone: () => void = () => undefined;
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #lanes: Lane[];
  /** Always cutting, so that a filter that comes later begins with a whole frame. */
  readonly #cutters = { up: new FrameCutter(), down: new FrameCutter() };
  #filters: Record<Direction, Filter> = { up: ({ bytes }) => bytes, down: ({ bytes }) => bytes };

  constructor(near: Socket, target: number, weather: (direction: Direction) => Weather, random: Random) {
    this.#near = near;
    this.#far = createConnection({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [near, this.#far]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined); // told by `close`
      socket.once('close', () => this.#closed(socket));
    }
    const draw = () => random.next();
    this.#lanes = [
      new Lane(
        near,
        this.#far,
        () => weather('up'),
        (piece) => this.#filtered('up', piece),
        draw,
      ),
      new Lane(
        this.#far,
        near,
        () => weather('down'),
        (piece) => this.#filtered('down', piece),
        draw,
      ),
    ];
  }

  look(): void {
    this.#lanes.forEach((lane) => lane.look());
  }
  filterBy(make: MakeFilter): void {
    this.#filters = { up: make(this, 'up'), down: make(this, 'down') };
  }

  #filtered(direction: Direction, piece: Buffer): Buffer | null {
    if (direction === 'up' && piece.subarray(0, 12).toString('latin1') === 'GET /socket ') this.isSocket = true;
    if (!this.isSocket) return piece;
    const { header, frames } = this.#cutters[direction].push(piece);
    const passed = frames.flatMap((frame) => (frame.data ? (this.#filters[direction](frame) ?? []) : frame.bytes));
    return this.#near.destroyed ? null : Buffer.concat([header, ...passed]);
  }

  reset(): void {
    this.half = false;
    this.#near.resetAndDestroy();
    this.#far.resetAndDestroy();
    this.onGone();
  }

  /** The near end is gone, and the far end never hears of it. */
  abandon(): void {
    this.half = true;
    this.#near.resetAndDestroy();
  }

  #closed(socket: Socket): void {
    if (this.half && socket === this.#near) return;
    this.#near.destroy();
    this.#far.destroy();
    this.onGone();
  }
}
