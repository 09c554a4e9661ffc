import type { RoomId } from '../../../protocol/src/index.ts';
import { Emitter } from '../emitter.ts';
import type { EntryRow } from '../room/rows.ts';
import type { Range, Store, Table, Value, Write } from '../storage/store.ts';

/**
 * What the index has to look at again: a message by its key in the room, or the one that `target` names. `said`: the private conversation it
 * was said in.
 */
export type Note = { room: RoomId; key: string } | { room: RoomId; target: string; said: RoomId };
/** `gone`: words are to be found no more. */
export type Noted = { mark: string; note: Note; gone: boolean };

/** Marks stand beside the shards, until the shards are as they say. */
export const markPrefix = 'n/';

/**
 * A store that notes what happens to messages, in the same transaction: whoever writes one need not know of the search, and no crash makes
 * the index forget. Each mark is unique, so that taking one away never takes away what was noted since.
 */
export class NotedStore implements Store {
  readonly #noted = new Emitter<{ noted: Noted[] }>();
  readonly #session = Date.now().toString(36);
  #last = 0;

  constructor(private readonly inner: Store) {}

  onNoted(listener: (noted: Noted[]) => void): () => void {
    return this.#noted.on('noted', listener);
  }

  get<T extends Value>(table: Table, key: string): Promise<T | undefined> {
    return this.inner.get(table, key);
  }
  range<T extends Value>(table: Table, range: Range): Promise<{ key: string; value: T }[]> {
    return this.inner.range(table, range);
  }
  async write(writes: Write[]): Promise<void> {
    const noted = writes.flatMap((write) => this.#note(write));
    if (noted.length === 0) return this.inner.write(writes);
    await this.inner.write([...writes, ...noted.map(({ mark, note }) => ({ table: 'shards', key: mark, value: note }) as const)]);
    this.#noted.emit('noted', noted);
  }
  close(): Promise<void> {
    return this.inner.close();
  }
  destroy(): Promise<void> {
    return this.inner.destroy();
  }

  #note({ table, key, value }: Write): Noted[] {
    const [room = '', rest = ''] = key.split('/', 2);
    const mark = `${markPrefix}${this.#session}.${++this.#last}`;
    if (table === 'messages') return [{ mark, note: { room, key: rest }, gone: value === undefined }];
    const row = value as EntryRow | undefined;
    if (table !== 'operations' || !row || row.body.kind === 'react') return [];
    return [{ mark, note: { room, target: rest, said: row.private ?? room }, gone: row.body.kind === 'delete' }];
  }
}
