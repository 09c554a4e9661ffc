import { encodeFileMessage, type DeviceId, type FileMessage } from '../../../protocol/src/index.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { FileLane } from '../mesh/file-lane.ts';
import type { Inflow } from './inflow.ts';

/** `none`: they do not have it; `silent`: nothing came for a while; `ended`: the link has gone, or they have stopped. */
export type Outcome = 'all' | 'none' | 'silent' | 'ended' | 'cancelled';

/** No more than this is asked for beyond what is written: what a slow disk leaves waiting stays small. */
const WINDOW = 16 * 1024 * 1024;
const FIRST_MS = 4_000;
const SILENT_MS = 10_000;

/** Pulls one file from one device, over the channel for files. */
export class FromDevice {
  readonly #lane: FileLane | null;
  #asked = 0;
  #repeated = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #over: (outcome: Outcome) => void = () => undefined;
  #ended = false;

  constructor(
    private readonly mesh: Mesh,
    readonly device: DeviceId,
    private readonly id: string,
    private readonly size: number,
    private readonly inflow: Inflow,
  ) {
    this.#lane = mesh.files(device);
  }

  async run(): Promise<Outcome> {
    const outcome = await new Promise<Outcome>((resolve) => {
      this.#over = (outcome) => {
        this.#ended = true;
        resolve(outcome);
      };
      void this.#begin();
    });
    if (this.#timer) clearTimeout(this.#timer);
    if (outcome === 'cancelled' || outcome === 'silent') this.#say({ type: 'stop', id: this.id });
    await this.inflow.flush();
    return outcome;
  }

  cancel(): void {
    this.#over('cancelled');
  }

  /** The link to the device is not what it was. */
  linksChanged(): void {
    if (this.mesh.files(this.device) !== this.#lane) this.#over('ended');
  }

  hear(message: FileMessage): void {
    if (this.#ended) return;
    if (message.type === 'not-here') return this.#over('none');
    if (message.type === 'stop') return this.#over('ended');
    if (message.type !== 'piece' || message.at !== this.inflow.next) return; // of something that was asked before
    this.#await(SILENT_MS);
    this.inflow.take(message.bytes.subarray(0, this.size - message.at));
    if (this.inflow.failure !== null) return this.#over('cancelled');
    if (this.inflow.next === this.size) return this.#over('all');
    this.askOn();
  }

  /** More, once enough of it is on the disk. */
  askOn(): void {
    const to = Math.min(this.size, this.inflow.written + WINDOW);
    if (!this.#ended && to > this.#asked && (to === this.size || to - this.#asked >= WINDOW / 4)) this.#ask(to);
  }

  async #begin(): Promise<void> {
    if (!(await this.#lane?.ready())) return this.#over('ended');
    this.#ask(Math.min(this.size, this.inflow.next + WINDOW));
    this.#await(FIRST_MS);
  }

  #ask(to: number): void {
    this.#asked = to;
    this.#say({ type: 'want', id: this.id, from: this.inflow.next, to });
  }

  /** The first question may have come before the other end had proved who asks: it is asked twice. */
  #await(ms: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#repeated || ms === SILENT_MS) return this.#over('silent');
      this.#repeated = true;
      this.#ask(this.#asked);
      this.#await(FIRST_MS);
    }, ms);
  }

  #say(message: FileMessage): void {
    this.#lane?.send(encodeFileMessage(message));
  }
}
