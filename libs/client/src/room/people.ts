import type { Person, UserId } from '../../../protocol/src/index.ts';
import type { Store } from '../storage/store.ts';
import { MutableCell } from '../cell.ts';

type PersonRow = { username: string; displayName: string };
type PinRow = { accountKey: string; changed: boolean };

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
  keyChanged(user: UserId): boolean {
    return this.#pins.get(user)?.changed ?? false;
  }

  async met(persons: Person[]): Promise<void> {
    const fresh = persons.filter(({ id, username, displayName }) => {
      const known = this.#names.get(id);
      return known?.username !== username || known.displayName !== displayName;
    });
    if (fresh.length === 0) return;
    for (const { id, username, displayName } of fresh) this.#names.set(id, { username, displayName });
    await this.store.write(fresh.map(({ id }) => ({ table: 'people', key: id, value: this.#names.get(id)! })));
    this.changed.update((n) => n + 1);
  }

  /** An account key seen in a group. True when it is another than the one pinned at first use: that is an event people must see. */
  async pin(user: UserId, accountKey: string): Promise<boolean> {
    const known = this.#pins.get(user);
    if (known?.accountKey === accountKey) return false;
    await this.#write(user, { accountKey, changed: known !== undefined });
    return known !== undefined;
  }

  async acknowledgeKey(user: UserId): Promise<void> {
    const known = this.#pins.get(user);
    if (known?.changed) await this.#write(user, { ...known, changed: false });
  }

  async #write(user: UserId, pin: PinRow): Promise<void> {
    this.#pins.set(user, pin);
    await this.store.write([{ table: 'pins', key: user, value: pin }]);
    this.changed.update((n) => n + 1);
  }
}
