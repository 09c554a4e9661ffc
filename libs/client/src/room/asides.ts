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
    return (await this.#dispatch(content, devices)) !== null;
  }

  /** Like `send`, but resolves only when every recipient has it or the relay holds it for them, or after `ms`. */
  async settled(content: Uint8Array, devices: DeviceId[], ms: number): Promise<void> {
    const { delivery } = this.ctx;
    const open = new Set<DeviceId>();
    const heard: { eid: Eid; devices: DeviceId[] }[] = [];
    let check = (): void => undefined;
    const hear = (event: { eid: Eid; devices: DeviceId[] }) => {
      heard.push(event);
      check();
    };
    const stops = [delivery.on('held', hear), delivery.on('acknowledged', hear)];
    const sent = await this.#dispatch(content, devices);
    for (const device of sent?.recipients ?? []) open.add(device);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      check = () => {
        for (const { eid, devices: has } of heard) if (eid === sent?.eid) has.forEach((device) => open.delete(device));
        if (open.size > 0) return;
        clearTimeout(timer);
        resolve();
      };
      check();
    });
    stops.forEach((stop) => stop());
  }

  async #dispatch(content: Uint8Array, devices: DeviceId[]): Promise<{ eid: Eid; recipients: DeviceId[] } | null> {
    const { room, sealer, delivery, me } = this.ctx;
    const roster = this.roster();
    if (!roster || roster.removing.length > 0) return null;
    const leaves = new Set(roster.leaves.map(({ device }) => device));
    const recipients = devices.filter((device) => leaves.has(device) && device !== me.device);
    if (recipients.length === 0) return { eid: '', recipients };
    try {
      const { eid, ciphertext } = await sealer.seal(room, content, new Uint8Array(0));
      delivery.dispatch({ room, eid, ciphertext }, recipients);
      this.#under.push(eid);
      while (this.#under.length > kept) delivery.release(this.#under.shift()!);
      return { eid, recipients };
    } catch (error) {
      if (!(error instanceof SealError) || (error.code !== 'removal-pending' && error.code !== 'no-group')) throw error;
      return null;
    }
  }
}
