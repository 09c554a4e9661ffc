import type { Attachment } from '../../../protocol/src/index.ts';

/** What is sent in the place of a file that was chosen: a picture is scaled and has lost what its camera noted. */
export type Prepared = { blob: Blob; name: string; type: string; preview?: Attachment['preview'] };
export type Prepare = (file: File) => Promise<Prepared>;

/** Where there is nothing to scale with: as it is. */
export const asItIs: Prepare = async (file) => ({ blob: file, name: file.name, type: file.type });
