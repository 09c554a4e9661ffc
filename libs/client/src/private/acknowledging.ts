import { toBase64url, type DeviceId } from '../../../protocol/src/index.ts';
import { sha256 } from '../room/statement.ts';
import { SealError } from '../sealing/sealer.ts';
import { ackStatement } from './mandate.ts';
import type { Signed, Told } from './messages.ts';
import type { PrivateState } from './private-state.ts';

/** Every member's part in ordering commits: hand one of their own to the sequencer, and acknowledge one for each place. */
export class Acknowledging {
  constructor(private readonly state: PrivateState) {}

  /** Fresh keys for this device. */
  async submit(): Promise<void> {
    const { ctx, row, roster } = this.state;
    const { commit } = await ctx.sealer.commit(row.id, []);
    const { id, generation, sequencer } = row;
    this.state.tell(sequencer, { type: 'submit', id, generation, epoch: roster!.epoch + 1, commit });
  }

  async voteOn(from: DeviceId, { id, generation, epoch, commit }: Told<'ballot'>): Promise<void> {
    const { row, roster } = this.state;
    if (from !== row.sequencer || generation !== row.generation || !roster || epoch !== roster.epoch + 1) return;
    const hash = await sha256(commit);
    const own = await this.acknowledge(epoch, commit, hash);
    if (own) this.state.tell(from, { type: 'ack', id, generation, epoch, hash, signature: own.signature });
  }

  /** Null when the commit does what none may, or this device may not acknowledge it any more. `hash`: SHA-256 of the commit. */
  async acknowledge(epoch: number, commit: Uint8Array, hash: Uint8Array): Promise<Signed | null> {
    return (await this.#allowed(commit)) ? this.#ack(epoch, commit, hash) : null;
  }

  /** One signature for one place, remembered before it leaves. Null when another commit has it, or this generation is over. */
  async #ack(epoch: number, commit: Uint8Array, hash: Uint8Array): Promise<Signed | null> {
    const { ctx, row } = this.state;
    const { id, generation, promised, acked, talking } = row;
    const name = toBase64url(hash);
    if (promised > generation || !talking) return null;
    if (acked && acked.generation === generation && acked.epoch === epoch && acked.hash !== name) return null;
    row.acked = { generation, epoch, hash: name, commit };
    await this.state.save();
    return { device: ctx.me.device, signature: await ctx.sealer.sign(ackStatement(id, generation, epoch, hash)) };
  }

  /** Nobody comes in who was not there at the beginning, and nobody is put out who has not gone: not even by the sequencer. */
  async #allowed(commit: Uint8Array): Promise<boolean> {
    const { ctx, row } = this.state;
    try {
      const { added, removed } = await ctx.sealer.preview(row.id, commit);
      const left = new Set(row.departed.map(({ device }) => device));
      const back = new Set(added.map(({ device }) => device));
      return (
        added.every(({ device }) => row.devices.includes(device)) && removed.every(({ device }) => left.has(device) || back.has(device))
      );
    } catch (error) {
      if (!(error instanceof SealError) || error.code === 'fenced') throw error;
      return false;
    }
  }
}
