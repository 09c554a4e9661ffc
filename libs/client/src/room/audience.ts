import { toBase64url, type UserId } from '../../../protocol/src/index.ts';
import type { Roster } from '../sealing/sealer.ts';
import type { RoomContext } from './context.ts';

/** Accounts this person knows to be in the room: user and account key. */
type Row = { user: UserId; accountKey: string }[];

/**
 * To whom this person knows to speak (e2ee.md "Who may come in"): in rooms that are not open to all, the first words after somebody came, or
 * came back with another key, wait until they say "send anyway". So nobody whom a server slips in is ever spoken to unseen.
 */
export class Audience {
  #known: Row | null = null;

  constructor(private readonly ctx: RoomContext) {}

  async load(): Promise<void> {
    this.#known = (await this.ctx.store.get<Row>('meta', this.#key)) ?? null;
  }

  /** Whom one finds on coming in is whom one came to; who comes later has to be seen. */
  async moved(roster: Roster | null, accepted: readonly UserId[] = []): Promise<void> {
    if (!roster) return;
    if (this.#known === null) return this.#keep(accountsIn(roster));
    const fresh = accountsIn(roster).filter(({ user }) => user === this.ctx.me.user || accepted.includes(user));
    const unknown = fresh.filter((account) => !this.#knows(account));
    if (unknown.length > 0) await this.#keep([...this.#known, ...unknown]);
  }

  /** Nothing may be said before the person has seen who is there. */
  asks(roster: Roster): boolean {
    const { people, me } = this.ctx;
    if (roster.leaves.some(({ user }) => user !== me.user && people.suspect(user))) return true; // in any room (E2E4)
    if (roster.entry.by === 'open' || this.#known === null) return false;
    return accountsIn(roster).some((account) => !this.#knows(account) && !(roster.entry.by === 'direct' && this.#expected(account.user)));
  }

  /** "Send anyway": who is there now is known. */
  async acknowledge(roster: Roster | null): Promise<void> {
    if (roster) await this.#keep(accountsIn(roster));
  }

  async forget(): Promise<void> {
    await this.ctx.store.write([{ table: 'meta', key: this.#key, value: undefined }]);
    this.#known = null;
  }

  #knows({ user, accountKey }: Row[number]): boolean {
    return this.#known!.some((known) => known.user === user && known.accountKey === accountKey);
  }

  /** The other of a direct conversation, who comes for the first time, with the key by which they are known elsewhere. */
  #expected(user: UserId): boolean {
    return !this.#known!.some((known) => known.user === user) && !this.ctx.people.keyChanged(user);
  }

  async #keep(known: Row): Promise<void> {
    await this.ctx.store.write([{ table: 'meta', key: this.#key, value: known }]);
    this.#known = known;
  }

  get #key(): string {
    return `audience/${this.ctx.room}`;
  }
}

function accountsIn({ leaves }: Roster): Row {
  const byUser = new Map(leaves.map(({ user, accountKey }) => [user, toBase64url(accountKey)]));
  return [...byUser].map(([user, accountKey]) => ({ user, accountKey }));
}
