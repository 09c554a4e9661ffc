import * as z from 'zod';
import { RoomId, type DeviceId, type UserId } from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import type { Leaf } from '../sealing/sealer.ts';
import type { RoomContext } from './context.ts';

const Told = z.object({ type: z.literal('typing'), room: RoomId });
const everyMs = 3_000;
/** Longer than between two tellings: who goes on typing is shown without a break. */
const shownMs = 5_000;

/** Who is writing now (MSG4). It goes over direct links only: the server hears nothing of it, and who is reached by relay is not shown. */
export class Typing {
  readonly users = new MutableCell<UserId[]>([]);
  readonly #timers = new Map<UserId, ReturnType<typeof setTimeout>>();
  #told = 0;

  constructor(
    private readonly ctx: RoomContext,
    private readonly leaves: () => readonly Leaf[],
  ) {}

  tell(): void {
    const { me, mesh, room } = this.ctx;
    const now = Date.now();
    if (now - this.#told < everyMs) return;
    this.#told = now;
    const body = new TextEncoder().encode(JSON.stringify({ type: 'typing', room } satisfies z.infer<typeof Told>));
    for (const { device } of this.leaves()) if (device !== me.device && mesh.reaches(device)) mesh.tell(device, body);
  }

  hear(from: DeviceId, body: Uint8Array): void {
    const user = this.leaves().find(({ device }) => device === from)?.user; // before anything of it is parsed
    if (!user || user === this.ctx.me.user || !isFor(body, this.ctx.room)) return;
    clearTimeout(this.#timers.get(user));
    this.#timers.set(
      user,
      setTimeout(() => this.over(user), shownMs),
    );
    this.#show();
  }

  /** What they wrote has come, or they have stopped. */
  over(user: UserId): void {
    clearTimeout(this.#timers.get(user));
    if (this.#timers.delete(user)) this.#show();
  }

  stop(): void {
    this.#timers.forEach((timer) => clearTimeout(timer));
    this.#timers.clear();
  }

  #show(): void {
    this.users.set([...this.#timers.keys()]);
  }
}

function isFor(body: Uint8Array, room: RoomId): boolean {
  try {
    return Told.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))).room === room;
  } catch {
    return false; // something else that members tell each other
  }
}
