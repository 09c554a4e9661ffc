import type { Attachment, Mid, RoomId, UserId } from '../../../protocol/src/index.ts';
import type { Cell } from '../cell.ts';

/** How a file travels: from a member's device, by a TURN server between, or from the sealed storage. */
export type FileRoute = 'direct' | 'turn' | 'storage';

/** How far a file is on its way here. `have` counts sealed bytes, as FileView.size does; rates are bytes per second. */
export type FileComing =
  | { state: 'absent' }
  /** Wanted, and nobody who has it can be reached now. */
  | { state: 'waiting' }
  | { state: 'coming'; have: number; rate: number; route: FileRoute }
  | { state: 'checking' }
  | { state: 'here' }
  /** `damaged`: everybody who has it gave something else than was sealed; it was thrown away. */
  | { state: 'failed'; why: 'damaged' | 'no-space' };

/** A file on its way from here: to a person, or (null) into the sealed storage. */
export type FileGoing = { to: string | null; at: number; rate: number; route: FileRoute };

export type FileView = {
  coming: FileComing;
  /** Sealed bytes; 0 when this device knows nothing of the file. */
  size: number;
  going: FileGoing[];
  /** Own files: given to nobody any more. */
  withheld: boolean;
  /** Own files: for those who are away. `refused`: too large, or no room there: it goes directly only. */
  stored: 'no' | 'owed' | 'yes' | 'refused';
};

/** A file that is being made ready to be sent. `done` of `size` plain bytes are sealed. */
export type Attaching = {
  readonly progress: Cell<{ state: 'preparing' | 'sealing' | 'ready' | 'failed'; done: number; size: number }>;
  /** For `say`. Rejects with ConclaveError `unavailable` when this device has no room for it. */
  readonly attachment: Promise<Attachment>;
  /** It is not sent after all: nothing of it stays. */
  discard(): void;
};

export interface FilesHandle {
  /** False where this browser keeps no files: they can be neither sent nor received. */
  readonly available: boolean;
  /** Begins to scale (pictures), seal and keep a file. `beside`: what is known of a spoken message. */
  attach(room: RoomId, file: File, beside?: { duration?: number; voice?: number[] }): Attaching;
  view(id: string): Cell<FileView>;
  /** One wants it: it comes when somebody gives it, also after a reload. */
  fetch(room: RoomId, message: { mid: Mid; author: { user: UserId } }, attachment: Attachment): Promise<void>;
  /** No more now; what has come stays, and `fetch` goes on with it. */
  cancel(id: string): Promise<void>;
  /** Own files: gives it to nobody any more, or again. */
  withhold(id: string, on: boolean): Promise<void>;
  /** The plain file; `close` when it is not looked at any more. Throws ConclaveError `not-found` or `bad-request`. */
  open(attachment: Attachment): Promise<Blob>;
  close(id: string): void;
}
