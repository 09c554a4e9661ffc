import type { RoomId } from '../../../protocol/src/index.ts';

export type ReadableFormat = 'json' | 'markdown';
/**
 * What became of the entries of an archive. `unproved`: added, but nothing here proves who wrote them. `refused`: forged or damaged. `elsewhere`: of
 * rooms that are not among one's own now.
 */
export type ImportResult = { added: number; known: number; unproved: number; refused: number; elsewhere: number };

/** One's history in a file and back (FIND4). `rooms` null: all of one's own. Files that were sent are not in it, only what opens them. */
export interface HistoryFiles {
  /** Sealed under a passphrase, in pieces. */
  sealed(passphrase: string, rooms: RoomId[] | null): AsyncIterable<Uint8Array<ArrayBuffer>>;
  /** For anybody to read, in pieces. */
  readable(format: ReadableFormat, rooms: RoomId[] | null): AsyncIterable<string>;
  /**
   * Adds what this device lacks; what it holds stays as it is. Throws ConclaveError: `bad-credentials` when the passphrase does not open it,
   * `bad-request` for a file that is none.
   */
  take(file: Blob, passphrase: string): Promise<ImportResult>;
}
