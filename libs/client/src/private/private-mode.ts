import { ConclaveError, type DeviceId, type RoomId } from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import { Delivery } from '../delivery/delivery.ts';
import type { Link, LinkEvents } from '../delivery/link.ts';
import { Emitter } from '../emitter.ts';
import type { Session } from '../room/context.ts';
import type { Room } from '../room/room.ts';
import { Serial } from '../serial.ts';
import type { PrivateView } from '../views/private.ts';
import { Consenting } from './consenting.ts';
import { Conversations, type Whereabouts } from './conversations.ts';
import { decodePrivate, encodePrivate, type PrivateMessage } from './messages.ts';
import type { PrivateContext } from './private-context.ts';
import { Proposing } from './proposing.ts';

export type PrivateModeHooks = Whereabouts & { room: (id: RoomId) => Room | undefined };

/** A relay that is not there: in private nothing goes by the server. */
class NoRelay extends Emitter<LinkEvents> implements Link {
  reaches(): boolean {
    return false;
  }
  carry(): void {}
  release(): void {}
}

/**
 * Private mode (MESH6): one member proposes, each consents on their own device within 30 s, those who do and are directly connected branch
 * off into a group of their own, leave the server, and come back when they like. Nobody else gets what is said there.
 */
export class PrivateMode {
  readonly view = new MutableCell<PrivateView | null>(null);
  readonly #session: Session;
  readonly #conversations: Conversations;
  readonly #proposing: Proposing;
  readonly #consenting: Consenting;
  readonly #queue = new Serial();
  readonly #stops: (() => void)[];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #stopped = false;

  constructor(session: Session, hooks: PrivateModeHooks) {
    this.#session = { ...session, delivery: new Delivery(session.mesh, new NoRelay(), () => false) };
    const ctx: PrivateContext = {
      session: this.#session,
      room: hooks.room,
      tell: (device, message) => session.mesh.tell(device, encodePrivate(message)),
      soon: (step) => this.#soon(step),
      after: (ms, step) => this.#after(ms, step),
      show: () => this.#show(),
    };
    const begun = (id: RoomId, room: RoomId, sequencer: DeviceId) => this.#begun(id, room, sequencer);
    this.#conversations = new Conversations(ctx, hooks);
    this.#proposing = new Proposing(ctx, begun);
    this.#consenting = new Consenting(ctx, begun);
    this.#stops = [
      session.mesh.on('told', ({ from, body }) => {
        const message = decodePrivate(body);
        if (message) this.#soon(() => this.#told(from, message));
      }),
      session.mesh.on('changed', () => this.#show()),
    ];
  }

  /** Conversations that are kept; true when one of them goes on, away from the server. */
  async load(): Promise<boolean> {
    await this.#conversations.load();
    this.#show();
    return this.#conversations.active !== null;
  }

  /** Asks everybody in the room who is directly connected. Throws ConclaveError when there is nobody to ask. */
  propose(room: RoomId): Promise<void> {
    return this.#queue.run(async () => {
      if (this.#busy) throw new ConclaveError('conflict', 'One private conversation at a time: finish the one that is going on first.');
      this.#proposing.propose(room);
    });
  }

  /** This person's own word on what somebody proposed. */
  answer(yes: boolean): Promise<void> {
    return this.#queue.run(() => this.#consenting.answer(yes));
  }

  /** Back to the server; or, before it has begun, not at all: neither proposed nor consented to. */
  leave(): Promise<void> {
    return this.#queue.run(async () => {
      this.#proposing.callOff();
      this.#consenting.takeBack();
      const { active } = this.#conversations;
      if (active) await this.#conversations.end(active);
      this.#show();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#stops.forEach((stop) => stop());
    this.#cancelTimer();
    this.#conversations.stop();
    this.#session.delivery.stop();
  }

  /** One goes on, or is about to: there is never a second. */
  get #busy(): boolean {
    return this.#conversations.active !== null || this.#proposing.pending || this.#consenting.pending;
  }

  async #told(from: DeviceId, message: PrivateMessage): Promise<void> {
    const known = this.#conversations.get(message.id);
    if (known) return known.handle(from, message);
    if (message.type === 'invite') {
      if (!this.#busy) this.#consenting.invited(from, message); // unanswered is no
    } else if (message.type === 'answer') await this.#proposing.answered(from, message);
    else if (message.type === 'welcome') await this.#consenting.welcomed(from, message);
    else if (message.type === 'off') await this.#consenting.calledOff(from, message);
    this.#show();
  }

  /** Nobody is waited for any more: it begins. */
  #begun(id: RoomId, room: RoomId, sequencer: DeviceId): Promise<void> {
    this.#cancelTimer();
    return this.#conversations.begin(id, room, sequencer);
  }

  #soon(step: () => Promise<void>): void {
    this.#queue
      .run(async () => (this.#stopped ? undefined : step()))
      .catch((error: unknown) => {
        if (!this.#stopped) this.#session.broken(error);
      });
  }

  #after(ms: number, step: () => Promise<void>): void {
    this.#cancelTimer();
    this.#timer = setTimeout(() => this.#soon(step), Math.max(0, ms));
  }

  #cancelTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  #show(): void {
    const view = this.#conversations.view ?? this.#proposing.view ?? this.#consenting.view;
    if (JSON.stringify(view) !== JSON.stringify(this.view.value)) this.view.set(view);
  }
}
