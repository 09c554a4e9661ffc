import { groupIdOf, orderedStatement, toBase64url, type DeviceId } from '../../../protocol/src/index.ts';
import { sha256 } from '../room/statement.ts';
import { sameBytes } from '../same-bytes.ts';
import { SealError, type Bundle } from '../sealing/sealer.ts';
import type { Acknowledging } from './acknowledging.ts';
import type { Following } from './following.ts';
import { isOf } from './founding.ts';
import type { Mandate, Signed, Told } from './messages.ts';
import type { PrivateState } from './private-state.ts';

/** A commit on its way to a majority. */
type Ballot = { bundle: Bundle; epoch: number; hash: Uint8Array; votes: Signed[]; welcome: DeviceId[] };

/** Of a commit that adds nobody, or whose author is another. */
const unanswered = { welcome: new Uint8Array(), groupInfo: new Uint8Array() };

/** Devices that wait to be added again. */
const rejoiningMax = 64;

/** The sequencer's part in ordering commits: one at a time is put to everybody, and ordered once a majority has acknowledged it. */
export class Ballots {
  #ballot: Ballot | null = null;
  readonly #rejoining = new Map<DeviceId, Uint8Array>();

  constructor(
    private readonly state: PrivateState,
    private readonly acknowledging: Acknowledging,
    private readonly following: Following,
    private readonly look: () => void,
  ) {}

  /** A commit is on its way to a majority. */
  get open(): boolean {
    return this.#ballot !== null;
  }

  /** Somebody waits to be added again. */
  get awaited(): boolean {
    return this.#rejoining.size > 0;
  }

  /** This device has gone, or another generation begins: nothing of its own is on its way any more. */
  forget(): void {
    this.#ballot = null;
  }

  /** A commit of this device's own: removes those, adds whoever asked to come in again. */
  async order(removing: DeviceId[]): Promise<void> {
    const { ctx, row } = this.state;
    const welcome = [...this.#rejoining.keys()].filter((device) => !this.state.leaf(device));
    const packages = welcome.map((device) => this.#rejoining.get(device)!);
    let bundle;
    try {
      bundle = await ctx.sealer.commit(row.id, packages, { removing });
    } catch (error) {
      if (!(error instanceof SealError) || error.code === 'fenced') throw error;
      return this.#rejoining.clear(); // a key package that does not fit: whoever sent it asks again
    }
    const first = this.#begunBefore;
    if (first && !sameBytes(first, bundle.commit)) return this.#open({ ...unanswered, commit: first }, []);
    this.#rejoining.clear();
    await this.#open(bundle, welcome);
  }

  /** What was put to everybody before a reload of this device: who acknowledged it for this place acknowledges no other. */
  get #begunBefore(): Uint8Array | undefined {
    const { row, roster } = this.state;
    const { acked, generation } = row;
    return acked?.generation === generation && acked.epoch === roster!.epoch + 1 ? acked.commit : undefined;
  }

  /** A member's commit. */
  async submitted(from: DeviceId, { generation, epoch, commit }: Told<'submit'>): Promise<void> {
    const { row, roster, sequencing } = this.state;
    const next = roster && roster.epoch + 1;
    if (!sequencing || this.#ballot || generation !== row.generation || epoch !== next || !this.state.leaf(from)) return;
    await this.#open({ ...unanswered, commit }, []);
  }

  async acknowledged(from: DeviceId, { generation, epoch, hash, signature }: Told<'ack'>): Promise<void> {
    const ballot = this.#ballot;
    if (!ballot || generation !== this.state.row.generation || epoch !== ballot.epoch) return;
    if (toBase64url(hash) !== toBase64url(ballot.hash) || ballot.votes.some(({ device }) => device === from)) return;
    ballot.votes.push({ device: from, signature });
    await this.#count();
  }

  /** Asks everybody (again), and counts: somebody may have gone since, who is not counted any more. */
  async poll(): Promise<void> {
    const { bundle, epoch } = this.#ballot!;
    const { id, generation } = this.state.row;
    this.state.tellAll({ type: 'ballot', id, generation, epoch, commit: bundle.commit });
    await this.#count();
  }

  /** Of this conversation, but not of this generation's group: added with the next commit. */
  async rejoin(from: DeviceId, { generation, keyPackage }: Pick<Told<'rejoin'>, 'generation' | 'keyPackage'>): Promise<void> {
    const { ctx, row, sequencing } = this.state;
    if (!sequencing || generation !== row.generation || this.state.leaf(from) || this.#rejoining.size >= rejoiningMax) return;
    if (!(await isOf(ctx.sealer, from, keyPackage))) return;
    this.#rejoining.set(from, keyPackage);
    this.look();
  }

  async #open(bundle: Bundle, welcome: DeviceId[]): Promise<void> {
    const epoch = this.state.roster!.epoch + 1;
    const hash = await sha256(bundle.commit);
    const own = await this.acknowledging.acknowledge(epoch, bundle.commit, hash);
    if (!own) return;
    this.#ballot = { bundle, epoch, hash, votes: [own], welcome };
    await this.poll();
  }

  async #count(): Promise<void> {
    const ballot = this.#ballot!;
    const { ctx, row } = this.state;
    const { id, generation, departed } = row;
    const mandate: Mandate = { votes: ballot.votes, departures: departed };
    if (!(await this.following.agreed(ballot.epoch, ballot.hash, mandate))) return;
    this.#ballot = null;
    const signature = await ctx.sealer.sign(orderedStatement(groupIdOf(id, generation, { by: 'closed' }), ballot.epoch, ballot.hash));
    if (!(await this.following.take(ballot.epoch, { commit: ballot.bundle.commit, signature, ...mandate }))) return;
    const { welcome, groupInfo } = ballot.bundle;
    for (const device of ballot.welcome)
      this.state.tell(device, { type: 'welcome', id, room: row.room, generation, welcome, groupInfo, ...row.mandate });
  }
}
