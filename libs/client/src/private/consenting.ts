import { ConclaveError, encodeParts, type DeviceId, type RoomId } from '../../../protocol/src/index.ts';
import { SealError, type Leaf } from '../sealing/sealer.ts';
import type { PrivateView } from '../views/private.ts';
import type { Told } from './messages.ts';
import type { PrivateContext } from './private-context.ts';
import { consentMs } from './proposing.ts';

/** After everybody had their time to consent, a welcome comes within this. */
const joinMs = 10_000;

type Request = { id: RoomId; room: RoomId; from: DeviceId; until: number; consented: boolean };

/** This device is asked along: its person says yes or no, silence is no, and only what they consented to is joined. */
export class Consenting {
  #request: Request | null = null;

  constructor(
    private readonly ctx: PrivateContext,
    /** A conversation goes on that another device sequences. */
    private readonly begun: (id: RoomId, room: RoomId, sequencer: DeviceId) => Promise<void>,
  ) {}

  get pending(): boolean {
    return this.#request !== null;
  }

  get view(): PrivateView | null {
    if (!this.#request) return null;
    const { room, from, until, consented } = this.#request;
    const user = this.#leaf(room, from)?.user;
    return { phase: consented ? 'consented' : 'asked', room, until, by: user ? this.ctx.session.people.name(user) : '' };
  }

  /** Only by somebody of that room. */
  invited(from: DeviceId, { id, room }: Told<'invite'>): void {
    if (!this.#leaf(room, from)) return;
    this.#request = { id, room, from, until: Date.now() + consentMs, consented: false };
    this.ctx.after(consentMs, async () => this.#forget());
  }

  /** This person's own word on what somebody proposed. Throws ConclaveError `conflict` when a yes cannot be told. */
  async answer(yes: boolean): Promise<void> {
    const request = this.#request;
    if (!request || request.consented) return;
    const { id, from } = request;
    if (yes) {
      const [keyPackage] = (await this.ctx.session.sealer.keyPackages(1, false)).packages;
      if (!this.ctx.tell(from, { type: 'answer', id, yes, keyPackage: keyPackage! })) {
        this.#forget();
        throw new ConclaveError(
          'conflict',
          'The direct connection to whoever asked was lost, so you stay here. Try again when it is back.',
        );
      }
      request.consented = true;
      this.ctx.after(request.until - Date.now() + joinMs, () => this.#cameToNothing());
    } else {
      this.ctx.tell(from, { type: 'answer', id, yes });
      this.#forget();
    }
    this.ctx.show();
  }

  /** Consented, and thought better of it before it has begun. */
  takeBack(): void {
    const request = this.#request;
    if (!request?.consented) return;
    this.ctx.tell(request.from, { type: 'answer', id: request.id, yes: false });
    this.#forget();
  }

  async calledOff(from: DeviceId, { id }: Told<'off'>): Promise<void> {
    if (this.#request?.id === id && this.#request.from === from) await this.#cameToNothing();
  }

  /** Only what this person consented to, from the device that asked, and with nobody in it who is not in the room. */
  async welcomed(from: DeviceId, { id, room, generation, welcome, groupInfo }: Told<'welcome'>): Promise<void> {
    const request = this.#request;
    const parent = this.ctx.room(room);
    const inviter = this.#leaf(room, from);
    if (!request?.consented || request.id !== id || request.from !== from || request.room !== room || generation !== 0 || !inviter) return;
    const { sealer } = this.ctx.session;
    try {
      await sealer.joinByWelcome(id, welcome, groupInfo, inviter.deviceKey);
    } catch (error) {
      if (!(error instanceof SealError) || error.code === 'fenced') throw error;
      return this.#cameToNothing(); // not a group that can be joined: this person stays where they are
    }
    const keys = (leaf: Leaf) => encodeParts([leaf.deviceKey, leaf.accountKey]).join();
    const known = new Set(parent!.leaves.map(keys));
    const roster = await sealer.roster(id);
    if (!roster?.leaves.every((leaf) => known.has(keys(leaf)))) {
      await sealer.forget(id);
      return this.#cameToNothing();
    }
    this.#request = null;
    await this.begun(id, room, from);
  }

  #leaf(room: RoomId, from: DeviceId): Leaf | undefined {
    return this.ctx.room(room)?.leaves.find(({ device }) => device === from);
  }

  /** Nothing came of it. Whoever had said yes is told that they are still here. */
  async #cameToNothing(): Promise<void> {
    const request = this.#request;
    this.#forget();
    if (request?.consented) await this.ctx.room(request.room)?.branchHooks.tell(`private.${request.id}`, { kind: 'private-off' });
  }

  #forget(): void {
    this.#request = null;
    this.ctx.show();
  }
}
