import type { DeviceId, Eid } from '../../../protocol/src/index.ts';
import { SealError, type Roster } from '../sealing/sealer.ts';
import type { RoomContext } from './context.ts';

/** Asides on their way at once. Receipts are cumulative and questions are asked again, so the oldest may go. */
const kept = 64;

/** Receipts, questions and answers: sealed like words, but neither numbered nor stored. */
export class Asides {
  #under: Eid[] = [];

  constructor(
    private readonly ctx: RoomContext,
    private readonly roster: () => Roster | null,
  ) {}

  /** False when nothing may be sealed now. Recipients that are no leaves are left out; with none left there is nothing to say. */
  async send(content: Uint8Array, devices: DeviceId[]): Promise<boolean> {
    const { room, sealer, delivery, me } = this.ctx;
    const roster = this.roster();
    if (!roster || roster.removing.length > 0) return false;
    const leaves = new Set(roster.leaves.map(({ device }) => device));
    const recipients = devices.filter((device) => leaves.has(device) && device !== me.device);
    if (recipients.length === 0) return true;
    try {
      const { eid, ciphertext } = await sealer.seal(room, content, new Uint8Array(0));
      delivery.dispatch({ room, eid, ciphertext }, recipients);
      this.#under.push(eid);
      while (this.#under.length > kept) delivery.release(this.#under.shift()!);
      return true;
    } catch (error) {
      if (!(error instanceof SealError) || (error.code !== 'removal-pending' && error.code !== 'no-group')) throw error;
      return false;
    }
  }
}
