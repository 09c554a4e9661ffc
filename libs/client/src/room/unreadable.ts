import { toBase64url } from '../../../protocol/src/index.ts';
import type { RoomContext } from './context.ts';
import { recent, type Notices } from './notices.ts';

const NAME = 'undecryptable';
/** Commitments that one notice waits for, and those of what came last: more than a burst brings, not enough to fill a store. */
const waitingMax = 200;
const cameMax = 500;

/**
 * Words that could not be opened here, shown as a number until they come another way: in a bundle, or as bytes that nobody damaged. All that can be
 * compared is the commitment that an envelope carries in the clear. Who forges one hides no more than this number: what an author's sequence
 * lacks is told as a gap, whatever the relay brought.
 */
export class Unreadable {
  readonly #waiting = new Set<string>();
  readonly #came = new Set<string>();

  constructor(
    private readonly ctx: Pick<RoomContext, 'clock'>,
    private readonly notices: Notices,
  ) {}

  async load(): Promise<void> {
    for (const { value } of await this.notices.named(NAME)) for (const each of value.waiting ?? []) this.#waiting.add(each);
  }

  /** `commitment`: null when nothing tells which words these were. */
  async lost(commitment: Uint8Array | null): Promise<void> {
    const words = commitment && toBase64url(commitment);
    if (words && (this.#came.has(words) || this.#waiting.has(words))) return;
    const [row] = (await this.notices.named(NAME, recent)).map(({ value }) => value);
    const count = row?.notice.kind === NAME ? row.notice.count : 0;
    const waiting = [...(row?.waiting ?? []), ...(words ? [words] : [])].slice(-waitingMax);
    if (words) this.#waiting.add(words);
    await this.notices.tell(NAME, { kind: NAME, count: count + 1 }, this.ctx.clock.now(), { waiting });
  }

  async came(commitment: Uint8Array): Promise<void> {
    const words = toBase64url(commitment);
    this.#came.add(words);
    for (const oldest of this.#came) {
      if (this.#came.size <= cameMax) break;
      this.#came.delete(oldest);
    }
    if (!this.#waiting.delete(words)) return;
    for (const { key, value } of await this.notices.named(NAME)) {
      const { notice, waiting = [] } = value;
      if (notice.kind !== NAME || !waiting.includes(words)) continue;
      if (notice.count <= 1) await this.notices.drop(key);
      else
        await this.notices.put(key, {
          ...value,
          notice: { ...notice, count: notice.count - 1 },
          waiting: waiting.filter((each) => each !== words),
        });
    }
  }
}
