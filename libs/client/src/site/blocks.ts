import { BlockList, type UserId } from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import type { RestClient } from '../server/rest-client.ts';
import type { Store } from '../storage/store.ts';

/**
 * People one wants nothing of (MOD2): no direct conversation, and what they say in shared rooms is folded. The server keeps the list, so that
 * it holds on every device and nothing direct passes; a copy stays here for when it is gone.
 */
export class Blocks {
  readonly users = new MutableCell<ReadonlySet<UserId>>(new Set());

  constructor(
    private readonly rest: RestClient,
    private readonly store: () => Store | null,
  ) {}

  async load(): Promise<void> {
    const known = await this.store()?.get<UserId[]>('meta', 'blocks');
    this.users.set(new Set(known ?? []));
  }

  async refresh(): Promise<void> {
    await this.#set((await this.rest.as('GET', '/api/me/blocks', BlockList)).users);
  }

  async block(user: UserId): Promise<void> {
    await this.rest.ask('PUT', `/api/me/blocks/${user}`);
    await this.#set([...this.users.value, user]);
  }

  async unblock(user: UserId): Promise<void> {
    await this.rest.ask('DELETE', `/api/me/blocks/${user}`);
    await this.#set([...this.users.value].filter((each) => each !== user));
  }

  has(user: UserId): boolean {
    return this.users.value.has(user);
  }

  async #set(users: UserId[]): Promise<void> {
    await this.store()?.write([{ table: 'meta', key: 'blocks', value: users }]);
    this.users.set(new Set(users));
  }
}
