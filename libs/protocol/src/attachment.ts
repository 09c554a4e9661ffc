import * as z from 'zod';
import { base64url } from './ids.ts';
import { limits } from './limits.ts';

/** Names a sealed file: 16 random bytes. Whoever knows it may fetch the sealed bytes; only members of the room learn it. */
export const FileId = base64url(22).min(22);
export type FileId = z.infer<typeof FileId>;

/** What a picture shows before it is there: its size in pixels, and a tiny blurred picture (WebP or JPEG, base64url). */
const Preview = z.object({
  width: z.number().int().min(1).max(16_384),
  height: z.number().int().min(1).max(16_384),
  blur: base64url(limits.filePreview).optional(),
});

/** The descriptor of a file inside a message: all that is needed to fetch, check and open it. Name, kind and key exist nowhere else (FILE1–FILE5). */
export const Attachment = z.object({
  id: FileId,
  /** AES-256-GCM key, 32 bytes. */
  key: base64url(43).min(43),
  /** Plain bytes. */
  size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  /** SHA-256 of the sealed bytes (files.ts): checked before the file is offered to open (FILE3). */
  hash: base64url(43).min(43),
  name: z.string().min(1).max(255),
  /** The media type its author's browser gave it; a hint for showing, never for running. */
  type: z.string().max(127),
  preview: Preview.optional(),
  /** Sound and film: how long it plays, ms. */
  duration: z.number().int().min(0).max(86_400_000).optional(),
  /** Spoken into the microphone (FILE5): 32 to 64 loudness values 0…100 to draw. */
  voice: z.array(z.number().int().min(0).max(100)).max(64).optional(),
});
export type Attachment = z.infer<typeof Attachment>;
