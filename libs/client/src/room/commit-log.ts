import { encodeParts, limits, type RoomId } from '../../../protocol/src/index.ts';
import type { Store } from '../storage/store.ts';

type Kept = { commit: Uint8Array; signature: Uint8Array };

const pad = (value: number) => String(value).padStart(10, '0');

/** The latest commits with the server's signature over each: what a member can bring back to a server that has lost them (delivery.md D11). */
export class CommitLog {
  constructor(
    private readonly store: Store,
    private readonly room: RoomId,
  ) {}

  async keep(generation: number, epoch: number, commit: Uint8Array, signature: Uint8Array): Promise<void> {
    await this.store.write([
      { table: 'meta', key: this.#key(generation, epoch), value: { commit, signature } satisfies Kept },
      { table: 'meta', key: this.#key(generation, epoch - limits.commitsRestored), value: undefined },
    ]);
  }

  /** The bundle that leads from one epoch to another, or null when something of it is not here any more. */
  async between(generation: number, from: number, to: number): Promise<{ count: number; body: Uint8Array<ArrayBuffer> } | null> {
    const range = { prefix: this.#prefix(generation), after: this.#key(generation, from), before: this.#key(generation, to + 1) };
    const rows = await this.store.range<Kept>('meta', range);
    if (rows.length === 0 || rows.length !== to - from || rows.length > limits.commitsRestored) return null;
    const body = encodeParts(rows.flatMap(({ value }) => [value.commit, value.signature]));
    return body.length > limits.bundle ? null : { count: rows.length, body };
  }

  async forget(): Promise<void> {
    const rows = await this.store.range('meta', { prefix: `ordered/${this.room}/` });
    if (rows.length > 0) await this.store.write(rows.map(({ key }) => ({ table: 'meta', key, value: undefined })));
  }

  #prefix(generation: number): string {
    return `ordered/${this.room}/${pad(generation)}/`;
  }
  #key(generation: number, epoch: number): string {
    return `${this.#prefix(generation)}${pad(Math.max(0, epoch))}`;
  }
}
