import type { Attachment } from '../../../../../libs/protocol/src/attachment.ts';

/*
 * What may be shown inside the page. The type is what an author claims: only these are ever given to the browser as what they are, and all of them
 * are drawn or played, never run. Everything else is bytes to be saved.
 */
const shown = new Map<string, 'picture' | 'sound' | 'film'>([
  ['image/jpeg', 'picture'],
  ['image/png', 'picture'],
  ['image/webp', 'picture'],
  ['image/gif', 'picture'],
  ['image/avif', 'picture'],
  ['audio/webm', 'sound'],
  ['audio/ogg', 'sound'],
  ['audio/mpeg', 'sound'],
  ['audio/mp4', 'sound'],
  ['audio/aac', 'sound'],
  ['audio/wav', 'sound'],
  ['audio/flac', 'sound'],
  ['video/mp4', 'film'],
  ['video/webm', 'film'],
  ['video/ogg', 'film'],
]);
const NEUTRAL = 'application/octet-stream';

const bare = (type: string): string => type.split(';', 1)[0]!.trim().toLowerCase();

export type FileKind = 'picture' | 'voice' | 'sound' | 'film' | 'other';

/** A picture without its measures was not drawn by its author's client: it is not shown. */
export function kindOf({ type, preview, voice }: Attachment): FileKind {
  const kind = shown.get(bare(type));
  if (kind === 'sound' && voice) return 'voice';
  if (kind === 'picture' && !preview) return 'other';
  return kind ?? 'other';
}

/** Under which the browser is given the bytes. */
export const safeType = ({ type }: Attachment): string => (shown.has(bare(type)) ? bare(type) : NEUTRAL);
