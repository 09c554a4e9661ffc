import type { UserId } from '../../../protocol/src/index.ts';
import { databaseName, peekIdbStore } from './idb-store.ts';
import { StoreError, type Store } from './store.ts';

export type Snapshot = Pick<Store, 'get'> & { close(): void };

/** What this browser stores of an account, to read beside its owner. Null where there is nothing, or it is locked. */
export async function snapshotOf(user: UserId): Promise<Snapshot | null> {
  try {
    return await peekIdbStore(databaseName(user));
  } catch (error) {
    if (error instanceof StoreError && error.code === 'locked') return null;
    throw error;
  }
}
