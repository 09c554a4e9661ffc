import { ConclaveError, type DeviceId, type RoomId, type UserId } from '../../../protocol/src/index.ts';
import type { Leaf } from '../sealing/sealer.ts';
import type { PrivatePerson, PrivateView } from '../views/private.ts';
import { foundPrivate, isOf } from './founding.ts';
import type { Told } from './messages.ts';
import type { PrivateContext } from './private-context.ts';

/** Everybody consents for themselves within this. */
export const consentMs = 30_000;

type Answer = { yes: boolean; keyPackage?: Uint8Array | undefined };
type Proposal = { id: RoomId; room: RoomId; until: number; asked: Map<DeviceId, Leaf>; answers: Map<DeviceId, Answer> };

/** This device asks the others of a room, hears their answers, and founds the group of those who come along. */
export class Proposing {
  #proposal: Proposal | null = null;

  constructor(
    private readonly ctx: PrivateContext,
    /** A conversation goes on that this device sequences. */
    private readonly begun: (id: RoomId, room: RoomId, sequencer: DeviceId) => Promise<void>,
  ) {}

  get pending(): boolean {
    return this.#proposal !== null;
  }

  get view(): PrivateView | null {
    if (!this.#proposal) return null;
    const { room, until } = this.#proposal;
    return { phase: 'proposed', room, until, people: this.#people(this.#proposal) };
  }

  /** Asks everybody in the room who is directly connected. Throws ConclaveError when there is nobody to ask. */
  propose(room: RoomId): void {
    const { mesh, me, clock } = this.ctx.session;
    const leaves = this.ctx.room(room)?.leaves ?? [];
    const asked = new Map(leaves.filter(({ device }) => device !== me.device && mesh.reaches(device)).map((leaf) => [leaf.device, leaf]));
    if (asked.size === 0)
      throw new ConclaveError('conflict', 'Nobody here is directly connected to you now, so nobody could come along. Try again later.');
    const id = crypto.randomUUID();
    this.#proposal = { id, room, until: Date.now() + consentMs, asked, answers: new Map() };
    for (const device of asked.keys()) this.ctx.tell(device, { type: 'invite', id, room, until: clock.now() + consentMs });
    this.ctx.after(consentMs, () => this.#decide());
    this.ctx.show();
  }

  async answered(from: DeviceId, { id, yes, keyPackage }: Told<'answer'>): Promise<void> {
    const proposal = this.#proposal;
    if (proposal?.id !== id || !proposal.asked.has(from)) return;
    if (yes && !(keyPackage && (await isOf(this.ctx.session.sealer, from, keyPackage)))) return;
    proposal.answers.set(from, { yes, keyPackage });
    if (proposal.answers.size === proposal.asked.size) await this.#decide();
  }

  callOff(): void {
    const proposal = this.#proposal;
    if (!proposal) return;
    for (const device of proposal.asked.keys()) this.ctx.tell(device, { type: 'off', id: proposal.id });
    this.#proposal = null;
  }

  /** Everybody has spoken, or the time is over. */
  async #decide(): Promise<void> {
    const proposal = this.#proposal;
    if (!proposal) return;
    const { id, room, answers } = proposal;
    const coming = [...answers].filter(([device, { yes }]) => yes && this.ctx.session.mesh.reaches(device));
    if (coming.length === 0) {
      this.callOff();
      await this.ctx.room(room)?.branchHooks.tell(`private.${id}`, { kind: 'private-declined' });
      return this.ctx.show();
    }
    await this.#found(
      proposal,
      coming.map(([device, { keyPackage }]) => ({ device, keyPackage: keyPackage! })),
    );
  }

  async #found({ id, room, asked }: Proposal, coming: { device: DeviceId; keyPackage: Uint8Array }[]): Promise<void> {
    const { sealer, me } = this.ctx.session;
    const packages = coming.map(({ keyPackage }) => keyPackage);
    const { welcome, groupInfo } = await foundPrivate(sealer, id, 0, packages);
    this.#proposal = null;
    const none = { votes: [], departures: [] };
    const devices = coming.map(({ device }) => device);
    for (const device of devices) this.ctx.tell(device, { type: 'welcome', id, room, generation: 0, welcome, groupInfo, ...none });
    for (const device of asked.keys()) if (!devices.includes(device)) this.ctx.tell(device, { type: 'off', id });
    await this.ctx.room(room)?.tellAbsent(devices);
    await this.begun(id, room, me.device);
  }

  /** Everybody of the room, with their answer; those who cannot come are named as well. */
  #people({ room, asked, answers }: Proposal): PrivatePerson[] {
    const { me, people } = this.ctx.session;
    const byUser = new Map<UserId, DeviceId[]>();
    for (const { user, device } of this.ctx.room(room)?.leaves ?? [])
      if (user !== me.user) byUser.set(user, [...(byUser.get(user) ?? []), device]);
    return [...byUser].map(([user, devices]) => {
      const said = devices.map((device) => answers.get(device)?.yes);
      const reachable = devices.some((device) => asked.has(device));
      const answer = !reachable ? 'cannot' : said.includes(true) ? 'yes' : said.includes(false) ? 'no' : 'asked';
      return { user, name: people.name(user), answer };
    });
  }
}
