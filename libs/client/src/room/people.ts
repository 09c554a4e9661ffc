import type { Person, UserId } from '../../../protocol/src/index.ts';
import type { Store } from '../storage/store.ts';
import { MutableCell } from '../cell.ts';

/** Somebody one has met in a room. */
export type KnownPerson = { user: UserId; name: string; username: string; avatar: string | null };

type PersonRow = { username: string; displayName: string; avatar?: string | null };
/** `verified`: its safety number was compared (E2E4). `wasVerified`: that of the key before. */
type PinRow = { accountKey: string; changed: boolean; verified?: boolean; wasVerified?: boolean };

/** Names as the server last told them, kept for when it is gone; and account keys as first seen, which the server cannot change (E2E4). */
export class People {
  readonly #names = new Map<UserId, PersonRow>();
  readonly #pins = new Map<UserId, PinRow>();
  /** Counts up whenever a name or pin changes, for whoever shows them. */
  readonly changed = new MutableCell(0);

  constructor(private readonly store: Store) {}

  async load(): Promise<void> {
    for (const { key, value } of await this.store.range<PersonRow>('people', { prefix: '' })) this.#names.set(key, value);
    for (const { key, value } of await this.store.range<PinRow>('pins', { prefix: '' })) this.#pins.set(key, value);
  }

  name(user: UserId): string {
    return this.#names.get(user)?.displayName ?? 'Somebody';
  }
  username(user: UserId): string {
    return this.#names.get(user)?.username ?? '';
  }
  avatar(user: UserId): string | null {
    return this.#names.get(user)?.avatar ?? null;
  }
  keyChanged(user: UserId): boolean {
    return this.#pins.get(user)?.changed ?? false;
  }

  verified(user: UserId): boolean {
    return this.#pins.get(user)?.verified ?? false;
  }
  /** A verified contact has another key now, and nobody has looked at it: nothing is said to them before (E2E4). */
  suspect(user: UserId): boolean {
    const pin = this.#pins.get(user);
    return pin !== undefined && pin.changed && pin.wasVerified === true;
  }
  /** The account key as it was last seen in a group, base64url; null before. */
  accountKey(user: UserId): string | null {
    return this.#pins.get(user)?.accountKey ?? null;
  }
  /** Marks the key that is shown now, or takes the mark back. */
  async verify(user: UserId, accountKey: string, on: boolean): Promise<void> {
    const known = this.#pins.get(user);
    if (known?.accountKey === accountKey) await this.#write(user, { accountKey, changed: known.changed && !on, verified: on });
  }

  /** Everybody whose name was ever told. */
  get all(): KnownPerson[] {
    return [...this.#names].map(([user, { displayName: name, username, avatar = null }]) => ({ user, name, username, avatar }));
  }

  async met(persons: Person[]): Promise<void> {
    const fresh = persons.filter(({ id, username, displayName, avatar }) => {
      const known = this.#names.get(id);
      return known?.username !== username || known.displayName !== displayName || (known.avatar ?? null) !== avatar;
    });
    if (fresh.length === 0) return;
    for (const { id, username, displayName, avatar } of fresh) this.#names.set(id, { username, displayName, avatar });
    await this.store.write(fresh.map(({ id }) => ({ table: 'people', key: id, value: this.#names.get(id)! })));
    this.changed.update((n) => n + 1);
  }

  /** An account key seen in a group. True when it is another than the one pinned at first use: that is an event people must see. */
  async pin(user: UserId, accountKey: string): Promise<boolean> {
    const known = this.#pins.get(user);
    if (known?.accountKey === accountKey) return false;
    const wasVerified = known?.verified === true || known?.wasVerified === true;
    await this.#write(user, { accountKey, changed: known !== undefined, wasVerified });
    return known !== undefined;
  }

  async acknowledgeKey(user: UserId): Promise<void> {
    const known = this.#pins.get(user);
    if (known?.changed) await this.#write(user, { ...known, changed: false, wasVerified: false });
  }

  async #write(user: UserId, pin: PinRow): Promise<void> {
    this.#pins.set(user, pin);
    await this.store.write([{ table: 'pins', key: user, value: pin }]);
    this.changed.update((n) => n + 1);
  }
}
