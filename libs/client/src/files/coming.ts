import { sealedSize, type DeviceId, type FileMessage } from '../../../protocol/src/index.ts';
import { backoff } from '../backoff.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { RestClient } from '../server/rest-client.ts';
import { StoreError } from '../storage/store.ts';
import type { FileComing } from '../views/files.ts';
import { FromDevice, type Outcome } from './from-device.ts';
import { fromStorage } from './from-storage.ts';
import { Inflow } from './inflow.ts';
import { Meter } from './meter.ts';
import type { FileRow } from './rows.ts';
import type { Vault } from './vault.ts';

export type ComingHooks = {
  mesh: Mesh;
  rest: RestClient;
  vault: Vault;
  /** The server can be asked. */
  online: () => boolean;
  changed: (coming: FileComing) => void;
};

/** Asked again soon, since its author may be about to store it, then ever less often. */
const lookAgain = { baseMs: 1_500, capMs: 30_000, floorMs: 500 };
const TELL_MS = 200;

/**
 * One file on its way here: from a member who is linked directly, else from the sealed storage, else it waits. What has come is kept over reloads.
 * Bytes that turn out not to be what was sealed are thrown away, and whoever gave some of them is asked no more (FILE3).
 */
export class Coming {
  #from: FromDevice | null = null;
  #cancelled = new AbortController();
  #wake: () => void = () => undefined;
  /** Asked in vain since something changed. */
  readonly #vain = new Set<string>();
  /** Gave bytes of this copy; and of a copy that was bad. */
  #givers = new Set<string>();
  readonly #liars = new Set<string>();
  readonly #size: number;
  #told = 0;
  #looks = 0;

  constructor(
    private readonly id: string,
    private readonly row: FileRow,
    private readonly hooks: ComingHooks,
  ) {
    this.#size = sealedSize(row.size);
  }

  /** True when all of it is here and checked; false when it was cancelled or cannot be had. */
  async run(): Promise<boolean> {
    try {
      while (!this.#cancelled.signal.aborted) {
        const have = await this.hooks.vault.have(this.id);
        if (have >= this.#size) {
          if (await this.#check()) return true;
          if (this.#nobodyLeft()) return this.#failed('damaged');
        } else if (!(await this.#more(have))) {
          if (this.#nobodyLeft()) return this.#failed('damaged');
          await this.#change();
        }
      }
      return this.#failed(null);
    } catch (error) {
      if (isFull(error)) return this.#failed('no-space');
      throw error;
    }
  }

  cancel(): void {
    this.#cancelled.abort();
    this.#from?.cancel();
    this.#wake();
  }

  hear(device: DeviceId, message: FileMessage): void {
    if (this.#from?.device === device) this.#from.hear(message);
  }

  /** Other devices are linked, or the server is there again. */
  changed(): void {
    this.#from?.linksChanged();
    this.#vain.clear();
    this.#wake();
  }

  async #check(): Promise<boolean> {
    const { vault, changed } = this.hooks;
    changed({ state: 'checking' });
    if (await vault.check(this.id, this.#size, this.row.hash)) return true;
    await vault.forget(this.id);
    for (const giver of this.#givers) this.#liars.add(giver);
    this.#givers.clear();
    return false;
  }

  /** Somebody gave something else than was sealed, and nobody is left who might give it right. */
  #nobodyLeft(): boolean {
    if (this.#liars.size === 0) return false;
    const left = [...this.hooks.mesh.linkedIn(this.row.room), ...(this.hooks.online() ? ['storage'] : [])];
    return !left.some((giver) => !this.#liars.has(giver) && !this.#vain.has(giver));
  }

  #failed(why: 'damaged' | 'no-space' | null): false {
    this.hooks.changed(why ? { state: 'failed', why } : { state: 'absent' });
    return false;
  }

  /** False when there is nobody to ask now. */
  async #more(have: number): Promise<boolean> {
    const { mesh, online } = this.hooks;
    const free = (giver: string) => !this.#vain.has(giver) && !this.#liars.has(giver);
    const device = mesh.linkedIn(this.row.room).find(free);
    const giver = device ?? (online() && free('storage') ? 'storage' : null);
    if (!giver) return false;
    const outcome = device ? await this.#fromDevice(device, have) : await this.#fromStorage(have);
    if (outcome !== 'all' && outcome !== 'cancelled') this.#vain.add(giver);
    return true;
  }

  async #fromDevice(device: DeviceId, have: number): Promise<Outcome> {
    const { mesh } = this.hooks;
    const inflow = this.#inflow(device, have, mesh.reach(device, true) === 'turn' ? 'turn' : 'direct');
    this.#from = new FromDevice(mesh, device, this.id, this.#size, inflow);
    try {
      return await this.#from.run();
    } finally {
      this.#from = null;
    }
  }

  #fromStorage(have: number): Promise<'all' | 'none' | 'broken'> {
    const { room } = this.row;
    const place = { room, id: this.id, size: this.#size };
    return fromStorage(this.hooks.rest, place, this.#inflow('storage', have, 'storage'), this.#cancelled.signal);
  }

  #inflow(giver: string, have: number, route: 'direct' | 'turn' | 'storage'): Inflow {
    const meter = new Meter();
    meter.mark(have);
    return new Inflow(this.hooks.vault, this.id, have, (written) => {
      this.#givers.add(giver);
      this.#looks = 0;
      this.#from?.askOn();
      const rate = meter.mark(written);
      if (Date.now() - this.#told < TELL_MS) return;
      this.#told = Date.now();
      this.hooks.changed({ state: 'coming', have: written, rate, route });
    });
  }

  /** Until something changes, or a while has passed. */
  async #change(): Promise<void> {
    this.hooks.changed({ state: 'waiting' });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, backoff(this.#looks++, lookAgain));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#cancelled.signal.aborted) this.#wake();
    });
    this.#vain.clear();
  }
}

const isFull = (error: unknown) => error instanceof StoreError && error.code === 'full';
