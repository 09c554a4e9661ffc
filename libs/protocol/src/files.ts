import * as z from 'zod';
import { FileId } from './attachment.ts';

/*
 * Sealed files. A file is sealed in chunks of 64 KiB by AES-256-GCM under a key of its own (STREAM, Hoang et al. 2015): the nonce is 7 zero bytes,
 * the chunk's number u32, and 1 for the last chunk, 0 for others, so that no chunk can be changed, swapped, left out or put at the end unseen.
 * Each sealed chunk is 16 bytes longer. An empty file is one empty chunk.
 */
export const fileChunk = 64 * 1024;
export const fileTag = 16;
/** Bytes of one part in the sealed storage; only the last one is shorter. */
export const filePart = 4 * 1024 * 1024;
/** The hash of a file is the SHA-256 over the SHA-256 of each such stretch of the sealed bytes: so it can be gone on with after a pause. */
export const fileLeaf = 1024 * 1024;

export const chunksOf = (size: number): number => Math.max(1, Math.ceil(size / fileChunk));
/** How many sealed bytes a file of so many plain bytes has. */
export const sealedSize = (size: number): number => size + chunksOf(size) * fileTag;
/** How many parts, and how long one of them is. */
export const partsOf = (sealed: number): number => Math.ceil(sealed / filePart);
export const partLength = (sealed: number, n: number): number => Math.min(filePart, sealed - n * filePart);

/** POST /api/rooms/{room}/files: begins to store a sealed file, or goes on with it. `size`: sealed bytes. */
export const StoreFileRequest = z.strictObject({ id: FileId, size: z.number().int().min(fileTag).max(Number.MAX_SAFE_INTEGER) });
export type StoreFileRequest = z.infer<typeof StoreFileRequest>;

/** What the sealed storage has of a file. `parts`: those that are there, by number from 0. */
export const StoredFile = z.object({
  id: FileId,
  size: z.number().int(),
  parts: z.array(z.number().int()),
  complete: z.boolean(),
  /** Dropped then, ms since 1970. */
  expiresAt: z.number().int(),
});
export type StoredFile = z.infer<typeof StoredFile>;

/** In GET /api/config: what the house stores for those who are away. */
export const FileStorage = z.object({ maxBytes: z.number().int(), days: z.number().int() });
export type FileStorage = z.infer<typeof FileStorage>;
