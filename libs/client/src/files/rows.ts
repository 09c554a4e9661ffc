import type { Attachment, Mid, RoomId, UserId } from '../../../protocol/src/index.ts';

/** What this device keeps of a file beside its bytes: table `files`, by id. Its key stays in the message. */
export type FileRow = {
  room: RoomId;
  /** The message that carries it; null while it is only attached. */
  mid: Mid | null;
  /** Who said it. */
  user: UserId;
  /** Plain bytes. */
  size: number;
  hash: string;
  /** All of it is here, and is what its author sealed. */
  complete: boolean;
  /** Somebody here wants it: it is gone on with after a reload. */
  wanted: boolean;
  /** Its author, on this device, gives it to nobody any more. */
  withheld: boolean;
  /** Sealed storage for those who are away: for others' files `no`. */
  stored: 'no' | 'owed' | 'yes' | 'refused';
  added: number;
};

/** What a room tells of its files. */
export interface FilesOfRooms {
  /** This device has said a message with these files. */
  said(room: RoomId, mid: Mid, files: Attachment[], stays: boolean): Promise<void>;
  /** Somebody else's message with files has come; pictures are fetched by themselves. */
  heard(room: RoomId, mid: Mid, user: UserId, files: Attachment[]): Promise<void>;
  /** The message has gone for good: so do its files. `by`: only if they are this person's. */
  gone(mid: Mid, by?: UserId): Promise<void>;
}
