import * as z from 'zod';
import { base64url, DeviceId, RoomId, toBase64url } from '../../../protocol/src/index.ts';
import type { Roster } from '../sealing/sealer.ts';
import type { RoomContext } from './context.ts';
import type { AuthorRow } from './rows.ts';

const number = z.number().int().nonnegative();
/** What two members tell each other when their link opens, and after each commit: where they stand, and how far they have everybody's words. */
const Heads = z.object({
  type: z.literal('heads'),
  room: RoomId,
  generation: number,
  epoch: number,
  authenticator: base64url(43),
  /** Of each author: everything from the first to the last number is here. */
  heads: z.array(z.tuple([DeviceId, number, number])).max(256),
});
type Heads = z.infer<typeof Heads>;

export type AgreementHooks = {
  roster: () => Roster | null;
  authors: ReadonlyMap<DeviceId, AuthorRow>;
  /** This device's own last word that has left; 0 before the first. */
  said: () => number;
  /** `peer` has words of this author that are not here. */
  lacking: (author: DeviceId, from: number, to: number, peer: DeviceId) => Promise<void>;
  /** The server has shown two members two different groups. */
  split: () => Promise<void>;
};

const utf8 = new TextEncoder();
const afterCommitMs = 1_000;
/** While people talk, heads are compared this often: the last word of all is followed by none that could show that it is missing. */
const whileTalkingMs = 30_000;
const askedMax = 2_000;

/**
 * Members compare, over links no server stands between (E2E6, delivery.md D5): the same epoch with another authenticator means that the
 * server has split the room; a head beyond one's own means that something never came, be it an author's first or last word.
 */
export class Agreement {
  #greeted = new Set<DeviceId>();
  readonly #asked = new Map<string, number>();
  #splitAt: string | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #talking: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly ctx: RoomContext,
    private readonly hooks: AgreementHooks,
  ) {}

  /** True while a member is known to be in another group under the same epoch: nothing may be sealed. */
  get split(): boolean {
    const roster = this.hooks.roster();
    return roster !== null && this.#splitAt === placeOf(roster);
  }

  linksChanged(): void {
    const open = new Set(this.#open());
    for (const device of open) if (!this.#greeted.has(device)) this.#tell(device);
    this.#greeted = open;
  }

  /** Not at once: the others are applying the same commit. */
  epochChanged(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      for (const device of this.#open()) this.#tell(device);
    }, afterCommitMs);
  }

  /** Words have come, or left. */
  wordsMoved(): void {
    this.#talking ??= setTimeout(() => {
      this.#talking = null;
      for (const device of this.#open()) this.#tell(device);
    }, whileTalkingMs);
  }

  async hear(from: DeviceId, body: Uint8Array): Promise<void> {
    const roster = this.hooks.roster();
    if (!roster?.leaves.some(({ device }) => device === from)) return; // before anything of it is parsed
    const said = parse(body);
    if (!said || said.room !== this.ctx.room) return;
    if (placeOf(said) === placeOf(roster) && said.authenticator !== toBase64url(roster.authenticator)) {
      this.#splitAt = placeOf(roster);
      return this.hooks.split();
    }
    for (const [author, first, last] of said.heads) {
      const known = this.hooks.authors.get(author);
      if (author === this.ctx.me.device || (!known && !roster.leaves.some(({ device }) => device === author))) continue;
      const highest = known?.highest ?? 0;
      if (last > highest) await this.#ask(author, Math.max(first, highest + 1), last, from);
      else if (known && first < known.first) await this.#ask(author, first, known.first - 1, from);
    }
  }

  /** Twice at most for the same words: what was said before this device came is nobody's to give. */
  async #ask(author: DeviceId, first: number, last: number, peer: DeviceId): Promise<void> {
    const what = `${author} ${first} ${last}`;
    const asked = this.#asked.get(what) ?? 0;
    if (asked >= 2) return;
    if (this.#asked.size >= askedMax) this.#asked.clear();
    this.#asked.set(what, asked + 1);
    await this.hooks.lacking(author, first, last, peer);
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#talking) clearTimeout(this.#talking);
    this.#timer = this.#talking = null;
  }

  #open(): DeviceId[] {
    const { me, mesh } = this.ctx;
    const leaves = this.hooks.roster()?.leaves ?? [];
    return leaves.map(({ device }) => device).filter((device) => device !== me.device && mesh.reaches(device));
  }

  #tell(device: DeviceId): void {
    const roster = this.hooks.roster();
    if (!roster) return;
    const { generation, epoch } = roster;
    const { me } = this.ctx;
    const others = [...this.hooks.authors].filter(([author]) => author !== me.device);
    const heads = others.map(([author, { first, aseq }]): Heads['heads'][number] => [author, first, aseq]).slice(-255);
    if (this.hooks.said() > 0) heads.push([me.device, 1, this.hooks.said()]); // nobody else may have heard of it
    const said: Heads = { type: 'heads', room: this.ctx.room, generation, epoch, authenticator: toBase64url(roster.authenticator), heads };
    this.ctx.mesh.tell(device, utf8.encode(JSON.stringify(said)));
  }
}

const placeOf = ({ generation, epoch }: { generation: number; epoch: number }): string => `${generation}.${epoch}`;

/** Null when it is something else that members tell each other. */
function parse(body: Uint8Array): Heads | null {
  try {
    return Heads.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)));
  } catch {
    return null;
  }
}
