import { limits, toBase64url } from '../../../protocol/src/index.ts';
import { bareGif, gifLimit } from './gif.ts';
import { asItIs, type Prepare, type Prepared } from './prepare.ts';

/** The longer side of a picture that is sent, and of the blurred one that is shown before it is there, in pixels. */
const SIDE = 2560;
const BLUR = 32;
/** Drawn anew, and so without what a camera noted. SVG is a document, not a picture: it is sent as it is, and never shown. */
const drawn = /^image\/(jpeg|png|webp|avif|heic|heif|bmp|tiff)$/;

type Bitmap = Pick<ImageBitmap, 'width' | 'height'> & ImageBitmap;

/**
 * In a worker: pictures are scaled down and drawn anew; a GIF keeps its frames, and nothing that was noted beside them. What cannot be drawn, or is no whole
 * GIF, is no picture: it is sent as it is, without a preview, by which whoever sends it is told.
 */
export const preparePicture: Prepare = async (file) => {
  const animated = file.type === 'image/gif';
  if (!animated && !drawn.test(file.type)) return asItIs(file);
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return untouched(file);
  try {
    const canvas = draw(bitmap, SIDE);
    const preview = { width: canvas.width, height: canvas.height, ...(await blurred(bitmap)) };
    if (animated) {
      const parts = file.size <= gifLimit ? bareGif(new Uint8Array(await file.arrayBuffer())) : null;
      return parts ? { blob: new Blob(parts, { type: file.type }), name: file.name, type: file.type, preview } : untouched(file);
    }
    const type = file.type === 'image/jpeg' || /hei[cf]$/.test(file.type) ? 'image/jpeg' : 'image/webp';
    const blob = await canvas.convertToBlob({ type, quality: 0.88 });
    return { blob, name: named(file.name, blob.type), type: blob.type, preview };
  } finally {
    bitmap.close();
  }
};

const untouched = (file: File): Prepared => ({ blob: file, name: file.name, type: 'application/octet-stream' });

function draw(bitmap: Bitmap, side: number): OffscreenCanvas {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Tiny; the screen blurs it. Nothing where the browser cannot make it small enough. */
async function blurred(bitmap: Bitmap): Promise<{ blur?: string }> {
  for (const [side, type] of [
    [BLUR, 'image/webp'],
    [BLUR, 'image/jpeg'],
    [BLUR / 2, 'image/jpeg'],
  ] as const) {
    const blob = await draw(bitmap, side).convertToBlob({ type, quality: 0.4 });
    const blur = toBase64url(new Uint8Array(await blob.arrayBuffer()));
    if (blob.type === type && blur.length <= limits.filePreview) return { blur };
  }
  return {};
}

/** With the ending of what it is now. */
function named(name: string, type: string): string {
  const ending = type === 'image/jpeg' ? 'jpg' : type.slice('image/'.length);
  return `${name.replace(/\.[^.]{1,5}$/, '')}.${ending}`;
}
