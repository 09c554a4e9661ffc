import {
  Admission,
  encodeParts,
  fromBase64url,
  type Entry,
  type GroupStatus,
  type RoomKind,
  type UserId,
} from '../../../protocol/src/index.ts';
import type { Committing } from './committing.ts';
import type { RoomContext } from './context.ts';

/** What the server says of the room: only what is founded rests on it, and from then on the group's own id says it. */
export type AboutRoom = { kind: RoomKind; with: UserId | null; passwordVersion: number };

/** What a device without keys is waiting for. */
export type Waiting = 'joining' | 'waiting-for-member' | 'password-needed';

/** The ways of this device into the group: found it, join an open one by itself, wait for a member to add it elsewhere (e2ee.md). */
export class Entering {
  /** Asked to be removed and added again, once for each epoch. */
  #asked = '';

  constructor(
    private readonly ctx: RoomContext,
    private readonly committing: Committing,
    private readonly about: () => AboutRoom,
  ) {}

  /** Whether this device could add others, or be added: where there is a password, it holds the current one. */
  async holdsPassword(): Promise<boolean> {
    const { kind, passwordVersion } = this.about();
    return kind !== 'password' || (await this.ctx.sealer.passwordVersion(this.ctx.room)) >= Math.max(1, passwordVersion);
  }

  async found(generation: number): Promise<Waiting> {
    const { sealer, room, serverKey } = this.ctx;
    const entry = this.#entry();
    if (!entry) return 'joining'; // a conversation with nobody
    if (!(await this.holdsPassword())) return 'password-needed';
    const { groupInfo } = await sealer.found(room, generation, serverKey(), entry);
    await this.committing.order(`/api/rooms/${room}/group`, encodeParts([groupInfo]));
    return 'joining';
  }

  /** In, or back in. What was lost of the keys is of no use here: the old leaf goes with the step. */
  async enter(status: GroupStatus): Promise<Waiting> {
    if (this.about().kind === 'open') return this.#enterOpen();
    if (!(await this.holdsPassword())) return 'password-needed';
    await this.#askToBeAdded(status);
    return 'waiting-for-member';
  }

  /** Another device than before, or another epoch: what was asked is asked anew. */
  forget(): void {
    this.#asked = '';
  }

  async #enterOpen(): Promise<Waiting> {
    const { sealer, room, rest, serverKey } = this.ctx;
    const answer = await rest.as('POST', `/api/rooms/${room}/admission`, Admission, { json: {} });
    const [groupInfo, admission] = [fromBase64url(answer.groupInfo), fromBase64url(answer.admission)];
    // a leaf of one's own may be in the tree although its state is lost: resync
    const bundle = await sealer.joinByCommit(room, groupInfo, admission, serverKey(), true);
    await this.committing.submit(bundle, answer.generation, answer.epoch);
    return 'joining';
  }

  /** The server sees a leaf where this device has no keys: it has it removed and added with a fresh key package. */
  async #askToBeAdded({ generation, epoch, removing, adding }: GroupStatus): Promise<void> {
    const { rest, room, me } = this.ctx;
    const place = `${generation}.${epoch}`;
    if (this.#asked === place || adding.includes(me.device) || removing.some(({ device }) => device === me.device)) return;
    await rest.ask('POST', `/api/rooms/${room}/rejoin`, { json: {} });
    this.#asked = place;
  }

  #entry(): Entry | null {
    const { kind, with: other } = this.about();
    if (kind === 'direct') return other === null ? null : { by: 'direct', users: [this.ctx.me.user, other] };
    return { by: kind === 'hidden' ? 'closed' : kind };
  }
}
