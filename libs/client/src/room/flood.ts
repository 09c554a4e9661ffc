import { ConclaveError, type Body, type Mid, type UserId } from '../../../protocol/src/index.ts';

/* MOD6, by content: the server cannot read, so devices keep these limits, the author's own first. */
export const flood = { messages: 20, perMs: 30_000, same: 3, sameWithinMs: 60_000, links: 10 } as const;

type Said = { at: number; text: string };

/** What one says oneself. Throws ConclaveError `slow-down` with words that say what is too much, and until when. */
export class OwnFlood {
  #said: Said[] = [];

  check(body: Body, now: number): void {
    if (body.kind !== 'text') return;
    const recent = this.#said.filter(({ at }) => now - at < flood.sameWithinMs);
    const lately = recent.filter(({ at }) => now - at < flood.perMs);
    if (lately.length >= flood.messages) throw slower('flood-messages', flood.perMs - (now - lately[0]!.at));
    if (linksIn(body.text) > flood.links) throw new ConclaveError('bad-request', `at most ${flood.links} links`, undefined, 'flood-links');
    const text = same(body);
    const again = recent.filter((said) => said.text === text);
    if (again.length >= flood.same) throw slower('flood-same', flood.sameWithinMs - (now - again[0]!.at));
    this.#said = [...recent, { at: now, text }];
  }
}

/** What others say: repetitions beyond the limit are folded where they are shown. A sender who keeps no limits floods nobody's screen. */
export class Repetitions {
  readonly #last = new Map<UserId, Said[]>();
  readonly #folded = new Set<Mid>();

  /** True when this one is folded. By the order's time, so that a late page of history is judged as it was said. */
  hear({ mid, user, order, body }: { mid: Mid; user: UserId; order: { ms: number }; body: Body }): boolean {
    if (body.kind !== 'text') return false;
    const recent = (this.#last.get(user) ?? []).filter(({ at }) => Math.abs(order.ms - at) < flood.sameWithinMs);
    const text = same(body);
    const many = recent.filter((said) => said.text === text).length >= flood.same || linksIn(body.text) > flood.links;
    this.#last.set(user, [...recent, { at: order.ms, text }].slice(-50));
    if (many) this.#folded.add(mid);
    if (this.#folded.size > 5_000) this.#folded.delete(this.#folded.values().next().value!);
    return many;
  }

  folds(mid: Mid): boolean {
    return this.#folded.has(mid);
  }
}

function slower(reason: string, waitMs: number): ConclaveError {
  return new ConclaveError('slow-down', 'too much at once', Math.max(1_000, Math.ceil(waitMs)), reason);
}
const linksIn = (text: string): number => text.match(/https?:\/\//gi)?.length ?? 0;
/** What makes two messages the same: their words, and their files. */
const same = ({ text, files = [] }: Extract<Body, { kind: 'text' }>): string => [folded(text), ...files.map(({ hash }) => hash)].join('\0');
const folded = (text: string): string => text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
