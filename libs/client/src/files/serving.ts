import { encodeFileMessage, filePieceBytes, sealedSize, type DeviceId, type FileMessage } from '../../../protocol/src/index.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { FileLane } from '../mesh/file-lane.ts';
import { Meter } from './meter.ts';
import type { FileRow } from './rows.ts';
import type { Vault } from './vault.ts';

/** Files that one device is given at a time; further ones are asked for again later. */
const AT_ONCE = 4;
const BLOCK = 1024 * 1024;
/** Whoever asks for no more for so long has gone on elsewhere. */
const IDLE_MS = 60_000;
const TELL_MS = 200;

type Serving = {
  id: string;
  device: DeviceId;
  lane: FileLane;
  size: number;
  at: number;
  to: number;
  rate: number;
  stopped: boolean;
  wake: () => void;
};
/** One device that takes a file from here, now. */
export type ServingView = { device: DeviceId; at: number; rate: number };

export type ServingHooks = {
  vault: () => Promise<Vault>;
  /** What may be given to this device, or nothing. */
  file: (id: string, device: DeviceId) => FileRow | undefined;
  changed: (id: string) => void;
};

/** Gives files to devices that ask, several at a time, never faster than their links take them. */
export class FileServing {
  readonly #running = new Map<string, Serving>();

  constructor(
    private readonly mesh: Mesh,
    private readonly hooks: ServingHooks,
  ) {}

  /** Who is being given it. */
  of(id: string): ServingView[] {
    return [...this.#running.values()].filter((serving) => serving.id === id);
  }

  hear(device: DeviceId, message: FileMessage): void {
    const key = `${device} ${message.id}`;
    const lane = this.mesh.files(device);
    const running = this.#running.get(key);
    if (message.type === 'stop') this.#end(running);
    if (message.type !== 'want' || !lane) return;
    const row = this.hooks.file(message.id, device);
    if (!row || (!running && this.#countOf(device) >= AT_ONCE)) return this.#say(device, { type: 'not-here', id: message.id });
    const size = sealedSize(row.size);
    const to = Math.min(size, message.to);
    // What was asked over an earlier link is over: they begin where they are now.
    if (running && running.lane !== lane) this.#end(running);
    else if (running && !running.stopped) {
      running.to = Math.max(running.to, to);
      return running.wake();
    }
    if (message.from >= to) return;
    this.#begin(key, { id: message.id, device, lane, size, at: message.from, to, rate: 0, stopped: false, wake: () => undefined });
  }

  /** To nobody any more, and they are told. */
  stop(id: string): void {
    for (const serving of this.#running.values()) {
      if (serving.id !== id) continue;
      this.#end(serving);
      this.#say(serving.device, { type: 'stop', id });
    }
  }

  stopAll(): void {
    this.#running.forEach((serving) => this.#end(serving));
  }

  #begin(key: string, serving: Serving): void {
    this.#running.set(key, serving);
    void this.#run(serving).finally(() => {
      if (this.#running.get(key) === serving) this.#running.delete(key);
      this.hooks.changed(serving.id);
    });
  }

  async #run(serving: Serving): Promise<void> {
    const vault = await this.hooks.vault();
    const meter = new Meter();
    let told = 0;
    const read = (at: number) => (at < serving.to ? { at, block: vault.read(serving.id, at, Math.min(at + BLOCK, serving.to)) } : null);
    for (let next = read(serving.at); serving.at < serving.size && !serving.stopped;) {
      next ??= read(serving.at); // more may have been asked for meanwhile
      if (!next) {
        if (!(await moreWanted(serving))) return;
        continue;
      }
      const block = await next.block;
      if (block.length === 0) return; // it has gone meanwhile
      next = read(serving.at + block.length); // while this one leaves
      next?.block.catch(() => undefined); // heard of in the next turn
      if (!(await this.#send(serving, block))) return;
      serving.at += block.length;
      serving.rate = meter.mark(serving.at);
      if (Date.now() - told > TELL_MS) this.hooks.changed(serving.id);
      told = Date.now() - told > TELL_MS ? Date.now() : told;
    }
  }

  /** False when they have gone, or want no more. */
  async #send(serving: Serving, block: Uint8Array): Promise<boolean> {
    const { id, lane } = serving;
    for (let at = 0; at < block.length; at += filePieceBytes) {
      if ((!lane.free && !(await lane.ready())) || serving.stopped) return false;
      const bytes = block.subarray(at, at + filePieceBytes);
      if (!lane.send(encodeFileMessage({ type: 'piece', id, at: serving.at + at, bytes }))) return false;
    }
    return true;
  }

  #end(serving: Serving | undefined): void {
    if (!serving) return;
    serving.stopped = true;
    serving.wake();
  }

  #countOf(device: DeviceId): number {
    return [...this.#running.values()].filter((serving) => serving.device === device).length;
  }

  #say(device: DeviceId, message: FileMessage): void {
    void this.mesh
      .files(device)
      ?.ready()
      .then((ready) => ready && this.mesh.files(device)?.send(encodeFileMessage(message)));
  }
}

/** False when nothing more was asked for in a long while. */
async function moreWanted(serving: Serving): Promise<boolean> {
  const { to } = serving;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, IDLE_MS);
    serving.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  return serving.to > to && !serving.stopped;
}
